import Foundation
import Gibbs

/// Sessions of events: how well strange ones stand out, and what the threshold found on normal ones alone makes of it.
enum Sessions {
    static func run(folder: String, options: SessionOptions, keys: Int) throws {
        func keyed(_ count: Int) -> [SessionOptions] {
            (0 ..< UInt64(count)).map { key in
                var keyed = options
                keyed.seed += key
                return keyed
            }
        }
        for options in keyed(keys) { try hdfs(folder: folder, options: options) }
        for options in keyed((keys + 1) / 2) {
            try one("adfa-ld", train: "adfa-ld/train_normal.tsv.gz", normal: "adfa-ld/validation_normal.tsv.gz", strange: "adfa-ld/attack.tsv.gz", folder: folder, options: options)
            try Traces.run(folder: folder, options: options)
        }
        let test = try EventSequences(sessionsIn: folder + "/hdfs-100k/session_test.jsonl.gz"), all = test.sessions.indices
        try measure("hdfs-100k", train: EventSequences(sessionsIn: folder + "/hdfs-100k/session_train.jsonl.gz"), normal: test.selecting(all.filter { test.sessions[$0].label == "0" }),
                   strange: test.selecting(all.filter { test.sessions[$0].label != "0" }), options: options, mix: nil)
        try ceiling(train: EventSequences(sessionsIn: folder + "/hdfs-100k/session_train.jsonl.gz"), test: test)
        try speed()
    }

    /// DeepLog's training file and abnormal sessions; the normal ones are loghub's training sessions, not DeepLog's 553,366, whose number the mix takes.
    private static func hdfs(folder: String, options: SessionOptions) throws {
        try one("hdfs", train: "hdfs-deeplog/hdfs_train.gz", normal: "hdfs-deeplog/hdfs_loghub__hdfs_train.gz", strange: "hdfs-deeplog/hdfs_test_abnormal.gz",
                folder: folder, options: options, mix: (553_366, 16_838))
    }

    /// Anomalous sessions that equal a session of the normal training file event by event: no model of the events can tell them apart.
    private static func ceiling(train: EventSequences, test: EventSequences) throws {
        func events(_ sequences: EventSequences, _ session: EventSequences.Session) -> [String] { session.events.map { sequences.names[0][Int(sequences.codes[0][$0])] } }
        let known = Set(train.sessions.map { events(train, $0) }), strange = test.sessions.filter { $0.label != "0" }
        let twins = strange.count { known.contains(events(test, $0)) }, found = Double(strange.count - twins)
        GibbsBench.report("sessions-hdfs-100k-ceiling", "f1", 2 * found / (2 * found + Double(twins)), ["anomalous": strange.count, "twins": twins])
    }

    /// Events scored a second at a history of 3, 64 hidden units and 50 names, on the processors that the process may use.
    private static func speed() throws {
        let draws = Key(1).uniforms(400 * 500)
        var sequences = EventSequences(fields: ["event"])
        for session in 0 ..< 400 {
            var last = 0
            let events = (0 ..< 500).map { step -> [String?] in
                let u = draws[session * 500 + step]
                last = u < 0.7 ? (last * 7 + 3) % 50 : Int(u * 1_000) % 50
                return ["e\(last)"]
            }
            sequences.add(id: "\(session)", events: events, lines: events.map { _ in session })
        }
        let model = try EventModel.fitted(to: sequences.selecting(Array(0 ..< 40)), history: 3, hidden: 64, by: .init(epochs: 2), key: Key(2))
        _ = try model.surprises(of: sequences)
        let begin = Date(), rounds = 5
        for _ in 0 ..< rounds { _ = try model.surprises(of: sequences) }
        GibbsBench.report("sessions-speed", "events/s", Double(rounds * (sequences.eventCount + 400)) / Date().timeIntervalSince(begin), ["processors": parallelWidth])
    }

    private static func one(_ name: String, train: String, normal: String, strange: String, folder: String, options: SessionOptions, mix: (Double, Double)? = nil) throws {
        try measure(name, train: EventSequences(sessionsIn: folder + "/" + train), normal: EventSequences(sessionsIn: folder + "/" + normal),
                   strange: EventSequences(sessionsIn: folder + "/" + strange), options: options, mix: mix)
    }

    private static func measure(_ name: String, train: EventSequences, normal: EventSequences, strange: EventSequences, options: SessionOptions, mix: (Double, Double)?) throws {
        let begin = Date()
        var options = options
        if mix == nil { options.falseAlarmRate = nil }
        let watchdog = try EventWatchdog.fitted(to: train, options: options) {
            FileHandle.standardError.write(Data("\(name) \($0.done) of \($0.total) \($0.epoch.figures)\n".utf8))
        }
        let fitSeconds = Date().timeIntervalSince(begin)
        let parts = try (watchdog.energy.parts(of: normal), watchdog.energy.parts(of: strange))
        let seconds = Date().timeIntervalSince(begin) - fitSeconds, threshold = watchdog.calibration!.energy.threshold
        func figures(_ energy: (SessionEnergy.Parts) -> Float) -> (auroc: Double, f1: Double, best: Double, false: Double, alarms: Int, found: Double) {
            let (a, b) = (parts.0.map(energy), parts.1.map(energy)), (n, p) = mix ?? (Double(a.count), Double(b.count))
            func f1(_ t: Float) -> (Double, Double, Double) {
                let fp = Double(a.count { $0 > t }) / Double(a.count), tp = Double(b.count { $0 > t }) / Double(b.count)
                return (2 * tp * p / (tp * p + fp * n + p), fp, tp)
            }
            let now = f1(threshold)
            return (Ranking.auroc(scores: a + b, positive: a.map { _ in false } + b.map { _ in true }), now.0, Set(a).map { f1($0).0 }.max()!, now.1, a.count { $0 > threshold }, now.2)
        }
        let own = figures(watchdog.energy.energy)
        GibbsBench.report("sessions-\(name)", "auroc", own.auroc, ["key": options.seed, "f1": own.f1, "bestF1": own.best, "promised": watchdog.calibration!.falseAlarmRate, "falseAlarms": own.false, "alarms": own.alarms,
            "normal": normal.sessions.count, "strange": strange.sessions.count, "calibration": watchdog.calibration!.energy.energies.count, "folds": watchdog.calibration!.folds, "found": own.found, "threshold": Double(threshold),
            "kind": watchdog.energy.kind.rawValue, "fitSeconds": fitSeconds, "scoreSeconds": seconds, "cheapestCount": Double(watchdog.energy.counts.mismatch.min()!), "dearestCount": Double(watchdog.energy.counts.mismatch.max()!),
            "aurocOfLargest": figures { $0.largest }.auroc, "aurocOfMean": figures { $0.mean }.auroc, "aurocOfCounts": figures { $0.counts }.auroc])
    }
}
