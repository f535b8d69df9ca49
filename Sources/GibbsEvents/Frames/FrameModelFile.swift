import Foundation
import GibbsCore
import GibbsData
import GibbsMachines
import GibbsNumerics

extension FrameModel: Storable {
    public static let kind = "frames"

    /// The most columns and the longest history of a stored model.
    private static let columnLimit = 1_000_000, historyLimit = 1_000

    private struct Schema: Codable {
        var columns: [Column], history: Int, falseAlarmRate: Double?, ignored: [String]?
    }

    public init(archive: Archive) throws {
        let schema = try JSON.decode(Schema.self, from: archive.text("gibbs.schema"), name: "gibbs.schema")
        let training = try JSON.decode(Training.self, from: archive.text("gibbs.training"), name: "gibbs.training")
        let conditional = try ConditionalRBM(archive: archive.nested("conditional")), plain = try RBM(archive: archive.nested("plain"))
        let variables = Self.variables(schema.columns), names = Set(schema.columns.map(\.name))
        guard (1 ... Self.historyLimit).contains(schema.history), !variables.isEmpty, variables.count <= Self.columnLimit, names.count == variables.count,
              conditional.variables == variables, plain.variables == variables, conditional.contextVariables.count == variables.count * schema.history,
              conditional.contextVariables.enumerated().allSatisfy({ $1 == variables[$0 % variables.count] }) else {
            throw GibbsError(.unsuitableModel, "the machines do not fit \(schema.columns.count) columns and a history of \(schema.history)", advice: "the file is damaged")
        }
        for column in schema.columns where !column.mean.isFinite || !(column.deviation > 0 && column.deviation.isFinite) || column.isBinary && !(column.mean > 0 && column.mean < 1 && column.deviation == 1) {
            throw GibbsError(.unsuitableModel, "the scale of the column '\(column.name)' makes no sense", advice: "the file is damaged")
        }
        var calibration: Calibration?
        if let rate = schema.falseAlarmRate {
            do { calibration = try Calibration(energies: archive.vector("calibration"), falseAlarmRate: rate) } catch let error as GibbsError {
                throw GibbsError(.unsuitableModel, error.message, advice: "the file is damaged")
            }
        }
        self.init(columns: schema.columns, history: schema.history, conditional: conditional, plain: plain, calibration: calibration, training: training)
        ignored = schema.ignored ?? []
    }

    public func archive() -> Archive {
        let schema = Schema(columns: columns, history: history, falseAlarmRate: calibration?.falseAlarmRate, ignored: ignored.isEmpty ? nil : ignored)
        var result = Archive(metadata: ["gibbs.schema": JSON.encode(schema), "gibbs.training": JSON.encode(training)])
        result.nest(conditional.archive(), under: "conditional")
        result.nest(plain.archive(), under: "plain")
        if let calibration { result.tensors["calibration"] = .init(calibration.energies) }
        return result
    }
}
