import Foundation
import GibbsNumerics

/// Parallel tempering: copies of the chains at rising temperatures, where neighbours now and then change places, so that what
/// crosses a barrier while hot is found by the cold.
///
///     x and y at neighbouring energies Eᵢ, Eᵢ₊₁ change places with min(1, exp(Eᵢ(x) + Eᵢ₊₁(y) − Eᵢ(y) − Eᵢ₊₁(x)))
///
/// Any kernel can be tempered; `kernels[0]` is the one whose distribution is wanted.
///
/// - Source: Geyer, *Markov chain Monte Carlo maximum likelihood*, 1991; for machines: Cho, Raiko, Ilin, IJCNN 2010.
public struct ParallelTempering<Kernel: TransitionKernel>: TransitionKernel {
    /// A kernel a temperature, the coldest first.
    public let kernels: [Kernel]
    /// Steps of each kernel between two exchanges.
    public var stepsPerSwap: Int

    /// A kernel of kernels; checked when a chain starts.
    public init(_ kernels: [Kernel], stepsPerSwap: Int = 1) {
        self.kernels = kernels
        self.stepsPerSwap = stepsPerSwap
    }

    /// Kernels made by `kernel` for these temperatures, the first of which is usually 1.
    ///
    ///     ParallelTempering(temperatures: .ladder(from: 1, to: 20, count: 8)) { T in HamiltonianMonteCarlo(on: energy.tempered(T)) }
    public init(temperatures: [Float], stepsPerSwap: Int = 1, kernel: (Float) -> Kernel) {
        self.init(temperatures.map(kernel), stepsPerSwap: stepsPerSwap)
    }

    /// E.
    public var target: Kernel.Target { kernels[0].target }

    /// A state a temperature.
    public struct State: ChainState {
        var rungs: [Kernel.State]
        var swapsFromEven = true
        /// Where the coldest chains are; shape `[chains, features]`.
        public var positions: Matrix { rungs[0].positions }
        /// Where the chains of each temperature are.
        package var each: [Matrix] { rungs.map(\.positions) }
    }

    /// All temperatures start at the same positions.
    public func start(at positions: Matrix) throws -> State {
        guard let first = kernels.first, stepsPerSwap > 0 else {
            throw GibbsError(.usage, "parallel tempering at \(kernels.count) temperatures with \(stepsPerSwap) steps between exchanges",
                             advice: "give at least one of each")
        }
        for kernel in kernels where kernel.target.variables != first.target.variables {
            throw GibbsError(.shapeMismatch, "the energies to be tempered have different columns", advice: "temper one energy")
        }
        return State(rungs: try kernels.map { try $0.start(at: positions) })
    }

    /// Each temperature starts at positions of its own, such as exact draws of each: for checks.
    package func start(atEach positions: [Matrix]) throws -> State {
        State(rungs: try zip(kernels, positions).map { try $0.start(at: $1) })
    }

    /// - Complexity: A step of every kernel, and two energies a temperature for each exchange.
    public func step(_ state: State, key: Key) throws -> (state: State, report: StepReport) {
        var state = state, report = StepReport()
        for (rung, kernel) in kernels.enumerated() {
            for index in 0 ..< stepsPerSwap {
                let (next, seen) = try kernel.step(state.rungs[rung], key: key.folding(rung).folding(index))
                state.rungs[rung] = next
                if rung == 0 { report = seen }
            }
        }
        report.swaps = try exchange(&state, key: key.folding(-1))
        return (state, report)
    }

    /// Exchanges neighbours, pairs from an even place and pairs from an odd one in turn; shares accepted, `nan` for pairs not tried.
    private func exchange(_ state: inout State, key: Key) throws -> [Double] {
        var shares = [Double](repeating: .nan, count: max(0, kernels.count - 1))
        var places = state.rungs.map(\.positions), moved = Set<Int>()
        for cold in stride(from: state.swapsFromEven ? 0 : 1, to: kernels.count - 1, by: 2) {
            let (x, y) = (places[cold], places[cold + 1])
            let (own, other) = (kernels[cold].target, kernels[cold + 1].target)
            let (ownX, ownY, otherX, otherY) = (try own.energies(of: x), try own.energies(of: y), try other.energies(of: x), try other.energies(of: y))
            let uniforms = key.folding(cold).uniforms(x.rows)
            var accepted = 0
            for row in 0 ..< x.rows {
                let gain = Double(ownX[row]) + Double(otherY[row]) - Double(ownY[row]) - Double(otherX[row])
                guard Double(uniforms[row]) < exp(gain) else { continue }
                accepted += 1
                places[cold].setRow(row, to: y)
                places[cold + 1].setRow(row, to: x)
            }
            shares[cold] = Double(accepted) / Double(x.rows)
            if accepted > 0 { moved.formUnion([cold, cold + 1]) }
        }
        for rung in moved { state.rungs[rung] = try kernels[rung].start(at: places[rung]) }
        state.swapsFromEven.toggle()
        return shares
    }
}

extension [Float] {
    /// `count` numbers from `first` to `last`, each the same multiple of the one before; for temperatures.
    ///
    /// Traps unless both ends are positive and there are at least two, or one with equal ends.
    public static func ladder(from first: Float, to last: Float, count: Int) -> [Float] {
        precondition(first > 0 && last > 0 && (count > 1 || count == 1 && first == last), "a ladder of \(count) rungs from \(first) to \(last)")
        return (0 ..< count).map { count == 1 ? first : first * pow(last / first, Float($0) / Float(count - 1)) }
    }
}
