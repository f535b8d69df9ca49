import Foundation
import Gibbs

/// A model of frames in words and as JSON.
enum FrameSummary {
    static func fitted(_ model: FrameModel, path: String, seconds: Double) -> String {
        let training = model.training
        return String(format: "fitted to %d frames of %d columns in %.1f s: ", training.frames, model.columns.count, seconds) + about(model) + "\n"
            + String(format: "kept epoch %d of %d, where held-out frames cost %.3f nats", training.epoch, training.epochs, training.validationEnergy) + "\n" + alarm(model) + "\nwrote \(path)"
    }

    static func inspected(_ model: FrameModel, path: String) -> String {
        let training = model.training, binary = model.columns.count(where: \.isBinary)
        let head = "\(path): frames of \(model.columns.count) columns (\(binary) of zeros and ones, \(model.columns.count - binary) numbers), " + about(model)
        let source = "trained on \(training.frames) frames in \(training.pieces) piece\(training.pieces == 1 ? "" : "s"), key \(training.seed)" + (training.digest.map { ", data digest \($0)" } ?? "")
        let rows = model.columns.prefix(40).map { column in
            "  " + column.name.oneLine.padded(26) + " " + (column.isBinary ? String(format: "on in %.3g %% of the frames", 100 * column.mean) : "mean \(column.mean.shortText), deviation \(column.deviation.shortText)")
        }
        return ([head, source, alarm(model)] + rows + (model.columns.count > 40 ? ["  and \(model.columns.count - 40) more columns"] : [])).joined(separator: "\n")
    }

    private static func about(_ model: FrameModel) -> String {
        "a history of \(model.history) frame\(model.history == 1 ? "" : "s"), \(model.conditional.machine.hiddenCount) hidden units"
    }

    static func alarm(_ model: FrameModel) -> String {
        guard let calibration = model.calibration else { return "not calibrated" }
        return "alert above \(Double(calibration.threshold).shortText) nats: \(Summary.percent(calibration.falseAlarmRate)) of normal frames, promised by \(calibration.energies.count) held-out frames"
    }

    static func likelihood(_ found: FrameLikelihood, method: MachineAnnealing) -> String {
        func between(_ bracket: LikelihoodBracket) -> String { bracket.atLeast == bracket.atMost ? "" : String(format: ", at least %.3f by ln Z from above", bracket.atLeast) }
        func line(_ name: String, _ bracket: LikelihoodBracket) -> String { name.padded(22) + String(format: "%9.3f ± %.3f nats a frame", bracket.best, bracket.standardError) + between(bracket) }
        let how = found.isExact ? "ln Z of every frame's own machine summed over all hidden states"
            : String(format: "ln Z of every frame's own machine by %d chains of %d temperatures each way (worth %.1f from below, %.1f from above); annealing alone: ± %.4f",
                     method.chains, method.steps, found.effectiveChains, found.effectiveReverseChains, found.annealingError)
        return ["log-likelihood of \(found.conditional.count) frames", line("given the history", found.conditional), line("without it (RBM)", found.plain), line("independent columns", found.independent),
                String(format: "energy, −Σ ln p(column | the others, history): %.3f nats a frame", found.energy), how].joined(separator: "\n")
    }

    static func json(_ found: FrameLikelihood, method: MachineAnnealing) -> JSONValue {
        func value(_ bracket: LikelihoodBracket) -> JSONValue {
            .object([("logLikelihood", .number(bracket.best, digits: 8)), ("standardError", .number(bracket.standardError)), ("atLeast", .number(bracket.atLeast, digits: 8)), ("atMost", .number(bracket.atMost, digits: 8))])
        }
        return .object([
            ("frames", .int(found.conditional.count)), ("conditional", value(found.conditional)), ("plain", value(found.plain)), ("independent", value(found.independent)), ("energy", .number(found.energy)),
            ("method", .string(found.isExact ? "exact" : "ais")), ("chains", found.isExact ? .null : .int(method.chains)), ("steps", found.isExact ? .null : .int(method.steps)),
            ("annealingError", .number(found.annealingError)), ("effectiveChains", .number(found.effectiveChains)), ("effectiveReverseChains", .number(found.effectiveReverseChains)), ("seconds", .number(found.seconds, digits: 4)),
        ])
    }
}
