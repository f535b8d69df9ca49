import Foundation
import GibbsCore
import GibbsMachines
import GibbsNumerics

extension StreamRanking {
    /// What is left out of a fit at a time.
    public enum Fold: String, Sendable, Hashable, CaseIterable {
        /// Whole entities: does this one do what the others do? Someone whose work nobody else does is strange.
        case entity
        /// Whole days: do they do today what they and the others do on the other days?
        case day
    }

    /// Ranks the entities of one log by models that have not learned from what they judge, so that one log is enough.
    ///
    /// The trusted events are cut into folds. Each fold is judged by a model of the trusted events outside it, scores beginning at zero; all
    /// other entities by one of these models too. P-values compare with the days of *other* trusted entities, or with these entities, each
    /// by the model that has not learned from it.
    ///
    /// - Parameters:
    ///   - trusted: Which entities are known as normal; all of them where `nil`, which is right where the strange are few.
    ///   - fold: What is left out; of days every `folds`-th, so that every fold has some of all that changes in weeks.
    ///   - folds: Their number, at least 2; no more are made than there are trusted entities, or days.
    ///   - order: By what.
    ///   - explained: How many places, from the first, get reasons.
    ///   - report: Sees the number of the fold, from 1, of how many, and the epochs of every field.
    /// - Throws: `GibbsError` with code `.usage` for less than two folds, `.unsuitableData` for trusted events that cannot be cut in two.
    /// - Complexity: `folds` fits.
    /// - Source: Cross-conformal prediction: Vovk, *Cross-conformal predictors*, Annals of Mathematics and AI 2015. Here a p-value is of the
    ///   strangest day of an entity, by which it is smaller than one of a day chosen beforehand.
    public static func crossFitted(to log: EventLog, entity: String, time: String?, trusted: [Bool]? = nil, by fold: Fold = .entity, folds: Int = 5, order: Order = .score,
                                   explained: Int = .max, options: StreamOptions = .init(),
                                   report: (_ fold: Int, _ folds: Int, _ field: String, Epoch<ConditionalRBM>) throws -> Void = { _, _, _, _ in }) throws -> StreamRanking {
        guard folds >= 2 else { throw GibbsError(.usage, "\(folds) folds", advice: "give at least 2") }
        let isTrusted = trusted ?? [Bool](repeating: true, count: log.entities.count), normal = log.keeping(isTrusted)
        let schema = try EventSchema(of: normal, entity: entity, time: time, options: options)
        let plain = log.selecting(schema.columns), cut = try Cut(normal, fold, folds)
        let normalFolds = (0 ..< normal.count).map { cut.fold($0, of: normal) }, allFolds = (0 ..< plain.count).map { cut.fold($0, of: plain) }
        var judges = [Judge](), verdict = Verdict(surprises: [Double](repeating: 0, count: log.entities.count), events: [Int](repeating: 0, count: log.entities.count))
        for number in 0 ..< cut.count {
            let fit = try StreamModel.fitted(to: normal.selecting(schema.columns), schema: schema, options: options, where: { normalFolds[$0] != number }) {
                try report(number + 1, cut.count, $0, $1)
            }
            let judged = allFolds.map { $0 == number }
            let judge = Judge(measure: fit.measure, judged: judged, restarts: fold == .day ? judged.indices.filter { judged[$0] && ($0 == 0 || !judged[$0 - 1]) } : [])
            verdict.add(judge.verdict(on: plain), judge: number)
            judges.append(judge)
        }
        setShares(&verdict.days, trusted: isTrusted)
        return StreamRanking(of: plain, trusted: isTrusted, verdict, judges: judges, order: order, explained: explained)
    }

    /// The p-value of every day among those of the trusted entities that are not its own.
    static func setShares(_ days: inout [Day], trusted: [Bool]) {
        let normal = days.filter { trusted[Int($0.peak.entity)] }, sorted = normal.map(\.peak.score).sorted(), own = Dictionary(grouping: normal, by: \.peak.entity)
        for index in days.indices {
            let score = days[index].peak.score, mine = own[days[index].peak.entity] ?? [], others = sorted.count - mine.count
            guard others > 0 else { continue }
            var low = 0, high = sorted.count
            while low < high {
                let middle = (low + high) / 2
                if sorted[middle] < score { low = middle + 1 } else { high = middle }
            }
            let above = sorted.count - low - mine.count { $0.peak.score >= score }
            days[index].pValue = Double(1 + above) / Double(others + 1)
        }
    }

    /// Which fold an event belongs to.
    private struct Cut {
        private let fold: Fold, days: ClosedRange<Int>, places: [String: Int]
        let count: Int

        /// - Throws: `GibbsError` with code `.unsuitableData` where there is nothing to cut.
        init(_ normal: EventLog, _ fold: Fold, _ folds: Int) throws {
            let known = (0 ..< normal.count).filter { !normal.times[$0].isNaN }.map(normal.day)
            self.fold = fold
            days = (known.min() ?? 0) ... (known.max() ?? 0)
            count = min(folds, fold == .day ? days.count : normal.entities.count)
            guard count >= 2 else {
                let found = fold == .day ? "the trusted events are of one day" : normal.entities.isEmpty ? "there is no trusted entity" : "there is one trusted entity"
                throw GibbsError(.unsuitableData, found + ", so none can be judged by the others", advice: fold == .day ? "cut by entities, or give a longer log" : "cut by days, or trust more of them")
            }
            // In turn by the number of their events, so that the folds are alike.
            var events = [Int](repeating: 0, count: normal.entities.count)
            for who in normal.entity where who >= 0 { events[Int(who)] += 1 }
            let order = events.indices.sorted { (events[$1], normal.entities[$0]) < (events[$0], normal.entities[$1]) }
            places = Dictionary(uniqueKeysWithValues: order.enumerated().map { (normal.entities[$1], $0) })
        }

        /// An event before, after or of unknown time goes to the nearest fold; of an entity that is not trusted, to one by its name.
        func fold(_ event: Int, of log: EventLog) -> Int {
            if fold == .day {
                let day = log.times[event].isNaN ? days.lowerBound : min(max(log.day(event), days.lowerBound), days.upperBound)
                return (day - days.lowerBound) % count
            }
            guard log.entity[event] >= 0 else { return 0 }
            let name = log.entities[Int(log.entity[event])]
            return (places[name] ?? Int(ValueHash.of(name) >> 33)) % count
        }
    }
}
