import Foundation
import GibbsCore
import GibbsMachines
import GibbsNumerics
import GibbsWatch

/// Looks into a watchdog: its experts, its calibration, and what it says of records.
public struct WatchdogExamination: Sendable {
    /// Rows that a model without records is looked at on.
    public static let ownRows = 500

    private let watchdog: Watchdog
    private let records: Matrix?
    private let key: Key

    /// An examination of a watchdog.
    ///
    /// - Parameters:
    ///   - watchdog: The watchdog.
    ///   - records: Encoded normal records, shape `[any, fields]`, missing values allowed; without them a machine is looked at on draws of its
    ///     own, and what takes records stays unknown.
    ///   - key: Feeds the draws.
    public init(of watchdog: Watchdog, records: Matrix? = nil, key: Key) {
        self.watchdog = watchdog
        self.records = records
        self.key = key
    }

    /// Everything there is to say.
    ///
    /// - Throws: `GibbsError` with code `.shapeMismatch` or `.unsuitableData` for records that do not fit.
    /// - Complexity: The energies of the records, or 300 sweeps of `ownRows` chains of a machine.
    public func findings() throws -> [Finding] {
        let machines = watchdog.energy.experts.compactMap { $0.energy as? RBM }.filter { $0.variables == watchdog.encoder.variables }
        let broken = machines.contains { !$0.weights.isFinite }, own = broken ? nil : try machines.first.map(draws)
        return calibration + [spreads] + (try ordinary()) + (try scores(own)) + (try units(machines, own))
    }

    // MARK: - Scores

    private func energies(of batch: Matrix) throws -> [Float] {
        zip(try watchdog.energy.energies(of: batch), watchdog.presence.energies(of: batch)).map { $0 + $1 }
    }

    private var calibration: [Finding] {
        guard let calibration = watchdog.calibration else {
            return [Finding("calibration", "none, so that no record raises an alert", .unknown(need: "run gibbs calibrate with normal records"))]
        }
        return [ScoreExamination.variety(calibration.energies, of: "calibration")]
    }

    /// Experts whose energies hardly differed over the records held out of the fit; `ExpertRecipes.leastSpread` is then in their place.
    private var spreads: Finding {
        let flat = watchdog.energy.experts.filter { $0.spread <= ExpertRecipes.leastSpread * 1.0001 }.map(\.name)
        let seen = watchdog.energy.experts.map { $0.name + String(format: " %.3g", $0.spread) }.joined(separator: ", ")
        return Finding("spread over the fit's records", "deviation in nats: \(seen)", warnsIf: !flat.isEmpty,
                       advice: "\(flat.joined(separator: ", ")) gave all records the same score: the training collapsed, or the fields hold a single value; fit again")
    }

    /// The lowest energy of some hundred records of the fit is below the median of calibration, if the same model computed both.
    private func ordinary() throws -> [Finding] {
        guard let calibration = watchdog.calibration else { return [] }
        let energy = try energies(of: watchdog.reference)[0], median = Statistics.median(calibration.energies)
        return [Finding("most ordinary record", String(format: "%.4g nats, where half of the calibration records are below %.4g", energy, median), warnsIf: !(energy <= median),
                        advice: "the weights are not those that the calibration was made with, or it was made with other records; calibrate again, or fit again")]
    }

    private func scores(_ own: Matrix?) throws -> [Finding] {
        var findings = [ScoreExamination.variety(try energies(of: mixed(Self.ownRows)), of: "mixed values")]
        if let records {
            let energies = try energies(of: records)
            findings.append(ScoreExamination.variety(energies, of: "records"))
            if let calibration = watchdog.calibration {
                findings.append(ScoreExamination.gap(energies, of: "these records", expected: calibration.energies, of: "those of calibration",
                                                     advice: "these records are not like those it was calibrated on; calibrate or fit again if they are normal"))
                findings.append(ScoreExamination.falseAlarms(energies.count(where: calibration.alerts), of: energies.count, calibration: calibration))
            }
        } else if let own {
            let energies = try energies(of: own)
            findings.append(ScoreExamination.variety(energies, of: "own draws"))
            if let calibration = watchdog.calibration {
                // A machine's draws may lie further off than other records do.
                findings.append(ScoreExamination.gap(energies, of: "its own draws", expected: calibration.energies, of: "the calibration records", allowed: 3,
                                                     advice: "the machine draws records unlike those it learned from; train again with a smaller rate or for longer"))
            }
        } else {
            findings.append(Finding("energy gap", "not looked at", .unknown(need: "give normal records with --data")))
        }
        return findings
    }

    // MARK: - Machines

    private func units(_ machines: [RBM], _ own: Matrix?) throws -> [Finding] {
        let complete = records.map { batch in batch.selecting(rows: (0 ..< batch.rows).filter { !batch.row($0).contains(where: \.isNaN) }) }
        return try machines.flatMap { machine in
            let enough = complete.flatMap { $0.rows < MachineExamination.fewestRows ? nil : $0 }
            let rows = enough ?? own ?? Matrix(rows: 0, columns: machine.features)
            return try MachineExamination(of: machine, columns: watchdog.encoder.columnNames, rows: rows).findings
        }
    }

    /// Block Gibbs from mixed values.
    private func draws(of machine: RBM) throws -> Matrix { try machine.sampled(from: mixed(Self.ownRows), sweeps: 300, key: key.folding(-1)) }

    /// Rows whose values were each drawn from those of the fit, column by column.
    private func mixed(_ count: Int) -> Matrix {
        let reference = watchdog.reference.row(0)
        let columns = zip(watchdog.candidates, reference).enumerated().map { index, column -> [Float] in
            let values = column.0.filter { !$0.isNaN }
            return values.isEmpty ? Array(repeating: column.1, count: count)
                : key.folding(index).uniforms(count).map { values[min(values.count - 1, Int($0 * Float(values.count)))] }
        }
        return Matrix(rows: count, columns: columns.count, values: (0 ..< count).flatMap { row in columns.map { $0[row] } })
    }
}
