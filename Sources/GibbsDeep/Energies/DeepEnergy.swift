import GibbsNumerics

/// The energy that a network gives: E(x) = f(x), nats, for a network f whose output is one number.
///
///     let energy = try DeepEnergy([.linear(64), .silu, .linear(64), .silu, .linear(1)], input: [2], key: Key(1))
///     let joined = energy + gaussian
///     try energy.write(to: "energy.gibbs")
///
/// Nothing makes exp(−f) integrable: confine x by adding a quadratic energy, or train the network to do so. The normaliser is unknown in
/// any case; `AnnealedImportance` estimates it.
///
/// - Source: LeCun, Chopra, Hadsell, Ranzato & Huang, *A Tutorial on Energy-Based Learning*, 2006.
public struct DeepEnergy: TensorEnergy {
    /// f.
    public let network: Network
    /// Rows that are computed at once.
    public var rowsAtOnce = 256
    /// Where the network's weights are.
    public let device: Device

    /// The energy that `network` gives.
    ///
    /// - Throws: `GibbsError` with code `.shapeMismatch` unless its output is one number a row.
    public init(_ network: Network) throws {
        guard network.output == [1] else {
            throw GibbsError(.shapeMismatch, "an energy is one number a row, and the network's output has the shape \(network.output)",
                             advice: "end it with .flatten, .linear(1)")
        }
        self.network = network
        device = network.parameters.first?.device ?? .processor
    }

    /// The energy of a network with fresh weights; consumes `key`.
    ///
    /// - Throws: As `init(_:)` and `Network.init(_:input:key:)`.
    public init(_ layers: [Layer], input: [Int], key: Key) throws { try self.init(Network(layers, input: input, key: key)) }

    /// The shape of a row.
    public var input: [Int] { network.input }

    /// f(x), shape `[n]`; see `TensorEnergy.energy(of:)`.
    public func energy(of x: Tensor) throws -> Tensor { try network(x).reshaped([x.shape.first ?? 0]) }
}

extension DeepEnergy: Storable {
    public static let kind = "deep"

    public init(archive: Archive) throws {
        let network = try Network(archive: archive)
        do { try self.init(network) } catch let error as GibbsError { throw error.aboutModel }
    }

    public func archive() -> Archive { network.archive() }
}

/// An energy written as a closure; it cannot be stored, as code cannot.
///
///     let well = WrittenEnergy(input: [2]) { x in try (x.squared() - 1).squared().rowSums() }
public struct WrittenEnergy: TensorEnergy {
    /// The shape of a row.
    public let input: [Int]
    /// Rows that are computed at once.
    public var rowsAtOnce = 256
    /// Where the closure wants its rows.
    public var device = Device.processor
    private let body: @Sendable (Tensor) throws -> Tensor

    /// The energy that `body` computes of rows `[n] + input`: shape `[n]`, nats.
    public init(input: [Int], _ body: @escaping @Sendable (Tensor) throws -> Tensor) {
        self.input = input
        self.body = body
    }

    /// What the closure says; see `TensorEnergy.energy(of:)`.
    public func energy(of x: Tensor) throws -> Tensor { try body(x) }
}
