import Foundation
import Gibbs

extension Evaluate {
    /// Figures on labelled sessions, those of the n-gram baseline and of the counts alone beside.
    func evaluateSessions(_ watchdog: EventWatchdog) throws {
        try input.checkForSessions()
        let watchdog = try falseAlarms.map { try watchdog.alerting(at: $0.share) } ?? watchdog
        var energies = Energies(), positives: [Bool], kinds: [String?] = []
        if let negatives {
            guard labels.label == nil, labels.normal == nil, positive == nil else {
                throw GibbsError(.usage, "--negatives and --label both say which sessions are normal", advice: "give one of them")
            }
            for path in [data, negatives] { try energies.add(LabelledSessions(path, label: nil).sessions, of: watchdog, file: path) }
            positives = (0 ..< energies.own.count).map { $0 < energies.counts[0] }
        } else {
            let read = try LabelledSessions(data, label: labels.label)
            (positives, kinds) = try flags(read)
            try energies.add(read.sessions, of: watchdog, file: data)
        }
        Console.clearProgress()
        guard positives.contains(true), positives.contains(false) else {
            throw GibbsError(.unsuitableData, "the sessions are all \(positives.contains(true) ? "positive" : "normal")", at: .init(file: data), advice: "figures need both kinds")
        }
        let figures = SessionFigures(watchdog: watchdog, energies: energies, positives: positives, kinds: kinds, mix: mix?.mix)
        print(text ? figures.text : figures.json.text)
    }

    /// Which sessions are positive, and the label of each.
    private func flags(_ read: LabelledSessions) throws -> ([Bool], [String?]) {
        guard labels.label != nil else {
            throw GibbsError(.usage, "nothing says which sessions are normal", advice: "give --label and --normal, or --negatives")
        }
        let kinds = try read.labels()
        guard let positive else { return (try read.normalFlags(by: labels)!.map(!), kinds) }
        let flags = kinds.map { $0 == positive }
        guard flags.contains(true) else {
            throw GibbsError(.unsuitableData, "no session has the label '\(positive)'", at: .init(file: data, field: labels.label), advice: "the values are \(LabelOptions.shown(kinds))")
        }
        return (flags, kinds)
    }

    /// The energies of sessions, and what stands beside them.
    struct Energies {
        var own = [Float](), baseline = [Float](), countVectors = [Float]()
        /// Sessions of each file.
        var counts = [Int]()

        mutating func add(_ sessions: EventSequences, of watchdog: EventWatchdog, file: String) throws {
            do {
                let scores = try watchdog.scores(of: sessions)
                own += scores.map(\.energy)
                countVectors += scores.map(\.parts.counts)
                baseline += try watchdog.baselineEnergies(of: sessions)
                counts.append(sessions.sessions.count)
            } catch let error as GibbsError { throw error.located(at: .init(file: file)) }
        }
    }
}
