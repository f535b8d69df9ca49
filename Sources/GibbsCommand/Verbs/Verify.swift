import ArgumentParser
import Foundation
import Gibbs
import GibbsVerify

struct Verify: ParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Check the mathematics on this machine, or a model file.",
        discussion: """
            Without a model: probabilities, gradients, samplers, ln Z and training, on small random machines that can be summed over \
            exactly. Exit status 70 if anything is off.

            With a model: dead or saturated units, collapsed scores, drifted energies, columns without a say. What looks odd is a \
            warning, and the exit status stays 0.
            """)

    @Argument(help: "Model file to examine; the mathematics itself without one.")
    var model: String?

    @Option(help: "Records to examine the model on, normal ones; its own draws unless told.")
    var data: String?

    @Option(help: "Number from which all randomness is derived.")
    var key: UInt64 = 1

    @Flag(help: "Print as JSON.")
    var json = false

    @OptionGroup var labels: LabelOptions
    @OptionGroup var input: InputOptions

    func run() throws {
        Interruption.watch()
        if let model { return try examine(model) }
        guard data == nil, labels.label == nil, labels.normal == nil else {
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
        let failed = results.filter { !$0.holds }
        for result in failed { for failure in result.failures { Console.error("gibbs: \(result.name): \(failure)") } }
        if !failed.isEmpty { throw ExitCode(70) }
    }

    private func examine(_ model: String) throws {
        let (kind, findings) = try ModelExamination(path: model, data: data, input: input, labels: labels, key: Key(key)).findings()
        Console.clearProgress()
        print(json ? FindingText.json(findings, path: model, kind: kind).text : FindingText.list(findings, path: model, kind: kind).printable)
    }
}
