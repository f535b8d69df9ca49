import Foundation
import Gibbs

extension Score {
    /// The energy of every image, its p-value and whether it alerts where the model is calibrated, and its likeliest class.
    func scoreImages(_ model: ImageModel) throws {
        let foreign = [(explain || explainAll, "--explain"), (id != nil, "--id")]
        if let option = foreign.first(where: \.0)?.1 { throw GibbsError(.usage, "\(option) belongs to watchdogs", advice: "leave it out") }
        let model = try falseAlarms.map { try model.alerting(at: $0.share) } ?? model
        let images = try LabelledImages(path: data, shape: model.shape, white: model.training.white, options: input.options()).fitting(model.shape, file: data).images
        let energies = try model.surprises(of: images), classes = try model.classProbabilities(of: images)
        func alerts(_ row: Int) -> Bool { model.calibration?.alerts(on: energies[row]) ?? false }
        let wanted = energies.indices.filter { !alertsOnly || alerts($0) }
        let order = top.map { Array(wanted.sorted { energies[$0] > energies[$1] }.prefix($0)) } ?? wanted
        let output = try OutputFile(path: out)
        do {
            for row in order {
                let best = classes.row(row).enumerated().max { $0.element < $1.element }!, name = model.classes[best.offset].name
                let p = model.calibration.map { $0.pValue(of: energies[row]) }
                let line = text ? (alerts(row) ? "ALERT " : "      ") + String(format: "%12.4f nats  image %d  ", energies[row], row + 1) + (p.map { String(format: "p = %.2g  ", $0) } ?? "")
                    + name.oneLine + String(format: "  %.3f", best.element)
                    : model.json(row: row + 1, energy: energies[row], probabilities: classes.row(row)).text
                try output.write(line + "\n")
            }
            try output.commit()
        } catch {
            output.discard()
            throw error
        }
        let count = energies.indices.count(where: alerts)
        if text { Console.note("\(count) alert\(count == 1 ? "" : "s") in \(energies.count) images") }
        if alertsOnly, model.calibration == nil { Console.note("gibbs: the model is not calibrated, so no image raised an alert; run gibbs calibrate with images that belong") }
    }
}
