import Foundation
import GibbsCore
import GibbsData
import GibbsNumerics

extension EventWatchdog: Storable {
    public static let kind = "events"

    /// What events look like to the model.
    private struct Schema: Codable { var fields: [String], energy: SessionEnergy.Kind }
    private struct StoredCalibration: Codable { var falseAlarmRate: Double, folds: Int? }

    public init(archive: Archive) throws {
        do { try self.init(trusting: archive) } catch let error as GibbsError { throw error.aboutModel }
    }

    private init(trusting archive: Archive) throws {
        let schema = try JSON.decode(Schema.self, from: archive.text("gibbs.schema"), name: "gibbs.schema")
        let training = try JSON.decode(Training.self, from: archive.text("gibbs.training"), name: "gibbs.training")
        let energy = try SessionEnergy(archive: archive, kind: schema.energy)
        guard schema.fields == energy.model.fields else {
            throw GibbsError(.unsuitableModel, "the fields of the events do not fit the model", advice: "the file is damaged")
        }
        var calibration: SessionCalibration?
        if let text = archive.metadata["gibbs.calibration"] {
            let stored = try JSON.decode(StoredCalibration.self, from: text, name: "gibbs.calibration"), part = archive.nested("sessions")
            let energies = try part.vector("energy")
            calibration = try SessionCalibration(energies: energies, baseline: part.vector("baseline", count: energies.count),
                                                 counts: part.vector("counts", count: energies.count), falseAlarmRate: stored.falseAlarmRate, folds: stored.folds ?? 0)
        }
        self.init(energy: energy, calibration: calibration, training: training)
    }

    public func archive() -> Archive {
        var result = energy.archive()
        result.metadata["gibbs.schema"] = JSON.encode(Schema(fields: energy.model.fields, energy: energy.kind))
        result.metadata["gibbs.training"] = JSON.encode(training)
        if let calibration {
            result.metadata["gibbs.calibration"] = JSON.encode(StoredCalibration(falseAlarmRate: calibration.falseAlarmRate, folds: calibration.folds))
            result.nest(Archive(tensors: ["energy": .init(calibration.energy.energies), "baseline": .init(calibration.baseline.energies),
                                          "counts": .init(calibration.counts.energies)]), under: "sessions")
        }
        return result
    }
}
