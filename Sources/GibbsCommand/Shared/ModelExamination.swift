import Foundation
import Gibbs
import GibbsVerify

/// What `gibbs verify M` has to go on.
struct ModelExamination {
    let path: String
    /// Records to examine the model on, and what tells how to read them; `nil` to use the model's own draws.
    let data: String?
    let input: InputOptions
    let labels: LabelOptions
    let key: Key

    /// How each kind of model file is examined. A new kind joins by one line here and a function beside `examineWatchdog`.
    private static let examiners: [String: @Sendable (ModelExamination, Archive) throws -> [Finding]] = [
        Watchdog.kind: { try $0.examineWatchdog($1) },
    ]

    /// What there is to say, the file itself first.
    ///
    /// - Throws: `GibbsError` with code `.cannotRead`, or `.unsuitableModel` for a file that is no model, is damaged or holds a weight
    ///   that is no number; errors of the data.
    func findings() throws -> (kind: String, findings: [Finding]) {
        let archive = try ModelFile.read(path), kind = try archive.text(ModelFile.kindKey)
        guard let examine = Self.examiners[kind] else {
            throw GibbsError(.unsuitableModel, "holds a model of the kind '\(kind)', which gibbs verify cannot examine", at: .init(file: path),
                             advice: "it knows \(Self.examiners.keys.sorted().joined(separator: ", "))")
        }
        for name in archive.tensors.keys.sorted() {
            do { _ = try archive.vector(name) } catch let error as GibbsError { throw error.located(at: .init(file: path)) }
        }
        let numbers = archive.tensors.values.reduce(0) { $0 + $1.values.count }
        return (kind, [Finding("file", "\(numbers) numbers in \(archive.tensors.count) tensors, all finite")] + (try examine(self, archive)))
    }
}

// MARK: - Watchdogs

extension ModelExamination {
    private func examineWatchdog(_ archive: Archive) throws -> [Finding] {
        let watchdog: Watchdog
        do { watchdog = try Watchdog(archive: archive) } catch let error as GibbsError { throw error.located(at: .init(file: path)) }
        let given = try data.map { try records($0, for: watchdog) }
        let machines = watchdog.energy.experts.compactMap { $0.energy as? RBM }.filter { $0.variables == watchdog.encoder.variables }
        let own = try machines.first.map { try draws(of: $0, watchdog) }
        var findings = scores(of: watchdog)
        if let batch = given ?? own {
            let energies = zip(try watchdog.energy.energies(of: batch), watchdog.presence.energies(of: batch)).map { $0 + $1 }
            findings += [ScoreExamination.variety(energies, of: given == nil ? "own draws" : "records")] + gap(energies, watchdog, isOwn: given == nil)
        } else {
            findings.append(Finding("energy gap", "not looked at", .unknown(need: "the model cannot draw records of its own; give some with --data")))
        }
        let complete = given.map { batch in batch.selecting(rows: (0 ..< batch.rows).filter { !batch.row($0).contains(where: \.isNaN) }) }
        for machine in machines {
            guard let rows = complete.flatMap({ $0.rows > 0 ? $0 : nil }) ?? own else { continue }
            findings += try MachineExamination(of: machine, columns: watchdog.encoder.usedFields.map(\.name), rows: rows).findings
        }
        return findings
    }

    private func scores(of watchdog: Watchdog) -> [Finding] {
        guard let calibration = watchdog.calibration else {
            return [Finding("calibration", "none", .warning(advice: "without it no record raises an alert; run gibbs calibrate with normal records"))]
        }
        return [ScoreExamination.variety(calibration.energies, of: "calibration")]
    }

    /// A model's own draws may lie further from the records than other records: three deviations.
    private func gap(_ energies: [Float], _ watchdog: Watchdog, isOwn: Bool) -> [Finding] {
        guard let calibration = watchdog.calibration else { return [] }
        return [isOwn
            ? ScoreExamination.gap(energies, of: "its own draws", calibration: calibration.energies, allowed: 3,
                                   advice: "the machine draws records unlike those it learned from; train again with a smaller rate or more Gibbs steps")
            : ScoreExamination.gap(energies, of: "these records", calibration: calibration.energies,
                                   advice: "these records are not like those it was calibrated on; calibrate or fit again if they are normal")]
    }

    /// Encoded normal records of a file.
    private func records(_ path: String, for watchdog: Watchdog) throws -> Matrix {
        Console.progress("reading \(path)")
        let table = try input.reader(path, for: watchdog).readAll(), rows = try labels.normalRows(of: table, file: path)
        guard rows.count > 1 else {
            throw GibbsError(.unsuitableData, "\(rows.count) record\(rows.count == 1 ? "" : "s") to examine a model on", at: .init(file: path), advice: "give at least 2, better some hundred")
        }
        do { return try watchdog.encoder.encode(rows.count == table.rowCount ? table : table.selecting(rows: rows)) } catch let error as GibbsError {
            throw error.located(at: .init(file: path))
        }
    }

    /// Draws by block Gibbs from columns set to values of the fit.
    private func draws(of machine: RBM, _ watchdog: Watchdog) throws -> Matrix {
        let chains = 500, reference = watchdog.reference.row(0)
        let columns = zip(watchdog.candidates, reference).enumerated().map { index, column -> [Float] in
            let values = column.0.filter { !$0.isNaN }
            return values.isEmpty ? Array(repeating: column.1, count: chains)
                : key.folding(index).uniforms(chains).map { values[min(values.count - 1, Int($0 * Float(values.count)))] }
        }
        let start = Matrix(rows: chains, columns: columns.count, values: (0 ..< chains).flatMap { row in columns.map { $0[row] } })
        Console.progress("drawing \(chains) records from the model")
        return try machine.sampled(from: start, sweeps: 300, key: key.folding(-1))
    }
}
