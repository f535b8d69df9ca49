import Foundation
import Gibbs

/// A watchdog in words and as JSON.
enum Summary {
    /// What a fit learned, in a screenful.
    static func fitted(_ watchdog: Watchdog, path: String, seconds: Double) -> String {
        let head = String(format: "fitted to %d records in %.1f s: %@", watchdog.training.rows, seconds, watchdog.training.choice as NSString)
        return ([head] + fields(watchdog.encoder.fields) + [alarm(watchdog), "wrote \(path)"]).joined(separator: "\n")
    }

    /// How the columns were taken, so that a person sees where a name passes for a number.
    private static func fields(_ fields: [RecordField]) -> [String] {
        var numbers = [String](), categories = [String](), ignored = [String]()
        for field in fields {
            switch field.encoding {
            case .number: numbers.append(field.name)
            case .category: categories.append(field.name)
            case .ignored(let reason): ignored.append("\(field.name) (\(reason))")
            }
        }
        let hint = "if one of these is a name, such as a port, a status or an account, fit with --types port=category"
        return [("read as numbers: ", numbers), ("read as categories: ", categories), ("left out: ", ignored)].flatMap { title, names in
            names.isEmpty ? [] : [title + listed(names)] + (title == "read as numbers: " ? ["  (\(hint))"] : [])
        }
    }

    /// Names in a row, sixty at most.
    private static func listed(_ names: [String]) -> String {
        names.prefix(60).joined(separator: ", ") + (names.count > 60 ? " and \(names.count - 60) more" : "")
    }

    static func alarm(_ watchdog: Watchdog) -> String {
        guard let calibration = watchdog.calibration else { return "not calibrated; run gibbs calibrate with normal records" }
        return "alert above \(Double(calibration.threshold).shortText) nats: \(percent(calibration.falseAlarmRate)) of normal records, "
            + "promised by \(calibration.energies.count) calibration records"
    }

    /// A line a rate that the calibration can promise.
    static func thresholds(_ calibration: Calibration) -> String {
        (["rate        alert above (nats)"] + calibration.table.map { rate, threshold in percent(rate).padding(toLength: 12, withPad: " ", startingAt: 0) + Double(threshold).shortText })
            .joined(separator: "\n")
    }

    static func percent(_ share: Double) -> String { String(format: "%.3g %%", share * 100) }
}
