import CoreMetrics
import Foundation
import Synchronization

/// Counters, gauges and histograms by name and labels, in Prometheus' text format: what swift-metrics records into.
///
/// One of its own for each service; a program that runs a single one hands it to `MetricsSystem.bootstrap`, so that the libraries' metrics come along.
package final class Registry: MetricsFactory, Sendable {
    /// What one name and its labels count.
    package final class Series: Sendable {
        package let labels: String
        fileprivate let value = Mutex(0.0)
        /// Upper bounds of a histogram's buckets; `nil` for a single number.
        fileprivate let bounds: [Double]?
        fileprivate let buckets: Mutex<(counts: [UInt64], sum: Double)>
        /// Of a gauge that is measured when it is asked for: the round in which it was last.
        fileprivate let round = Mutex<Int?>(nil)

        fileprivate init(labels: String, bounds: [Double]?) {
            (self.labels, self.bounds) = (labels, bounds)
            buckets = Mutex(([UInt64](repeating: 0, count: (bounds?.count ?? 0) + 1), 0))
        }

        package func add(_ amount: Double) { value.withLock { $0 += amount } }
        package func set(_ amount: Double) { value.withLock { $0 = amount } }

        /// Takes values into the buckets, under one lock.
        package func observe(_ values: some Sequence<Double>) {
            guard let bounds else { return }
            buckets.withLock { state in
                for value in values {
                    state.counts[bounds.firstIndex { value <= $0 } ?? bounds.count] += 1
                    state.sum += value.isFinite ? value : 0
                }
            }
        }
    }

    private struct Family { let kind: String, help: String, bounds: [Double]?; var series: [String: Series] = [:] }
    private let families = Mutex<[String: Family]>([:])
    private let rounds = Mutex(0)
    /// Series of one name at most; further labels share one series, so that no client can fill the memory.
    package static let seriesLimit = 1_000

    /// Seconds.
    package static let times = [0.0005, 0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1, 2.5, 5, 10, 30]
    /// Nats.
    package static let energies: [Double] = [-50, -20, -10, -5, -2, -1, 0, 1, 2, 5, 10, 20, 50, 100, 200, 500, 1_000]

    package init() {}

    /// The series of a name and its labels.
    package func series(_ name: String, _ kind: String, help: String, labels: [(String, String)] = [], bounds: [Double]? = nil) -> Series {
        let key = labels.map { "\(Self.plain($0.0))=\"\(Self.escaped($0.1))\"" }.joined(separator: ",")
        return families.withLock { families in
            let name = Self.plain(name)
            var family = families[name] ?? Family(kind: kind, help: help, bounds: bounds)
            if let found = family.series[key] { return found }
            let label = family.series.count < Self.seriesLimit ? key : "other=\"true\"", made = family.series[label] ?? Series(labels: label, bounds: family.bounds)
            family.series[label] = made
            families[name] = family
            return made
        }
    }

    /// Measures gauges afresh, and forgets those that were measured before and now are not: of a model that is gone, or of energies that nobody has sent to a
    /// new one. Rounds may overlap: each keeps all that was measured since it began.
    package func measuring(_ body: () async throws -> Void) async rethrows {
        let begin = rounds.withLock { $0 += 1; return $0 }
        try await body()
        families.withLock { families in
            families = families.compactMapValues { family in
                var kept = family
                kept.series = family.series.filter { $0.value.round.withLock { $0.map { $0 >= begin } ?? true } }
                return kept.series.isEmpty ? nil : kept
            }
        }
    }

    /// Sets a gauge that belongs to the present round.
    package func measure(_ name: String, help: String, labels: [(String, String)], _ value: Double) {
        let found = series(name, "gauge", help: help, labels: labels), round = rounds.withLock { $0 }
        found.round.withLock { $0 = round }
        found.set(value)
    }

    /// All of it, as Prometheus reads it.
    package var text: String {
        let families = families.withLock { $0 }
        return families.sorted { $0.key < $1.key }.map { name, family in
            let head = "# HELP \(name) \(family.help)\n# TYPE \(name) \(family.kind)\n"
            return head + family.series.sorted { $0.key < $1.key }.map { Self.lines(name, $0.value) }.joined()
        }.joined()
    }

    private static func lines(_ name: String, _ series: Series) -> String {
        func line(_ suffix: String, _ labels: String, _ value: String) -> String { name + suffix + (labels.isEmpty ? "" : "{\(labels)}") + " \(value)\n" }
        guard let bounds = series.bounds else { return line("", series.labels, number(series.value.withLock { $0 })) }
        let (counts, sum) = series.buckets.withLock { $0 }, prefix = series.labels.isEmpty ? "" : series.labels + ","
        var total: UInt64 = 0, result = ""
        for (index, bound) in (bounds.map(number) + ["+Inf"]).enumerated() {
            total += counts[index]
            result += line("_bucket", prefix + "le=\"\(bound)\"", String(total))
        }
        return result + line("_sum", series.labels, number(sum)) + line("_count", series.labels, String(total))
    }

    private static func number(_ value: Double) -> String {
        value.isNaN ? "NaN" : value.isInfinite ? (value > 0 ? "+Inf" : "-Inf") : value == value.rounded() && abs(value) < 1e15 ? String(Int(value)) : "\(value)"
    }

    /// A name in the letters that Prometheus allows.
    private static func plain(_ name: String) -> String {
        let letters = name.unicodeScalars.map { "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_:".unicodeScalars.contains($0) ? Character($0) : "_" }
        return (letters.first?.isNumber ?? true ? "_" : "") + String(letters)
    }

    private static func escaped(_ value: String) -> String { String(value.prefix(200)).replacing("\\", with: "\\\\").replacing("\"", with: "\\\"").replacing("\n", with: "\\n") }
}

// MARK: - swift-metrics

extension Registry {
    package func makeCounter(label: String, dimensions: [(String, String)]) -> any CounterHandler { CountingHandler(series: series(label, "counter", help: label, labels: dimensions)) }
    package func makeRecorder(label: String, dimensions: [(String, String)], aggregate: Bool) -> any RecorderHandler {
        RecordingHandler(series: series(label, aggregate ? "histogram" : "gauge", help: label, labels: dimensions, bounds: aggregate ? Self.energies : nil))
    }
    package func makeTimer(label: String, dimensions: [(String, String)]) -> any TimerHandler { TimingHandler(series: series(label, "histogram", help: label, labels: dimensions, bounds: Self.times)) }
    package func destroyCounter(_ handler: any CounterHandler) {}
    package func destroyRecorder(_ handler: any RecorderHandler) {}
    package func destroyTimer(_ handler: any TimerHandler) {}
}

private final class CountingHandler: CounterHandler {
    let series: Registry.Series
    init(series: Registry.Series) { self.series = series }
    func increment(by amount: Int64) { series.add(Double(amount)) }
    func reset() { series.set(0) }
}

private final class RecordingHandler: RecorderHandler {
    let series: Registry.Series
    init(series: Registry.Series) { self.series = series }
    func record(_ value: Int64) { record(Double(value)) }
    func record(_ value: Double) { series.bounds == nil ? series.set(value) : series.observe(CollectionOfOne(value)) }
}

private final class TimingHandler: TimerHandler {
    let series: Registry.Series
    init(series: Registry.Series) { self.series = series }
    func recordNanoseconds(_ duration: Int64) { series.observe(CollectionOfOne(Double(duration) * 1e-9)) }
}
