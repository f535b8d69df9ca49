import Foundation
import GibbsCore
import GibbsCreate
import GibbsLandscapes
import GibbsMachines
import GibbsNumerics

/// Looks into a model of images: what each class draws, whether classes are told apart, and the machines of those that are machines.
public struct ImageExamination: Sendable {
    /// Images drawn of all classes together, at least `MachineExamination.fewestRows` of each.
    public static let ownImages = 1_000
    /// Images drawn of all classes of a diffusion together, at least two of each.
    public static let diffusionImages = 100
    /// Share of a class's mean image that its draws' mean image must explain.
    public static let leastLikeness = 0.5
    /// A standard error of ln Z beyond this many nats leaves p(class | image) to chance.
    public static let largestError = 1.0

    private let model: ImageModel
    private let images: Matrix?
    private let key: Key

    /// An examination of a model of images.
    ///
    /// - Parameters:
    ///   - model: The model.
    ///   - images: Images like those it was fitted to, as its energies see them (`ImageModel.drawn`); shape `[any, pixels]`. Without them
    ///     the energy gap stays unknown.
    ///   - key: Feeds the draws.
    public init(of model: ImageModel, images: Matrix? = nil, key: Key) {
        self.model = model
        self.images = images
        self.key = key
    }

    /// Everything there is to say.
    ///
    /// - Throws: `GibbsError` with code `.shapeMismatch` or `.unsuitableData` for images that do not fit.
    /// - Complexity: Some 300 sweeps of a machine's chains, or as many exact draws, a class; their energies under every class.
    public func findings() throws -> [Finding] {
        guard model.canDraw else {
            return try [partitions, Finding("own draws", "none: a residual tells images apart and draws none")] + (images.map { [try scores(of: $0, "images")] } ?? [])
        }
        let count = model.classes[0].energy.isDiffusion ? max(2, Self.diffusionImages / model.classes.count) : max(MachineExamination.fewestRows, Self.ownImages / model.classes.count)
        let drawn = try model.classes.enumerated().map { try draws(of: $1, count, key: key.folding($0)) }
        let all = drawn.dropFirst().reduce(drawn[0]) { $0.appending($1) }
        var findings = [partitions, likeness(drawn)]
        findings += try [scores(of: all, "own draws")] + (model.classes.count > 1 ? [apart(all, count)] : [])
        findings += try gap(all, count)
        if case .diffusion(let energy) = model.classes[0].energy { findings += try DiffusionExamination(of: energy, rows: all, key: key.folding(-1)).findings() }
        return findings + (try units(drawn))
    }

    // MARK: - Draws

    /// Draws of one class, as its energy sees them.
    private func draws(of part: ImageModel.Class, _ count: Int, key: Key) throws -> Matrix {
        guard case .memory(let memory) = part.energy else {
            let steps = part.energy.bestKernel == .exact ? nil : part.energy.isDiffusion ? 50 : 300
            return try model.draw(count, of: [part.name], by: ImageSampler(steps: steps), key: key).images
        }
        // A memory of bumps of one width is a kernel density: a pattern and noise, σ² = 1/2β.
        let picks = key.folding(0).uniforms(count).map { min(memory.patterns.rows - 1, Int($0 * Float(memory.patterns.rows))) }
        var rows = memory.patterns.selecting(rows: picks)
        let noise = Matrix(rows: count, columns: rows.columns, values: key.folding(1).normals(count * rows.columns))
        rows.add(noise, times: (1 / (2 * memory.meanPrecision)).squareRoot())
        return rows
    }

    /// The mean of the draws, against that of the images of the fit, over the pixels: 1 − Σ (draws − images)² / Σ (images − their mean)².
    private func likeness(_ drawn: [Matrix]) -> Finding {
        var unlike = [String](), least = Double.infinity
        for (part, rows) in zip(model.classes, drawn) {
            let found = (0 ..< rows.columns).map { Statistics.mean(rows.column($0)) }, middle = Statistics.mean(part.mean)
            let spread = part.mean.reduce(0.0) { $0 + (Double($1) - middle) * (Double($1) - middle) }
            // A flat mean image has no shape to be like.
            guard spread > 1e-3 * Double(rows.columns) else { continue }
            let likeness = 1 - zip(found, part.mean).reduce(0.0) { $0 + ($1.0 - Double($1.1)) * ($1.0 - Double($1.1)) } / spread
            least = min(least, likeness.isNaN ? -.infinity : likeness)
            if !(likeness >= Self.leastLikeness) { unlike.append(part.name) }
        }
        guard least < .infinity else { return Finding("own draws", "not judged: the mean images are flat, which leaves no shape to compare", .unknown(need: "look at some, by gibbs sample")) }
        return Finding("own draws", String(format: "their mean explains at least %.0f %% of a class's mean image", 100 * max(-1, least)), warnsIf: !unlike.isEmpty,
                       advice: "what class \(unlike.prefix(8).joined(separator: ", ")) draws is unlike its images; train longer, or with a smaller rate")
    }

    // MARK: - Scores

    private var partitions: Finding {
        if !model.classes.contains(where: \.hasNormaliser) { return Finding("ln Z", "one for all classes, not known") }
        if model.classes.allSatisfy(\.energy.isBound) { return Finding("ln Z", "at most 0: the energy is a bound on −ln p") }
        let errors = model.classes.map { $0.logPartition.kind == .exact ? 0 : $0.logPartition.standardError }
        let unsure = zip(model.classes, errors).filter { !($0.1 <= Self.largestError) }.map(\.0.name), known = errors.filter { !$0.isNaN }
        return Finding("ln Z", errors.allSatisfy { $0 == 0 } ? "exact" : String(format: "standard error at most %.2g nats", known.max() ?? .nan), warnsIf: !unsure.isEmpty,
                       advice: "that of class \(unsure.prefix(8).joined(separator: ", ")) is too rough to tell classes apart; estimate it by gibbs partition with more steps")
    }

    private func scores(of rows: Matrix, _ name: String) throws -> Finding { ScoreExamination.variety(try model.surprises(of: rows), of: name) }

    /// Whether draws are given back to the class that drew them, beyond what guessing would do.
    private func apart(_ all: Matrix, _ count: Int) throws -> Finding {
        let probabilities = try model.classProbabilities(of: all), classes = model.classes.count
        let likeliest = (0 ..< all.rows).map { row in probabilities.row(row).enumerated().max { $0.element < $1.element }!.offset }
        let right = likeliest.indices.count { likeliest[$0] == $0 / count }, chance = 1 / Double(classes), n = Double(all.rows)
        let bound = chance * n + 6 * (n * chance * (1 - chance)).squareRoot()
        return Finding("classes", "\(right) of \(all.rows) draws are given to the class that drew them", warnsIf: Double(right) <= bound,
                       advice: Set(likeliest).count == 1 ? "class \(model.classes[likeliest[0]].name) takes every image: its ln Z is wrong or the others collapsed; fit again"
                           : "the classes cannot be told apart by their energies; fit again, with labels that say what is in the image")
    }

    private func gap(_ all: Matrix, _ count: Int) throws -> [Finding] {
        guard let images else { return [Finding("energy gap", "not looked at", .unknown(need: "give images with --data"))] }
        // Draws of each class in its share.
        let largest = model.classes.map(\.share).max()!
        let rows = model.classes.enumerated().flatMap { index, part in
            (0 ..< max(1, Int((part.share / largest * Double(count)).rounded()))).map { index * count + $0 }
        }
        let energies = try model.surprises(of: images)
        return [ScoreExamination.variety(energies, of: "images"),
                ScoreExamination.gap(energies, of: "these images", expected: try model.surprises(of: all.selecting(rows: rows)), of: "its own draws", allowed: 3,
                                     advice: "the model does not expect these images; fit it again if they are like those it was fitted to")]
    }

    // MARK: - Machines

    /// What is wrong with the machine of a class, by name; one line where nothing is.
    private func units(_ drawn: [Matrix]) throws -> [Finding] {
        let columns = (0 ..< model.shape.pixels).map { "\($0 / model.shape.width + 1),\($0 % model.shape.width + 1)" }
        var warnings = [Finding](), machines = 0, hidden = 0
        for (part, rows) in zip(model.classes, drawn) {
            guard case .machine(let machine) = part.energy else { continue }
            machines += 1
            hidden += machine.hiddenCount
            warnings += try MachineExamination(of: machine, columns: columns, rows: rows).findings.filter(\.isWarning).map {
                Finding("class \(part.name): \($0.subject)", $0.seen, $0.verdict)
            }
        }
        if machines == 0 { return [] }
        return warnings.isEmpty ? [Finding("hidden units", "none of \(hidden) dead or saturated, weights within bounds")] : warnings
    }
}
