import ArgumentParser
import Foundation
import Gibbs

/// What the verbs do with a model of frames.
enum FrameVerbs {
    /// Whether the file holds a model of frames; no other question is answered here.
    static func owns(_ path: String) -> Bool { (try? ModelFile.read(path))?.metadata[ModelFile.kindKey] == FrameModel.kind }

    static func inspect(_ path: String, json: Bool) throws {
        let model = try FrameModel(contentsOf: path)
        print(json ? FrameSummary.json(model, path: path).text : FrameSummary.inspected(model, path: path).printable)
    }

    /// Likelihoods of frames, as text or one JSON object.
    static func evaluate(_ path: String, _ data: String, frames: FrameInput, judging: FrameJudging, text: Bool, input: InputOptions) throws {
        let begin = Date()
        Interruption.watch()
        let model = try FrameModel(contentsOf: path), sequences = try frames.read(data, input: input)
        do {
            let found = try model.likelihood(of: sequences, by: judging.method, limit: judging.limit, key: Key(judging.key)) {
                Console.bar(done: Int(1000 * $0), of: 1000, since: begin, unit: "‰ annealing")
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
