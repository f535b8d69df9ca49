import ArgumentParser
import Foundation
import Gibbs

struct Partition: ParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Estimate ln Z, and the log-likelihood of test data with its bracket.",
        discussion: """
            Annealed importance sampling gives ln Z from below, reverse annealing from above; where the two meet, ln Z is known. Sums over \
            all states are exact for machines with at most 25 units on the smaller side. Gaussians, memories and independent columns have it \
            in closed form; energies of autoencoders and diffusions are bounds on −ln p, so that ln Z is at most 0; a watchdog that pools several \
            experts has none that could be had. Of a diffusion the probability flow gives bits a pixel as well, which compare with other diffusions'.
            """)

    @Argument(help: "Model file, of images or a watchdog with one expert.")
    var model: String

    @Option(help: "exact, ais or both.")
    var method: PartitionMethod = .both

    @Option(help: "Test images or records, to print their log-likelihood.")
    var data: String?

    @Option(help: "Images or records whose column means are the base rates and from which reverse chains start, such as the training data.")
    var base: String?

    @Option(help: "Annealing chains each way.")
    var chains = 100

    @Option(help: "Annealing steps.")
    var steps = 10_000

    @Option(help: ArgumentHelp("Of a diffusion: test images, the first ones, whose bits a pixel are found along the probability flow; 64 unless told, 0 for none.", valueName: "count"))
    var flow: Int?

    @Option(help: "Number from which all randomness is derived.")
    var key: UInt64 = 1

    @Flag(help: "Print as JSON.")
    var json = false

    @OptionGroup var texts: TextModelOption
    @OptionGroup var input: InputOptions

    func run() throws {
        let begin = Date()
        Interruption.watch()
        let any = try AnyModel.read(model)
        if let flow { try check(flow, any) }
        if case .records(let watchdog) = any { return try run(on: data == nil && base == nil ? watchdog : texts.reading(watchdog, model: model), since: begin) }
        try texts.refuse("a model that is no watchdog on records")
        guard case .images(let images) = any else { throw any.unfit(model, needed: "a model of images or a watchdog on records", maker: "gibbs fit images or gibbs fit table") }
        func read(_ path: String) throws -> Matrix { try LabelledImages(path: path, shape: images.shape, white: images.training.white, options: input.options()).fitting(images.shape, file: path).images }
        let test = try data.map { try images.drawn(read($0), key: Key(key).folding(1)) }
        let rates = try base.map { try images.drawn(read($0), key: Key(key).folding(2)).images }
        let found = try images.partition(method, annealing: annealing, data: rates, key: Key(key)) { try Self.tell($0, since: begin) }
        let likelihood = try test.map { try images.likelihood(of: $0.images, partitions: found) }, flow = try flowLikelihood(images, test?.images), noise = try test.flatMap { try images.boundNoise(of: $0.images, key: Key(key).folding(4)) }
        Console.clearProgress()
        if json { return print(Self.json(found, likelihood, flow, noise).text) }
        for part in found { print(Self.text("class \(part.name)", part.exact, part.bracket, atMost: part.bound)) }
        if let likelihood, let test {
            if test.wereGrey { print("test pixels drawn as on or off by their brightness, key \(key)") }
            print(Self.text(likelihood, of: "image"))
            switch images.classes[0].energy {
            case .gaussian: print("images count as densities of the pixels' log-odds")
            case .memory, .principal: print("images count as densities of the pixels' brightness, 0 to 1")
            case .autoencoder: print("of an autoencoder the energy is −ELBO, the pixels counted as on or off")
            case .diffusion:
                print("images count as densities of the pixels' brightness, 0 to 1")
                if let noise { print(String(format: "the bound is drawn with noise that all images share: other noise moves it by ± %.1f nats an image", noise)) }
            case .machine, .deep, .residual: break
            }
        }
        if let flow { print("by the probability flow " + String(format: "%.3f ± %.3f bits a pixel of 256 levels", flow.bitsPerPixel, flow.standardError) + " (the first \(flow.count) images)") }
    }

    /// - Throws: `GibbsError` with code `.usage` for a number of images that cannot be, or where there is no flow.
    private func check(_ flow: Int, _ model: AnyModel) throws {
        guard flow >= 0 else { throw GibbsError(.usage, "--flow \(flow)", advice: "give a number of images") }
        guard case .images(let images) = model, images.classes[0].energy.isDiffusion else { throw GibbsError(.usage, "--flow of a model that is no diffusion", advice: "leave it out") }
        guard data != nil || flow == 0 else { throw GibbsError(.usage, "--flow without images", advice: "give them with --data") }
    }

    private func flowLikelihood(_ model: ImageModel, _ images: Matrix?) throws -> FlowLikelihood? {
        guard let images, model.classes[0].energy.isDiffusion, flow != 0 else { return nil }
        let begin = Date()
        return try model.flowLikelihood(of: images.slice(0 ..< min(images.rows, flow ?? 64)), key: Key(key).folding(3)) {
            Console.bar(share: $0, since: begin, "of the flow")
            try Interruption.check()
        }
    }

    private var annealing: MachineAnnealing { MachineAnnealing(chains: chains, steps: steps) }

    private static func tell(_ share: Double, since begin: Date) throws {
        Console.bar(share: share, since: begin, "annealing")
        try Interruption.check()
    }

    private func run(on watchdog: Watchdog, since begin: Date) throws {
        func located<Result>(_ file: String, _ body: () throws -> Result) throws -> Result {
            do { return try body() } catch let error as GibbsError { throw error.code == .usage || error.code == .limitExceeded ? error : error.located(at: .init(file: file)) }
        }
        func read(_ path: String) throws -> Table { try input.reader(path, for: watchdog).readAll() }
        let test = try data.map { try ($0, read($0)) }, rates = try base.map(read)
        let found = try located(model) { try watchdog.partition(method, annealing: annealing, base: rates, key: Key(key)) { try Self.tell($0, since: begin) } }
        let likelihood = try test.map { path, table in try located(path) { try watchdog.likelihood(of: table, partition: found) } }
        Console.clearProgress()
        if json {
            return print(JSONValue.object([("expert", .string(found.expert)), ("exact", Self.json(found.exact)), ("lower", Self.json(found.bracket?.lower)), ("upper", Self.json(found.bracket?.upper)),
                                           ("test", Self.json(likelihood, of: "records"))]).text)
        }
        print(Self.text(found.expert, found.exact, found.bracket) + (found.reason.map { ": " + $0 } ?? ""))
        if let likelihood {
            print(Self.text(likelihood, of: "record"))
            if watchdog.encoder.variables.contains(.real), found.expert != "independent columns" { print("numbers count as densities in the scale of the fit, a deviation long") }
        }
    }

    private static func text(_ likelihood: LikelihoodBracket, of what: String) -> String {
        let isBound = likelihood.atMost == .infinity
        return "test log-likelihood " + (isBound ? "at least " : "") + String(format: "%.3f ± %.3f nats", likelihood.best, likelihood.standardError)
            + (what == "image" ? " an image" : " a record") + " (\(likelihood.count) \(what)s)"
            + (isBound || likelihood.atLeast == likelihood.atMost ? "" : String(format: ", between %.3f and %.3f by the two ln Z", min(likelihood.atLeast, likelihood.atMost), max(likelihood.atLeast, likelihood.atMost)))
    }

    private static func text(_ name: String, _ exact: PartitionEstimate?, _ bracket: PartitionBracket?, atMost bound: PartitionEstimate? = nil) -> String {
        func value(_ name: String, _ estimate: PartitionEstimate) -> String {
            name + String(format: " %.3f", estimate.logPartition) + (estimate.kind == .exact ? "" : String(format: " ± %.3f (worth %.0f of %d chains)", estimate.standardError, estimate.effectiveChains, estimate.chains))
        }
        var parts = [String]()
        if let exact { parts.append(value("exact", exact)) }
        if let bracket { parts += [value("from below", bracket.lower), value("from above", bracket.upper)] }
        if let bound { parts.append(String(format: "at most %.3f: the energy is itself a bound on −ln p", bound.logPartition)) }
        return name.padded(13) + " ln Z " + parts.joined(separator: ", ")
    }

    private static func json(_ found: [ClassPartition], _ likelihood: LikelihoodBracket?, _ flow: FlowLikelihood?, _ noise: Double?) -> JSONValue {
        .object([("classes", .array(found.map {
            .object([("name", .string($0.name)), ("exact", json($0.exact)), ("lower", json($0.bracket?.lower)), ("upper", json($0.bracket?.upper)), ("atMost", json($0.bound))])
        })), ("test", json(likelihood, of: "images"))] + (flow.map { flow in
            [("flow", .object([("bitsPerPixel", .number(flow.bitsPerPixel)), ("standardError", flow.standardError.isFinite ? .number(flow.standardError) : .null), ("images", .int(flow.count))]))]
        } ?? []) + (noise.map { [("boundNoise", .number($0))] } ?? []))
    }

    private static func json(_ estimate: PartitionEstimate?) -> JSONValue {
        guard let estimate else { return .null }
        return .object([("logPartition", .number(estimate.logPartition, digits: 9)), ("standardError", .number(estimate.standardError)),
                        ("chains", .int(estimate.chains)), ("effectiveChains", .number(estimate.effectiveChains)), ("seconds", .number(estimate.seconds))])
    }

    private static func json(_ likelihood: LikelihoodBracket?, of what: String) -> JSONValue {
        likelihood.map {
            .object([("logLikelihood", .number($0.best, digits: 8)), ("standardError", .number($0.standardError)), ("atLeast", .number($0.atLeast, digits: 8)),
                     ("atMost", .number($0.atMost, digits: 8)), (what, .int($0.count))])
        } ?? .null
    }
}

extension PartitionMethod: ExpressibleByArgument {}
