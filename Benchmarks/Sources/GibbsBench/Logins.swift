import Foundation
import Gibbs

/// Login campaigns in a week of normal logins: how many are found, how soon, and how often honest entities are blamed, in that week and in the same one without campaigns.
enum Logins {
    static func run(users: Int, options: StreamOptions, campaigns: Int) throws {
        let folder = NSTemporaryDirectory() + "/gibbs-logins"
        try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
        try write(LoginSimulator(users: users, days: 14, startDay: 0, campaigns: [:], attempts: nil, key: Key(options.seed), populationKey: Key(1)), to: folder + "/normal.ndjson")
        try write(LoginSimulator(users: users, days: 7, startDay: 14, campaigns: [.stuffing: campaigns, .spraying: campaigns, .slow: campaigns], attempts: nil,
                                 key: Key(options.seed).folding(1), populationKey: Key(1)), to: folder + "/week.ndjson")
        try write(LoginSimulator(users: users, days: 7, startDay: 14, campaigns: [:], attempts: nil, key: Key(options.seed).folding(1), populationKey: Key(1)), to: folder + "/quiet.ndjson")
        let columns = ["outcome", "user", "country", "device"], begin = Date()
        let normal = try EventLog(table: folder + "/normal.ndjson", options: .init(), entity: "address", time: "time", columns: columns)
        let fit = try StreamFit.fitted(to: normal, entity: "address", time: "time", options: options) { FileHandle.standardError.write(Data("\($0) \($1.number) \($1.figures)\n".utf8)) }
        let watchdog = StreamWatchdog(fit, source: .table, options: options), seconds = Date().timeIntervalSince(begin)
        let week = try EventLog(table: folder + "/week.ndjson", options: .init(), entity: "address", time: "time", columns: columns + ["label", "campaign"])
        let start = fit.measure.monitor(after: normal, calibration: fit.calibration)
        // A campaign of several addresses counts as one: the first alert at any of them.
        let byAddress = try StreamGrade(of: week, label: "label", isNormal: { $0 == "normal" }, watchdog: watchdog, from: start)
        let byCampaign = try StreamGrade(of: week, label: "label", group: "campaign", isNormal: { $0 == "normal" }, watchdog: watchdog, from: start)
        report("logins", "auroc", byAddress.auroc, [
            "users": users, "key": options.seed, "events": fit.events, "surprise": fit.surprise, "firstSurprise": fit.firstSurprise, "baselineSurprise": fit.baselineSurprise, "baselineOrder": fit.measure.model.history + 1, "fitSeconds": seconds,
            "threshold": Double(fit.calibration!.tailThreshold), "oneEventAUROC": byAddress.baselineAUROC])
        let quiet = try EventLog(table: folder + "/quiet.ndjson", options: .init(), entity: "address", time: "time", columns: columns)
        let highest = try watchdog.calibrated(on: quiet, from: start, falseAlarmRate: 0.5).calibration!.energies, alarms = highest.count { $0 > fit.calibration!.tailThreshold }
        report("logins", "falseAlarmsPerDay", byAddress.falseAlarmsPerDay, ["promised": byAddress.promisedPerDay, "withoutCampaigns": Double(alarms) / quiet.days])
        for kind in byCampaign.kinds {
            report("logins", "foundWithin20", Double(kind.within20) / Double(kind.entities), [
                "kind": kind.label, "campaigns": kind.entities, "found": kind.found, "medianAttempts": kind.medianEvents ?? -1, "withinADay": kind.withinADay])
        }
    }

    private static func write(_ simulator: LoginSimulator, to path: String) throws {
        let output = try OutputFile(path: path)
        for day in simulator.log() { try LoginFile.ndjson.write(day, to: output) }
        try output.commit()
    }
}
