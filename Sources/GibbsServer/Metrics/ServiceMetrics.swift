import CoreMetrics
import Foundation
import Hummingbird
import Synchronization

/// What the service tells of itself.
package final class ServiceMetrics: Sendable {
    package let registry = Registry()
    private let requests = Mutex<[String: (counter: Counter, timer: CoreMetrics.Timer)]>([:])
    private let energies = Mutex<[String: Registry.Series]>([:])

    package init() {}

    /// A request was answered.
    package func answered(_ route: String, status: Int, after duration: Duration) {
        let key = "\(route) \(status)"
        let handles = requests.withLock { requests in
            if let found = requests[key] { return found }
            let made = (counter: Counter(label: "gibbs_requests_total", dimensions: [("route", route), ("status", String(status))], factory: registry),
                        timer: CoreMetrics.Timer(label: "gibbs_request_seconds", dimensions: [("route", route)], factory: registry))
            requests[key] = made
            return made
        }
        handles.counter.increment()
        let (seconds, attoseconds) = duration.components
        handles.timer.recordNanoseconds(seconds * 1_000_000_000 + attoseconds / 1_000_000_000)
    }

    /// Rows, or a stream's events, were scored.
    package func scored(_ model: String, _ values: some Collection<Float>) {
        let series = energies.withLock { energies in
            if let found = energies[model] { return found }
            let made = registry.series("gibbs_energy_nats", "histogram", help: "Energies of scored rows, or scores of a stream's events", labels: [("model", model)], bounds: Registry.energies)
            energies[model] = made
            return made
        }
        series.observe(values.lazy.map(Double.init))
    }

    /// A number as it is now; see `Registry.measuring`.
    package func gauge(_ name: String, _ help: String, _ labels: [(String, String)], _ value: Double) { registry.measure(name, help: help, labels: labels, value) }

    /// How far energies of late lie from the calibration's, and how many they are: by chance alone twenty have a PSI of a third.
    package func drift(_ model: String, _ reading: ScoreDrift.Reading) {
        let labels = [("model", model)]
        gauge("gibbs_drift_psi", "Population stability index of energies against the calibration", labels, reading.psi)
        gauge("gibbs_drift_ks", "Largest distance of distribution functions against the calibration", labels, reading.ks)
        gauge("gibbs_drift_energies", "Energies of late that PSI and KS rest on", labels, reading.count.rounded())
    }

    /// A number that only grows.
    package func count(_ name: String, _ help: String, _ labels: [(String, String)], by amount: Int = 1) { registry.series(name, "counter", help: help, labels: labels).add(Double(amount)) }
}

/// Counts requests by route and status, and how long each took until its answer began.
struct MeasureMiddleware: RouterMiddleware {
    package let metrics: ServiceMetrics

    func handle(_ request: Request, context: ServiceContext, next: (Request, ServiceContext) async throws -> Response) async throws -> Response {
        let begin = ContinuousClock.now, response = try await next(request, context)
        metrics.answered("\(request.method.rawValue) \(context.endpointPath ?? "other")", status: response.status.code, after: .now - begin)
        return response
    }
}
