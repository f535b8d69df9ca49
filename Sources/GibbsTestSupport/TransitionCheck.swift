import Foundation
import GibbsCore
import GibbsNumerics

/// Checks that a kernel over a small discrete world leaves its target's distribution where it is; see `checkKernel(stationary:of:)`.
///
/// - Throws: What the kernel throws, or `GibbsError` when the target's states cannot be enumerated.
public func checkTransitions<Kernel: TransitionKernel>(_ kernel: Kernel, chains: Int = 20_000, steps: [Int] = [1, 4, 16],
                                                       mixing: Int? = nil, key: Key) throws -> [CheckFailure] {
    let space = try StateSpace(kernel.target.variables)
    var state: Kernel.State?
    return try checkKernel(stationary: space.probabilities(of: kernel.target), of: space, chains: chains, steps: steps, mixing: mixing, key: key) {
        positions, key in
        // A new run begins where its positions are not where the last one ended.
        let before = try state.flatMap { $0.positions == positions ? $0 : nil } ?? kernel.start(at: positions)
        state = try kernel.step(before, key: key).state
        return state!.positions
    }
}

/// Checks that a kernel over real columns leaves its target's distribution where it is.
///
/// Chains start at exact draws, take each number of steps, and are then compared with fresh exact draws: every column, the products of
/// neighbouring columns and the energy, each by the two-sample Kolmogorov–Smirnov test with less than one false alarm in a million.
/// With `mixing`, chains also start at zero and must have the distribution after that many steps.
///
/// - Parameters:
///   - kernel: The kernel; its target is the distribution to be kept.
///   - draws: Independent exact draws of the target: how many, and a key.
///   - chains: Independent chains; deviations above about 4 / √chains in a distribution function are seen.
///   - steps: After how many steps to look.
///   - mixing: Steps after which chains from zero must have the distribution too; none unless told.
///   - key: Feeds draws and steps.
/// - Throws: What the kernel throws.
/// - Source: Geweke, *Getting it right*, JASA 2004.
public func checkTransitions<Kernel: TransitionKernel>(_ kernel: Kernel, draws: (Int, Key) throws -> Matrix, chains: Int = 20_000,
                                                       steps: [Int] = [1, 4, 16], mixing: Int? = nil, key: Key) throws -> [CheckFailure] {
    let exact = try draws(chains, key.folding(-1))
    func run(from start: Matrix, _ count: Int, _ name: String, _ key: Key) throws -> [CheckFailure] {
        var state = try kernel.start(at: start)
        for index in 0 ..< count { state = try kernel.step(state, key: key.folding(index)).state }
        var failures = [CheckFailure]()
        for (what, found, wanted) in try zipped(summaries(state.positions, kernel.target), summaries(exact, kernel.target)) {
            let distance = kolmogorovSmirnov(found, wanted)
            // P(D > d) ≤ 2 exp(−n d²) for two samples of n each; compared as surprise in nats, like counts of states.
            let limit = (log(2 / ChiSquare.significance) / Double(chains)).squareRoot()
            if !isWithin(max(Double(chains) * distance * distance - log(2), 0), limit: -log(ChiSquare.significance)) {
                failures.append(CheckFailure(name, "the distribution of \(what) is off by \(distance), where draws of \(chains) chains allow \(limit)"))
            }
        }
        return shortened(failures)
    }
    var failures = [CheckFailure]()
    for (index, count) in steps.enumerated() {
        failures += try run(from: draws(chains, key.folding(index).folding(0)), count, "kernel after \(count) steps from its own distribution",
                            key.folding(index).folding(1))
    }
    if let mixing {
        failures += try run(from: Matrix(rows: chains, columns: exact.columns), mixing, "kernel after \(mixing) steps from zero", key.folding(-2))
    }
    return failures
}

private func summaries(_ positions: Matrix, _ energy: some Energy) throws -> [(String, [Float])] {
    var result = (0 ..< positions.columns).map { ("column \($0)", positions.column($0)) }
    for column in 1 ..< max(1, positions.columns) {
        result.append(("columns \(column - 1) × \(column)", zip(positions.column(column - 1), positions.column(column)).map(*)))
    }
    return result + [("the energy", try energy.energies(of: positions))]
}

private func zipped(_ found: [(String, [Float])], _ exact: [(String, [Float])]) -> [(String, [Float], [Float])] {
    zip(found, exact).map { ($0.0, $0.1, $1.1) }
}

/// The largest difference between the distribution functions of two samples; `nan` where a value is no number.
public func kolmogorovSmirnov(_ first: [Float], _ second: [Float]) -> Double {
    if first.contains(where: \.isNaN) || second.contains(where: \.isNaN) { return .nan }
    let a = first.sorted(), b = second.sorted()
    var i = 0, j = 0, distance = 0.0
    while i < a.count && j < b.count {
        let value = min(a[i], b[j])
        while i < a.count && a[i] == value { i += 1 }
        while j < b.count && b[j] == value { j += 1 }
        distance = max(distance, abs(Double(i) / Double(a.count) - Double(j) / Double(b.count)))
    }
    return distance
}
