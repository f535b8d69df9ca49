import Foundation
import Gibbs

/// What a trace's energy would be worth had its statistic been chosen without the attacks that judge it: by normal traces alone, and by half of the kinds of
/// attacks for the other half, both ways.
enum Traces {
    /// One number from the surprises of a trace.
    static let statistics: [(name: String, of: @Sendable ([Float]) -> Float)] = [
        ("mean", { $0.reduce(0, +) / Float($0.count) }),
        ("middle half", { middle($0, cut: 4) }),
        ("middle three quarters", { middle($0, cut: 8) }),
        ("median", { Statistics.median($0) }),
        ("third quartile", { Statistics.quantile(0.75, of: $0) }),
        ("ninth decile", { Statistics.quantile(0.9, of: $0) }),
        ("largest", { $0.max()! }),
        ("mean of the costliest tenth", { surprises in
            let top = surprises.sorted().suffix(max(1, surprises.count / 10))
            return top.reduce(0, +) / Float(top.count)
        }),
        ("sum", { $0.reduce(0, +) }),
    ]

    private static func middle(_ surprises: [Float], cut: Int) -> Float {
        let left = surprises.count / cut, kept = surprises.sorted()[left ..< surprises.count - left]
        return kept.reduce(0, +) / Float(kept.count)
    }

    static func run(folder: String, options: SessionOptions) throws {
        func read(_ name: String) throws -> EventSequences { try EventSequences(sessionsIn: folder + "/adfa-ld/" + name + ".tsv.gz") }
        let train = try read("train_normal"), attack = try read("attack"), order = Key(options.seed).folding(77).permutation(train.sessions.count), held = order.count / 4
        var options = options
        (options.kind, options.calibrationShare, options.falseAlarmRate) = (.trace, 0, nil)
        let watchdog = try EventWatchdog.fitted(to: train.selecting(order.dropFirst(held).sorted()), options: options)
        func surprises(_ sequences: EventSequences) throws -> [[Float]] {
            try watchdog.energy.surprises(of: sequences).map { $0.map { $0.reduce(0, +) } }
        }
        let fresh = try surprises(train.selecting(order.prefix(held).sorted())), normal = try surprises(read("validation_normal")), strange = try surprises(attack)
        let kinds = attack.sessions.map { $0.id.replacing(/_[0-9]+\/.*/, with: "") }
        agreement(fresh, normal, strange, seed: options.seed)
        halves(normal, strange, kinds, seed: options.seed)
    }

    private static func auroc(_ a: [Float], _ b: [Float]) -> Double { Ranking.auroc(scores: a + b, positive: a.map { _ in false } + b.map { _ in true }) }

    /// By the correlation over fresh normal traces between two halves of a trace, in blocks of ten events by turns: what says the same of both halves says
    /// something of the trace.
    private static func agreement(_ fresh: [[Float]], _ normal: [[Float]], _ strange: [[Float]], seed: UInt64) {
        let long = fresh.filter { $0.count >= 40 }
        var found = [(name: String, agreement: Double, auroc: Double)]()
        for (name, of) in statistics {
            func half(_ parity: Int) -> [Double] { long.map { trace in Double(of(trace.indices.filter { $0 / 10 % 2 == parity }.map { trace[$0] })) } }
            found.append((name, correlation(half(0), half(1)), auroc(normal.map(of), strange.map(of))))
        }
        let chosen = found.max { $0.agreement < $1.agreement }!
        report("sessions-adfa-ld-by-normal", "auroc", chosen.auroc, ["key": seed, "chosen": chosen.name, "traces": long.count])
        for one in found { report("sessions-adfa-ld-statistic", "auroc", one.auroc, ["key": seed, "statistic": one.name, "agreement": one.agreement]) }
    }

    /// By three of the six kinds of attacks and one half of the validation traces, judged on the other three and the other half: all twenty ways.
    private static func halves(_ normal: [[Float]], _ strange: [[Float]], _ kinds: [String], seed: UInt64) {
        let names = Set(kinds).sorted(), scores = statistics.map { (normal.map($0.of), strange.map($0.of)) }
        var judged = [Double](), best = [Double](), chosen = [String: Int]()
        for mask in 0 ..< 1 << names.count where mask.nonzeroBitCount == names.count / 2 {
            let known = Set(names.indices.filter { mask >> $0 & 1 == 1 }.map { names[$0] })
            func value(_ statistic: Int, isKnown: Bool) -> Double {
                auroc(scores[statistic].0.enumerated().filter { ($0.offset % 2 == 0) == isKnown }.map(\.element),
                      zip(scores[statistic].1, kinds).filter { known.contains($1) == isKnown }.map(\.0))
            }
            let pick = statistics.indices.max { value($0, isKnown: true) < value($1, isKnown: true) }!
            judged.append(value(pick, isKnown: false))
            best.append(statistics.indices.map { value($0, isKnown: false) }.max()!)
            chosen[statistics[pick].name, default: 0] += 1
        }
        report("sessions-adfa-ld-by-other-attacks", "auroc", Statistics.mean(judged), [
            "key": seed, "ways": judged.count, "lowest": judged.min()!, "highest": judged.max()!, "hindsight": Statistics.mean(best), "chosen": chosen])
    }

    private static func correlation(_ x: [Double], _ y: [Double]) -> Double {
        let (a, b) = (Statistics.mean(x), Statistics.mean(y))
        return zip(x, y).reduce(0) { $0 + ($1.0 - a) * ($1.1 - b) } / Double(x.count) / (deviation(x) * deviation(y))
    }

    private static func deviation(_ x: [Double]) -> Double {
        let mean = Statistics.mean(x)
        return (x.reduce(0) { $0 + ($1 - mean) * ($1 - mean) } / Double(x.count)).squareRoot()
    }
}
