import Foundation
import GibbsCore
import GibbsNumerics

/// An energy of pairs: E(x, y) = −sim(h(f(x)), h(g(y))) / τ, low where the two belong together.
///
/// f and g are networks, one for both sides where these are of one kind; h is a head that training alone uses, so that what f gives keeps what h
/// throws away. `embeddings` are f(x) and g(y), the part that is of use elsewhere.
///
/// - Source: Chen et al., ICML 2020, section 4.2, for the head.
public struct PairCritic: Sendable {
    /// f, and g; `nil` where f serves both sides.
    public let left: Network, right: Network?
    /// h; `nil` for none.
    public let head: Network?
    /// sim, and which candidates there are.
    public let loss: InfoNCE
    /// ln 1/τ, one number, and whether training moves it.
    let logScale: Tensor
    /// Whether training moves τ.
    public let learnsTemperature: Bool
    /// Rows that are computed at once.
    public var rowsAtOnce = 256

    /// A critic of these networks.
    ///
    /// - Parameters:
    ///   - left: f: a row of numbers out.
    ///   - right: g; `nil` where f serves both sides.
    ///   - head: h, which takes what f and g give.
    ///   - loss: sim, and which candidates there are.
    ///   - temperature: τ, where training starts.
    ///   - learnsTemperature: Whether training moves τ; 1/τ stays in 1/100...100.
    /// - Throws: `GibbsError` with code `.shapeMismatch` for networks that do not fit together, `.usage` for a temperature outside 0.01...100.
    public init(left: Network, right: Network? = nil, head: Network? = nil, loss: InfoNCE = InfoNCE(), temperature: Float = 0.1, learnsTemperature: Bool = true) throws {
        guard (0.01 ... 100).contains(temperature) else { throw GibbsError(.usage, "a critic at the temperature \(temperature)", advice: "give one from 0.01 to 100") }
        try self.init(left: left, right: right, head: head, loss: loss, logScale: Tensor([-log(temperature)], shape: [1]), learnsTemperature: learnsTemperature)
    }

    private init(left: Network, right: Network?, head: Network?, loss: InfoNCE, logScale: Tensor, learnsTemperature: Bool) throws {
        guard left.output.count == 1, right?.output ?? left.output == left.output, head?.input ?? left.output == left.output, head?.output.count ?? 1 == 1 else {
            throw GibbsError(.shapeMismatch, "sides that give \(left.output) and \(right?.output ?? left.output), under a head that takes \(head?.input ?? left.output)", advice: "let both sides give one row of as many numbers")
        }
        (self.left, self.right, self.head, self.loss, self.logScale, self.learnsTemperature) = (left, right, head, loss, logScale, learnsTemperature)
    }

    /// Numbers of an embedding.
    public var width: Int { left.output[0] }
    /// τ.
    public var temperature: Float { ((try? logScale.floats()) ?? []).first.map { exp(-min(max($0, -Self.bound), Self.bound)) } ?? .nan }

    private static let bound: Float = 4.6051702

    /// Where the weights are.
    public var device: Device { left.parameters.first?.device ?? .processor }

    /// The same critic with its networks on a device, where they then compute.
    ///
    /// - Throws: `GibbsError` with code `.usage` where there is no such device.
    public func moved(to device: Device) throws -> PairCritic {
        try PairCritic(self, left.moved(to: device), right?.moved(to: device), head?.moved(to: device), logScale.moved(to: device))
    }

    /// 1/τ as a tensor that gradients flow through.
    func inverseTemperature() throws -> Tensor { try logScale.clamped(Double(-Self.bound), Double(Self.bound)).exp() }

    /// h(f(x)) or h(g(y)).
    func projected(_ x: Tensor, isRight: Bool) throws -> Tensor {
        let features = try (isRight ? right ?? left : left)(x)
        return try head.map { try $0(features) } ?? features
    }

    /// f(x), or g(y), of every row; shape `[rows, width]`, of length one where the similarity is an angle.
    ///
    /// - Throws: `GibbsError` with code `.shapeMismatch` or `.unsuitableData` for rows of another kind, or with missing values.
    /// - Complexity: One pass through f or g.
    public func embeddings(of batch: Matrix, isRight: Bool = false) throws -> Matrix {
        try outputs(of: batch, isRight) { try (isRight ? right ?? left : left)($0) }
    }

    /// E of row i of one side with row i of the other, nats.
    ///
    /// - Throws: As `embeddings(of:isRight:)`, and `.shapeMismatch` for sides of different lengths.
    /// - Complexity: One pass of each side, head and all.
    public func energies(_ left: Matrix, _ right: Matrix) throws -> [Float] {
        guard left.rows == right.rows else { throw GibbsError(.shapeMismatch, "\(left.rows) rows with \(right.rows)", advice: "give as many of both sides") }
        let (q, k) = try (scored(left, isRight: false), scored(right, isRight: true)), temperature = temperature
        return q.rowDots(k).map { -$0 / temperature }
    }

    /// The bound ln n − loss on the mutual information of two sides, all n pairs in one batch, one way.
    ///
    /// - Parameters:
    ///   - left: Shape `[n, …]`, at least two rows.
    ///   - right: Shape `[n, …]`.
    /// - Returns: The bound, its standard error and its ceiling ln n, nats. The error is the deviation of the n surprises over √n; that all of them stand before
    ///   the same n keys it leaves out.
    /// - Throws: As `energies(_:_:)`; `.usage` for fewer than two pairs.
    /// - Complexity: One pass of each side and n² dot products.
    /// - Source: van den Oord, Li & Vinyals 2018, section 2.3; Poole et al., ICML 2019, equation 10.
    public func informationBound(_ left: Matrix, _ right: Matrix) throws -> (bound: Double, standardError: Double, ceiling: Double) {
        guard left.rows == right.rows, left.rows >= 2 else { throw GibbsError(.usage, "a bound from \(left.rows) and \(right.rows) rows", advice: "give as many of both sides, two at least") }
        let (q, k) = try (scored(left, isRight: false), scored(right, isRight: true)), scale = 1 / Double(temperature)
        let keys = try Tensor(k).permuted([1, 0]), right = q.rowDots(k).map { scale * Double($0) }
        var surprises = [Double]()
        for first in stride(from: 0, to: q.rows, by: 512) {
            let totals = try (scale * Tensor(q.slice(first ..< min(q.rows, first + 512))).matmul(keys)).logSumExp(over: [1]).floats()
            surprises += totals.enumerated().map { Double($1) - right[first + $0] }
        }
        let n = Double(q.rows)
        return (log(n) - Statistics.mean(surprises), Statistics.standardDeviation(surprises) / n.squareRoot(), log(n))
    }

    /// What the similarity is taken of.
    private func scored(_ batch: Matrix, isRight: Bool) throws -> Matrix { try outputs(of: batch, isRight) { try projected($0, isRight: isRight) } }

    private func outputs(of batch: Matrix, _ isRight: Bool, _ function: (Tensor) throws -> Tensor) throws -> Matrix {
        let input = (isRight ? right ?? left : left).input
        try Self.check(batch, input, isRight ? "right" : "left")
        let parts = try stride(from: 0, to: batch.rows, by: rowsAtOnce).map { first in
            try function(Tensor(batch.slice(first ..< min(batch.rows, first + rowsAtOnce)), row: input, on: device)).matrix()
        }
        let whole = Matrix(rows: batch.rows, columns: parts.first?.columns ?? width, values: parts.flatMap(\.values))
        guard loss.similarity == .cosine else { return whole }
        let lengths = whole.rowDots(whole).map { ($0 + 1e-12).squareRoot() }
        return Matrix(rows: whole.rows, columns: whole.columns, values: whole.values.enumerated().map { $1 / lengths[$0 / whole.columns] })
    }

    static func check(_ batch: Matrix, _ input: [Int], _ side: String) throws {
        guard batch.columns == input.reduce(1, *) else {
            throw GibbsError(.shapeMismatch, "the \(side) side has \(batch.columns) columns where the network takes \(input)", advice: "give the columns it was fitted to")
        }
        guard batch.isFinite else { throw GibbsError(.unsuitableData, "the \(side) side has a value that is missing or not finite", advice: "leave such rows out") }
    }
}

extension PairCritic: Trainable {
    /// The weights of f, g and h, then ln 1/τ where it is learnt.
    public var parameters: [Tensor] { left.parameters + (right?.parameters ?? []) + (head?.parameters ?? []) + (learnsTemperature ? [logScale] : []) }

    /// The same critic with other weights. Traps unless there is one of the same shape for each.
    public func with(parameters: [Tensor]) -> PairCritic {
        var rest = parameters[...]
        func take(_ network: Network) -> Network {
            defer { rest = rest.dropFirst(network.parameters.count) }
            return network.with(parameters: Array(rest.prefix(network.parameters.count)))
        }
        let left = take(self.left), right = self.right.map(take), head = self.head.map(take)
        return PairCritic(self, left, right, head, rest.first ?? logScale)
    }

    private init(_ other: PairCritic, _ left: Network, _ right: Network?, _ head: Network?, _ logScale: Tensor) {
        (self.left, self.right, self.head, self.logScale) = (left, right, head, logScale)
        (loss, learnsTemperature, rowsAtOnce) = (other.loss, other.learnsTemperature, other.rowsAtOnce)
    }
}

extension PairCritic: Storable {
    public static let kind = "critic"

    private struct Settings: Codable { var similarity: InfoNCE.Similarity, isSymmetric: Bool, usesOwnSide: Bool, learnsTemperature: Bool, hasRight: Bool, hasHead: Bool }

    public init(archive: Archive) throws {
        let settings = try JSON.decode(Settings.self, from: archive.text("critic"), name: "critic")
        let left = try Network(archive: archive.nested("left")), right = settings.hasRight ? try Network(archive: archive.nested("right")) : nil
        let head = settings.hasHead ? try Network(archive: archive.nested("head")) : nil
        do {
            try self.init(left: left, right: right, head: head, loss: InfoNCE(similarity: settings.similarity, isSymmetric: settings.isSymmetric, usesOwnSide: settings.usesOwnSide),
                          logScale: Tensor(archive.vector("logScale", count: 1), shape: [1]), learnsTemperature: settings.learnsTemperature)
        } catch let error as GibbsError { throw error.aboutModel }
    }

    public func archive() -> Archive {
        var archive = Archive(tensors: ["logScale": .init((try? logScale.floats()) ?? [.nan])], metadata: ["critic": JSON.encode(Settings(
            similarity: loss.similarity, isSymmetric: loss.isSymmetric, usesOwnSide: loss.usesOwnSide, learnsTemperature: learnsTemperature, hasRight: right != nil, hasHead: head != nil))])
        archive.nest(left.archive(), under: "left")
        if let right { archive.nest(right.archive(), under: "right") }
        if let head { archive.nest(head.archive(), under: "head") }
        return archive
    }
}
