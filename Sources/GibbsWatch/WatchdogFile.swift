import Foundation
import GibbsCore
import GibbsData
import GibbsNumerics

extension Watchdog: Storable {
    public static let kind = "watchdog"

    public init(archive: Archive) throws {
        do { try self.init(trusting: archive) } catch let error as GibbsError { throw error.aboutModel }
    }

    private init(trusting archive: Archive) throws {
        let encoder = try JSON.decode(RecordEncoder.self, from: archive.text("gibbs.schema"), name: "gibbs.schema")
        let energy = try PooledEnergy(archive: archive.nested("energy"))
        let baseline = try PooledEnergy(archive: archive.nested("baseline"))
        guard encoder.variables == energy.variables, encoder.variables == baseline.variables else {
            throw GibbsError(.unsuitableModel, "the fields do not fit the energy", advice: "the file is damaged")
        }
        let d = encoder.variables.count
        let lengths = try archive.vector("candidateCounts", count: d)
        var values = try archive.vector("candidates")[...]
        let candidates = try lengths.map { length -> [Float] in
            guard length >= 0, length <= Float(values.count), length == length.rounded() else {
                throw GibbsError(.unsuitableModel, "the candidate values do not fit the fields", advice: "the file is damaged")
            }
            defer { values = values.dropFirst(Int(length)) }
            return Array(values.prefix(Int(length)))
        }
        let reference = try archive.matrix("reference", rows: 1, columns: d)
        for (j, list) in candidates.enumerated() { try Matrix(rows: list.count, columns: 1, values: list).check(against: [encoder.variables[j]]) }
        for (field, columns) in zip(encoder.usedFields, encoder.columns) {
            guard case .text(let scale) = field.encoding, !columns.allSatisfy({ candidates[$0].count == scale.examples.count }) else { continue }
            throw GibbsError(.unsuitableModel, "the examples of '\(field.name)' do not fit its texts", advice: "the file is damaged")
        }
        try reference.check(against: encoder.variables)
        let presence = PresenceEnergy(missing: try archive.vector("missingPrice", count: d), new: try archive.vector("newPrice", count: d),
                                      known: try archive.vector("knownPrice", count: d), variables: encoder.variables)
        self.init(encoder: encoder, energy: energy, presence: presence, baseline: baseline, calibration: try archive.calibration(), reference: reference,
                  usualSurprise: try archive.vector("usualSurprise", count: encoder.usedFields.count), candidates: candidates,
                  training: try JSON.decode(TrainingRecord.self, from: archive.text("gibbs.training"), name: "gibbs.training"))
    }

    public func archive() -> Archive {
        var result = Archive(metadata: ["gibbs.schema": JSON.encode(encoder), "gibbs.training": JSON.encode(training)])
        result.nest(energy.archive(), under: "energy")
        result.nest(baseline.archive(), under: "baseline")
        result.tensors["missingPrice"] = .init(presence.missing)
        result.tensors["newPrice"] = .init(presence.new)
        result.tensors["knownPrice"] = .init(presence.known)
        result.tensors["reference"] = .init(reference)
        result.tensors["usualSurprise"] = .init(usualSurprise)
        result.tensors["candidateCounts"] = .init(candidates.map { Float($0.count) })
        result.tensors["candidates"] = .init(candidates.flatMap { $0 })
        result.store(calibration)
        return result
    }
}
