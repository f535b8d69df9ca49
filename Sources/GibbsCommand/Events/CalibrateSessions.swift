import Foundation
import Gibbs

extension Calibrate {
    /// Calibrates on sessions, and says what it promises.
    func calibrateSessions(_ watchdog: EventWatchdog) throws {
        try input.checkForSessions()
        guard alertsPerDay == nil, time == nil else {
            throw GibbsError(.usage, "sessions have no times, so that alerts a day are unknown", advice: "give --false-alarms in place of --alerts-per-day and --time")
        }
        let read = try LabelledSessions(data, label: labels.label)
        if let digest = read.sessions.digest, digest == watchdog.training.digest {
            Console.note("gibbs: \(data) is the file that the model was fitted to, so the rate will not hold; calibrate with other sessions")
        }
        let sessions = try read.normal(by: labels), calibrated: EventWatchdog
        do {
            calibrated = try watchdog.calibrated(on: sessions, falseAlarmRate: falseAlarms?.share ?? watchdog.calibration?.falseAlarmRate ?? 0.01)
        } catch let error as GibbsError { throw error.located(at: .init(file: data)) }
        Console.clearProgress()
        try calibrated.write(to: out ?? model)
        print(SessionSummary.alarm(calibrated))
        print("rate        alert above (nats)")
        for (rate, threshold) in calibrated.calibration!.energy.table { print(Summary.percent(rate).padded(12) + Double(threshold).shortText) }
        print("wrote \(out ?? model)")
    }
}
