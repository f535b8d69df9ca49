import GibbsCore
import GibbsNumerics

/// Checks that a Markov kernel leaves a distribution where it is.
///
/// Draws many chains exactly from the distribution, runs each number of steps, and demands that the end states still have
/// that distribution, by Pearson's test with fewer than one false alarm in a million. A kernel that never moves passes this
/// test; with `mixing` all chains also start in one state and must have the distribution after that many steps.
///
/// - Parameters:
///   - probabilities: The exact distribution over `space.states`.
///   - space: The states.
///   - chains: Independent chains; deviations above about 5 / √chains are seen.
///   - steps: Numbers of steps to try, each from fresh chains.
///   - mixing: Steps after which the start must be forgotten; `nil` skips that check.
///   - key: Feeds the starts and the steps.
///   - step: One step of all chains: states, shape `[chains, variables]`, and a key to states.
/// - Throws: What `step` throws.
/// - Source: Geweke, *Getting it right*, JASA 2004, for testing samplers by exact starts.
public func checkKernel(stationary probabilities: [Double], of space: StateSpace, chains: Int = 20_000, steps: [Int] = [1, 4, 16],
                        mixing: Int? = nil, key: Key, step: (Matrix, Key) throws -> Matrix) throws -> [CheckFailure] {
    precondition(probabilities.count == space.count, "\(probabilities.count) probabilities of \(space.count) states")
    func run(_ start: Matrix, _ count: Int, _ key: Key, _ name: String) throws -> [CheckFailure] {
        var states = start
        for index in 0 ..< count { states = try step(states, key.folding(index)) }
        guard states.rows == chains else { return [CheckFailure(name, "\(chains) chains became \(states.rows)")] }
        do {
            return ChiSquare.check(try space.counts(of: states), against: probabilities, name: name)
        } catch let failure as CheckFailure {
            return [CheckFailure(name, failure.message)]
        }
    }
    var failures = [CheckFailure]()
    for (index, count) in steps.enumerated() {
        let (startKey, runKey) = key.folding(index).split()
        let start = space.sample(probabilities, count: chains, key: startKey)
        failures += try run(start, count, runKey, "kernel after \(count) steps from its own distribution")
    }
    if let mixing {
        let least = probabilities.enumerated().filter { $0.element > 0 }.min { $0.element < $1.element }!.offset
        let start = space.states.selecting(rows: Array(repeating: least, count: chains))
        failures += try run(start, mixing, key.folding(-1), "kernel after \(mixing) steps from state \(least)")
    }
    return failures
}
