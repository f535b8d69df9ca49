import Foundation
import Gibbs

extension Score {
    /// A line an image: its energy and the likeliest class.
    func scoreImages(_ model: ImageModel) throws {
        let foreign = [(explain || explainAll, "--explain"), (alertsOnly, "--alerts"), (id != nil, "--id"), (falseAlarms != nil, "--false-alarms")]
        if let option = foreign.first(where: \.0)?.1 { throw GibbsError(.usage, "\(option) belongs to watchdogs", advice: "leave it out") }
        let images = try LabelledImages(path: data, shape: model.shape, options: input.options()).fitting(model.shape, file: data).images
        let energies = try model.surprises(of: images), classes = try model.classProbabilities(of: images)
        let order = top.map { Array(energies.indices.sorted { energies[$0] > energies[$1] }.prefix($0)) } ?? Array(energies.indices)
        let output = try OutputFile(path: out)
        do {
            for row in order {
                let best = classes.row(row).enumerated().max { $0.element < $1.element }!, name = model.classes[best.offset].name
                let line = text ? String(format: "%12.4f nats  image %d  ", energies[row], row + 1) + name.oneLine + String(format: "  %.3f", best.element)
                    : model.json(row: row + 1, energy: energies[row], probabilities: classes.row(row)).text
                try output.write(line + "\n")
            }
            try output.commit()
        } catch {
            output.discard()
            throw error
        }
    }
}
