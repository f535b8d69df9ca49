import Foundation
import Gibbs

/// Scores of frames as lines.
struct FrameScoring {
    var alertsOnly = false, explain = false, explainAll = false, reasons = 3, text = false
    var top: Int?
    var falseAlarms: Double?

    /// Writes a line a frame: where it stands, its energy, and the columns that cost most.
    func run(_ fitted: FrameModel, _ data: String, out: String, frames: FrameInput, input: InputOptions) throws {
        var model = fitted
        if let falseAlarms { model = try model.alerting(at: falseAlarms) }
        let output = try OutputFile(path: out)
        do {
            let sequences = try frames.read(data, for: model, input: input), surprises: Matrix
            surprises = try GibbsError.naming(data) { try model.surprises(of: sequences) }
            let energies = (0 ..< surprises.rows).map { surprises.row($0).reduce(0, +) }
            var places = [(piece: String, moment: Int)]()
            for piece in sequences.pieces { places += piece.frames.map { (piece.id, $0 - piece.frames.lowerBound + piece.first) } }
            let shown = top.map { Array(energies.indices.sorted { (energies[$1], $0) < (energies[$0], $1) }.prefix($0)) } ?? Array(energies.indices)
            for row in shown {
                let alert = model.calibration?.alerts(on: energies[row]) ?? false
                if alertsOnly && !alert { continue }
                let causes = explainAll || explain && alert ? surprises.row(row).enumerated().sorted { $0.element > $1.element }.prefix(reasons).map { (column: $0.offset, cost: $0.element) } : nil
                try output.write(line(model, sequences, row, places[row], energies[row], alert, causes) + "\n")
            }
            try output.commit()
            if model.calibration == nil { Console.note("gibbs: the model is not calibrated, so no frame raised an alert") }
        } catch {
            output.discard()
            throw error
        }
    }

    private func line(_ model: FrameModel, _ sequences: FrameSequences, _ row: Int, _ place: (piece: String, moment: Int), _ energy: Float, _ alert: Bool, _ causes: [(column: Int, cost: Float)]?) -> String {
        if text {
            let p = model.calibration?.pValue(of: energy)
            let head = (alert ? "ALERT " : "      ") + "line \(sequences.lines[row])".padded(12) + " piece \(place.piece.oneLine) frame \(place.moment)  " + String(format: "%.2f nats", energy) + (p.map { String(format: "  p %.3g", $0) } ?? "")
            return ([head] + (causes ?? []).map { column, cost in "        " + model.columns[column].name.oneLine.padded(24) + String(format: " %.2f nats  value ", cost) + Double(sequences.frames[row, column]).shortText }).joined(separator: "\n")
        }
        return model.json(of: sequences, row: row, piece: place.piece, moment: place.moment, energy: energy, causes: causes).text
    }
}
