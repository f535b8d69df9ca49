import Foundation
import Gibbs

extension Calibrate {
    /// Calibrates on records, and says what it promises.
    func calibrateRecords(_ watchdog: Watchdog) throws {
        Console.progress("reading \(data)")
        let whole = try input.reader(data, for: watchdog).readAll()
        if let digest = whole.digest, digest == watchdog.training.digest {
            Console.note("gibbs: \(data) is the file that the model was fitted to, so the rate will not hold; calibrate with other records")
        }
        if let remark = Self.othersRemark(whole, file: data, watchdog), labels.label == nil { Console.note("gibbs: " + remark) }
        let rows = try labels.normalRows(of: whole, file: data)
        let table = rows.count == whole.rowCount ? whole : whole.selecting(rows: rows)
        let calibrated: Watchdog
        do {
            let rate = try falseAlarms?.share ?? alertsPerDay.map { try RecordRate.falseAlarmRate(alertsPerDay: $0, of: table, timeColumn: time) }
                ?? watchdog.calibration?.falseAlarmRate ?? 0.01
            calibrated = try watchdog.calibrated(on: table, falseAlarmRate: rate)
        } catch let error as GibbsError { throw error.located(at: .init(file: data)) }
        Console.clearProgress()
        try calibrated.write(to: out ?? model)
        print(Summary.alarm(calibrated))
        print(Summary.thresholds(calibrated.calibration!))
        print("wrote \(out ?? model)")
    }

    /// Records that the fit would have left out by their label.
    private static func othersRemark(_ table: Table, file: String, _ watchdog: Watchdog) -> String? {
        guard let name = watchdog.training.labelColumn, let normal = watchdog.training.normalValue, let column = table[name] else { return nil }
        let others = (0 ..< table.rowCount).count { row in column.text(row).map { !LabelOptions.means(normal, $0) } ?? false }
        guard others > 0 else { return nil }
        return "\(others) of \(table.rowCount) records of \(file) are not '\(normal)' in the column '\(name)', by which the model's records were picked, "
            + "and now count as normal; leave them out with --label \(name.asShellWord) --normal \(normal.asShellWord)"
    }
}
