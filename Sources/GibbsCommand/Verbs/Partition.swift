import ArgumentParser
import Foundation
import Gibbs

struct Partition: ParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Estimate ln Z, and the log-likelihood of test data with its bracket.",
        discussion: """
            Annealed importance sampling gives ln Z from below, reverse annealing from above; where the two meet, ln Z is known. Sums over \
            all states are exact for machines with at most 25 units on the smaller side.
            """)

    @Argument(help: "Model file, of images.")
    var model: String

    @Option(help: "exact, ais or both.")
    var method: ImageModel.PartitionMethod = .both

    @Option(help: "Test images, to print their log-likelihood.")
    var data: String?

    @Option(help: "Images whose column means are the base rates and from which reverse chains start, such as the training data.")
    var base: String?

    @Option(help: "Annealing chains each way.")
    var chains = 100

    @Option(help: "Annealing steps.")
    var steps = 10_000

    @Option(help: "Number from which all randomness is derived.")
    var key: UInt64 = 1

    @Flag(help: "Print as JSON.")
    var json = false

    @OptionGroup var input: InputOptions

    func run() throws {
        let begin = Date()
        Interruption.watch()
        let images = try ImageModel(contentsOf: model)
        func read(_ path: String) throws -> Matrix { try LabelledImages(path: path, shape: images.shape, options: input.options()).images }
        let test = try data.map { try images.drawn(read($0), key: Key(key).folding(1)) }
        let rates = try base.map { try images.drawn(read($0), key: Key(key).folding(2)).images }
        let found = try images.partition(method, annealing: MachineAnnealing(chains: chains, steps: steps), data: rates, key: Key(key)) {
            Console.bar(done: Int(1000 * $0), of: 1000, since: begin, unit: "‰ annealing")
            try Interruption.check()
        }
        let likelihood = try test.map { try images.likelihood(of: $0.images, partitions: found) }
        Console.clearProgress()
        if json { return print(Self.json(found, likelihood).text) }
        for part in found { print(Self.text(part)) }
        if let likelihood, let test {
            if test.wereGrey { print("test pixels drawn as on or off by their brightness, key \(key)") }
            print(String(format: "test log-likelihood %.3f ± %.3f nats an image (%d images)", likelihood.best, likelihood.standardError, likelihood.count)
                + (likelihood.atLeast == likelihood.atMost ? "" : String(format: ", between %.3f and %.3f by the two ln Z", likelihood.atLeast, likelihood.atMost)))
        }
    }

    private static func text(_ part: ClassPartition) -> String {
        func value(_ name: String, _ estimate: PartitionEstimate) -> String {
            name + String(format: " %.3f", estimate.logPartition) + (estimate.kind == .exact ? "" : String(format: " ± %.3f (worth %.0f of %d chains)", estimate.standardError, estimate.effectiveChains, estimate.chains))
        }
        var parts = [String]()
        if let exact = part.exact { parts.append(value("exact", exact)) }
        if let bracket = part.bracket { parts += [value("from below", bracket.lower), value("from above", bracket.upper)] }
        return "class \(part.name)".padded(14) + "ln Z " + parts.joined(separator: ", ")
    }

    private static func json(_ found: [ClassPartition], _ likelihood: LikelihoodBracket?) -> JSONValue {
        func value(_ estimate: PartitionEstimate?) -> JSONValue {
            guard let estimate else { return .null }
            return .object([("logPartition", .number(estimate.logPartition, digits: 9)), ("standardError", .number(estimate.standardError)),
                            ("chains", .int(estimate.chains)), ("effectiveChains", .number(estimate.effectiveChains)), ("seconds", .number(estimate.seconds))])
        }
        return .object([("classes", .array(found.map {
            .object([("name", .string($0.name)), ("exact", value($0.exact)), ("lower", value($0.bracket?.lower)), ("upper", value($0.bracket?.upper))])
        })), ("test", likelihood.map {
            .object([("logLikelihood", .number($0.best, digits: 8)), ("standardError", .number($0.standardError)), ("atLeast", .number($0.atLeast, digits: 8)),
                     ("atMost", .number($0.atMost, digits: 8)), ("images", .int($0.count))])
        } ?? .null)])
    }
}

extension ImageModel.PartitionMethod: ExpressibleByArgument {}
