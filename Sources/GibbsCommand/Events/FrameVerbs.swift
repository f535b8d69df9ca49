import ArgumentParser
import Foundation
import Gibbs

/// What the verbs do with a model of frames.
enum FrameVerbs {
    static func inspect(_ model: FrameModel, path: String, json: Bool) {
        print(json ? model.json(file: path).text : FrameSummary.inspected(model, path: path).printable)
    }

    /// Calibrates on fresh normal frames.
    static func calibrate(_ model: FrameModel, _ data: String, falseAlarms: Double?, out: String, frames: FrameInput, input: InputOptions) throws {
        let sequences = try frames.read(data, for: model, input: input), calibrated: FrameModel
        do {
            calibrated = try model.calibrated(on: sequences, falseAlarmRate: falseAlarms ?? model.calibration?.falseAlarmRate ?? 0.01)
        } catch let error as GibbsError { throw error.located(at: .init(file: data)) }
        try calibrated.write(to: out)
        print(FrameSummary.alarm(calibrated))
        print("wrote \(out)")
    }

    /// Likelihoods of frames, as text or one JSON object.
    static func evaluate(_ model: FrameModel, _ data: String, frames: FrameInput, judging: FrameJudging, text: Bool, input: InputOptions) throws {
        let begin = Date()
        Interruption.watch()
        let sequences = try frames.read(data, for: model, input: input)
        do {
            let found = try model.likelihood(of: sequences, by: judging.method, limit: judging.limit, key: Key(judging.key)) {
                Console.bar(share: $0, since: begin, "annealing")
                try Interruption.check()
            }
            Console.clearProgress()
            print(text ? FrameSummary.likelihood(found, method: judging.method) : FrameSummary.json(found, method: judging.method).text)
        } catch let error as GibbsError { throw error.code == .usage || error.code == .limitExceeded ? error : error.located(at: .init(file: data)) }
    }
}

/// How ln Z of frames is estimated.
struct FrameJudging: ParsableArguments {
    @Option(help: "For frames: annealing chains each way.")
    var chains = 100

    @Option(help: "For frames: annealing temperatures.")
    var steps = 500

    @Option(help: "For frames: judge so many, drawn by the key, instead of all.")
    var limit: Int?

    @Option(help: "For frames: number from which all randomness is derived.")
    var key: UInt64 = 1

    var method: MachineAnnealing { MachineAnnealing(chains: chains, steps: steps, sweeps: 100) }
}
