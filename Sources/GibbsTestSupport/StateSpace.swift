import Foundation
import GibbsCore
import GibbsNumerics

/// Every joint state of some discrete variables, in order: the last column changes fastest.
public struct StateSpace: Sendable {
    /// The columns; none is real.
    public let variables: [Variable]
    /// One state a row; shape `[count, variables.count]`.
    public let states: Matrix
    /// The number of states.
    public var count: Int { states.rows }

    /// Enumerates the states.
    ///
    /// - Throws: `GibbsError` with code `.usage` when a variable is real, `.limitExceeded` above `limit` states.
    public init(_ variables: [Variable], limit: Int = 65_536) throws {
        var states: [[Float]] = [[]]
        for variable in variables {
            guard let choices = variable.stateCount else { throw GibbsError(.usage, "the states of a real column cannot be enumerated") }
            guard choices <= limit / max(1, states.count) else {
                throw GibbsError(.limitExceeded, "\(variables.count) columns have more than \(limit) joint states")
            }
            states = states.flatMap { state in (0 ..< choices).map { state + [Float($0)] } }
        }
        self.variables = variables
        self.states = Matrix(rows: states.count, columns: variables.count, values: states.flatMap { $0 })
    }

    /// The position of a state among `states`; `nil` when it is none of them.
    public func index(of state: some Sequence<Float>) -> Int? {
        var index = 0, column = 0
        for value in state {
            guard column < variables.count, let choices = variables[column].stateCount else { return nil }
            guard value >= 0, value < Float(choices), value == value.rounded() else { return nil }
            index = index * choices + Int(value)
            column += 1
        }
        return column == variables.count ? index : nil
    }

    /// How often each state occurs among the rows of `batch`.
    ///
    /// - Throws: `CheckFailure` naming the first row that is no state.
    public func counts(of batch: Matrix) throws -> [Int] {
        var counts = [Int](repeating: 0, count: count)
        for row in 0 ..< batch.rows {
            guard let index = index(of: batch.row(row)) else {
                throw CheckFailure("states", "row \(row) is \(Array(batch.row(row))), which is no state of \(variables.text)")
            }
            counts[index] += 1
        }
        return counts
    }

    /// The exact probabilities exp(−E/T) / Z of all states under an energy of these variables.
    ///
    /// - Throws: What the energy throws.
    public func probabilities(of energy: some Energy, temperature: Double = 1) throws -> [Double] {
        let scaled = try energy.energies(of: states).map { -Double($0) / temperature }, logZ = logSumExp(scaled)
        return scaled.map { exp($0 - logZ) }
    }

    /// `count` states drawn independently with these probabilities; consumes `key`.
    public func sample(_ probabilities: [Double], count: Int, key: Key) -> Matrix {
        var total = 0.0
        let cumulative = probabilities.map { total += $0; return total }
        let last = probabilities.lastIndex { $0 > 0 }!
        var generator = KeyedGenerator(key: key)
        let rows = (0 ..< count).map { _ in
            let mark = Double.random(in: 0 ..< 1, using: &generator) * total
            return min(last, cumulative.partitionPoint { $0 > mark })
        }
        return states.selecting(rows: rows)
    }
}

/// Every joint state of discrete variables, one a row; see `StateSpace`.
///
/// - Throws: `GibbsError` with code `.usage` when a variable is real, `.limitExceeded` above `limit` states.
public func enumerateStates(_ variables: [Variable], limit: Int = 65_536) throws -> Matrix {
    try StateSpace(variables, limit: limit).states
}

extension [Double] {
    /// The first index whose element satisfies a predicate that is false, then true; `count` when none does.
    func partitionPoint(_ predicate: (Double) -> Bool) -> Int {
        var low = 0, high = count
        while low < high {
            let middle = (low + high) / 2
            if predicate(self[middle]) { high = middle } else { low = middle + 1 }
        }
        return low
    }
}
