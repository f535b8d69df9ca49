import ArgumentParser
import Foundation
import Gibbs
import GibbsVerify

struct Verify: ParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Check the mathematics on this machine, or look for what is wrong with a model.",
        discussion: """
            Without a model: probabilities, free energies, gradients, samplers, ln Z and training, on small random models that can be \
            summed over exactly. A failed check is a fault of this program or this machine.

            With a model, of records, sessions, streams, frames or images: weights that are no numbers, dead or saturated hidden units, collapsed scores, \
            an energy gap; of streams and frames also whether its own sums come out; of recommenders whether they answer one as they answer many, and fold people in where they fitted them; \
            of encoders whether partners share anything, and with --data over how many directions the embeddings of images spread.

            Exit status 0 if all is well, 1 if a check failed or something looks odd, and the usual ones if the model cannot be read.
            """)

    @Argument(help: "Model file to examine; the mathematics itself without one.")
    var model: String?

    @Option(help: "Normal records, sessions, events, frames or images, to examine the model on; its own draws unless told.")
    var data: String?

    @Option(help: "Number from which all randomness is derived.")
    var key: UInt64 = 1

    @Flag(help: "Print as JSON.")
    var json = false

    @OptionGroup var labels: LabelOptions
    @OptionGroup var texts: TextModelOption
    @OptionGroup var frames: FrameInput
    @OptionGroup var input: InputOptions

    /// The exit status of a look that found something, as that of `diff` and `grep`.
    private static let odd = ExitCode(1)

    func run() throws {
        Interruption.watch()
        if let model { return try examine(model) }
        guard data == nil, labels.label == nil, labels.normal == nil, texts.textModel == nil else {
            throw GibbsError(.usage, "there is no model to examine on records", advice: "name the model first: gibbs verify model.gibbs --data records.csv")
        }
        try checkMathematics()
    }

    private func checkMathematics() throws {
        let begin = Date(), checks = VerificationCheck.all
        var results = [Verification]()
        for (index, check) in checks.enumerated() {
            Console.progress("\(index + 1) of \(checks.count): \(check.name)")
            results.append(check.run(key: Key(key).folding(index)))
            try Interruption.check()
        }
        Console.clearProgress()
        let seconds = Date().timeIntervalSince(begin)
        print(json ? VerificationText.json(results, key: key, seconds: seconds).text : VerificationText.table(results, key: key, seconds: seconds))
        for result in results { for failure in result.failures { Console.error("gibbs: \(result.name): \(failure)") } }
        if !results.allSatisfy(\.holds) { throw Self.odd }
    }

    private func examine(_ model: String) throws {
        let (kind, findings) = try ModelExamination(path: model, data: data, input: input, labels: labels, texts: texts, frames: frames, key: Key(key)).findings()
        Console.clearProgress()
        print(json ? FindingText.json(findings, path: model, kind: kind).text : FindingText.list(findings, path: model, kind: kind).printable)
        if findings.contains(where: \.isWarning) { throw Self.odd }
    }
}
