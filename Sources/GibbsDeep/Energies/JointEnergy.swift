import GibbsNumerics

/// A classifier that is an energy as well: for a network f with an output a class, and a scale s,
///
///     E(x, y) = −s f_y(x),   E(x) = −ln Σ_y exp(s f_y(x)),   p(y | x) = exp(s f_y(x)) / Σ_k exp(s f_k(x))
///
/// in nats; 1/s is the temperature at which outputs as they are become probabilities. All E(x, y) share one normaliser, so classes compare as they
/// are. Of a plain classifier −E(x) is the score of Liu et al.; trained by `JointTraining` it is the energy of the data too.
///
/// - Source: Grathwohl, Wang, Jacobsen, Duvenaud, Norouzi & Swersky, *Your Classifier is Secretly an Energy Based Model and You Should Treat
///   it Like One*, ICLR 2020, equations 5 to 8; Liu, Wang, Owens & Li, *Energy-based Out-of-distribution Detection*, NeurIPS 2020, equation 4.
public struct JointEnergy: NetworkEnergy {
    /// f.
    public let network: Network
    /// s. A large one lets a classifier be sure of itself while its outputs, of which chains see the slopes, stay small.
    public let scale: Double
    /// Rows that are computed at once.
    public var rowsAtOnce = 256
    /// Where the network's weights are.
    public let device: Device

    /// The energy that a classifier gives.
    ///
    /// - Throws: `GibbsError` with code `.shapeMismatch` unless its output is a row of numbers; `.usage` for a scale that is not positive.
    public init(_ network: Network, scale: Double = 1) throws {
        guard scale > 0, scale.isFinite else { throw GibbsError(.usage, "outputs scaled by \(scale)", advice: "give a positive number") }
        guard network.output.count == 1 else {
            throw GibbsError(.shapeMismatch, "a classifier gives a number a class, and the network's output has the shape \(network.output)",
                             advice: "end it with .flatten, .linear(classes)")
        }
        self.network = network
        self.scale = scale
        device = network.parameters.first?.device ?? .processor
    }

    /// The shape of a row.
    public var input: [Int] { network.input }
    /// The number of classes.
    public var classes: Int { network.output[0] }

    /// E(x), shape `[n]`; see `TensorEnergy.energy(of:)`.
    public func energy(of x: Tensor) throws -> Tensor { try -logits(x).logSumExp(over: [1]) }

    /// s f(x), shape `[n, classes]`.
    func logits(_ x: Tensor) throws -> Tensor { scale == 1 ? try network(x) : try scale * network(x) }

    /// See `NetworkEnergy.with(_:)`.
    public func with(_ network: Network) throws -> JointEnergy {
        var result = try JointEnergy(network, scale: scale)
        result.rowsAtOnce = rowsAtOnce
        return result
    }

    /// p(y | x) of every row; shape `[rows, classes]`.
    ///
    /// - Throws: As `energies(of:)`.
    public func classProbabilities(of batch: Matrix) throws -> Matrix {
        try checkComplete(batch)
        let parts = try stride(from: 0, to: batch.rows, by: rowsAtOnce).map { first in
            let x = try Tensor(batch.slice(first ..< min(batch.rows, first + rowsAtOnce)), row: input)
            return try logits(device == .processor ? x : x.moved(to: device)).softmax(along: 1).floats()
        }
        return Matrix(rows: batch.rows, columns: classes, values: parts.flatMap { $0 })
    }
}

extension JointEnergy: Storable {
    public static let kind = "joint"

    public init(archive: Archive) throws {
        let network = try Network(archive: archive)
        guard let scale = archive.metadata["scale"].map({ Double($0) }) ?? 1 else { throw GibbsError(.unsuitableModel, "holds a scale that is no number", advice: "the file is damaged") }
        do { try self.init(network, scale: scale) } catch let error as GibbsError { throw error.aboutModel }
    }

    public func archive() -> Archive {
        var archive = network.archive()
        archive.metadata["scale"] = "\(scale)"
        return archive
    }
}

/// The energy of one class of a classifier: E(x | y) = −s f_y(x), up to the constant ln p(y) that `JointEnergy` leaves to the network.
public struct ClassEnergy: TensorEnergy {
    /// All classes together.
    public let joint: JointEnergy
    /// y, counted from 0.
    public let index: Int

    /// The energy of a class. Traps unless the classifier has it.
    public init(_ joint: JointEnergy, class index: Int) {
        precondition((0 ..< joint.classes).contains(index), "class \(index) of \(joint.classes)")
        self.joint = joint
        self.index = index
    }

    /// The shape of a row.
    public var input: [Int] { joint.input }
    /// Rows that are computed at once.
    public var rowsAtOnce: Int { joint.rowsAtOnce }
    /// Where the network's weights are.
    public var device: Device { joint.device }

    /// −s f_y(x), shape `[n]`; see `TensorEnergy.energy(of:)`.
    public func energy(of x: Tensor) throws -> Tensor { try -joint.logits(x).selecting(index, along: 1) }
}
