import Foundation
import Gibbs
import GibbsVerify

extension ModelExamination {
    /// What there is to say of a watchdog on a stream.
    func examineStream(_ archive: Archive) throws -> [Finding] {
        guard labels.label == nil, labels.normal == nil else { throw GibbsError(.usage, "--label with a log of events", advice: "give a log of normal events alone") }
        let watchdog = try located(path) { try StreamWatchdog(archive: archive) }
        let log = try data.map { try StreamLog.read($0, for: watchdog, input: input) }
        Console.progress("examining \(path)")
        let past = try log.map { _ in try StreamState.past(of: watchdog, model: path) }
        return try located(data ?? path) { try StreamExamination(of: watchdog, log: log, past: past, key: key).findings() }
    }

    /// What there is to say of a model of frames.
    func examineFrames(_ archive: Archive) throws -> [Finding] {
        guard labels.label == nil, labels.normal == nil else { throw GibbsError(.usage, "--label with frames", advice: "give normal frames alone, and leave a column out with --ignore") }
        let model = try located(path) { try FrameModel(archive: archive) }
        let sequences = try data.map { try frames.read($0, input: input) }
        Console.progress("examining \(path)")
        return try located(data ?? path) { try FrameExamination(of: model, sequences: sequences, key: key).findings() }
    }
}
