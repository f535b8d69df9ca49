import Foundation
import Gibbs
import GibbsVerify

extension ModelExamination {
    /// What there is to say of a watchdog on a stream.
    func examineStream(_ watchdog: StreamWatchdog) throws -> [Finding] {
        guard labels.label == nil, labels.normal == nil else { throw GibbsError(.usage, "--label with a log of events", advice: "give a log of normal events alone") }
        let log = try data.map { try StreamLog.read($0, for: watchdog, input: input) }
        Console.progress("examining \(path)")
        let past = try log.map { _ in try StreamState.known(of: watchdog, model: path) }
        return try GibbsError.naming(data ?? path) { try StreamExamination(of: watchdog, log: log, past: past, key: key).findings() }
    }

    /// What there is to say of a model of frames.
    func examineFrames(_ model: FrameModel) throws -> [Finding] {
        guard labels.label == nil, labels.normal == nil else { throw GibbsError(.usage, "--label with frames", advice: "give normal frames alone, and leave a column out with --ignore") }
        let sequences = try data.map { try frames.read($0, for: model, input: input) }
        Console.progress("examining \(path)")
        return try GibbsError.naming(data ?? path) { try FrameExamination(of: model, sequences: sequences, key: key).findings() }
    }
}
