import Foundation
import GibbsCore
import GibbsLandscapes
import GibbsMachines
import GibbsNumerics

/// How each kind of expert is fitted to encoded normal records, and what its energies are on records it has not seen.
///
/// Recipes take complete records (missing cells filled, see `HotDeck`) and never see a label.
package struct ExpertRecipes {
    let variables: [Variable]
    /// For each column the probabilities of its categories; empty for real columns.
    let probabilities: [[Float]]
    let key: Key

    /// Share of the rows on which an expert without leave-one-out energies is measured before it is refitted to all.
    static var heldOutShare: Double { 0.25 }

    /// The spread, in nats, that an expert is taken to have at least: records that hardly differ must not make the smallest
    /// change infinitely strange.
    package static var leastSpread: Double { 0.1 }

    /// A memory with Gaussian kernels and its leave-one-out bandwidth.
    func memory(_ data: Matrix) throws -> Expert {
        let energy = try MemoryEnergy.fitted(to: data, variables: variables, mismatch: mismatch, key: key)
        return Self.expert("memory", .plain, energy, heldOut: try leaveOneOut(energy))
    }

    /// A memory with heavy-tailed kernels, whose half-width is 1/√5, a bit under half, of a column's deviation.
    func heavyTailedMemory(_ data: Matrix) throws -> Expert {
        let energy = try MemoryEnergy.heavyTailed(data, variables: variables, mismatch: mismatch, width: 5, key: key)
        return Self.expert("heavy-tailed memory", .plain, energy, heldOut: try leaveOneOut(energy))
    }

    /// Energies of up to a thousand patterns, each under all the others.
    private func leaveOneOut(_ energy: MemoryEnergy) throws -> [Float] {
        let probes = key.folding(7).choose(1000, of: energy.patterns.rows)
        return try energy.energies(of: energy.patterns.selecting(rows: probes), excluding: probes)
    }

    /// The squared distance between two categories, such that a column's categories differ as much on average between two
    /// records, 2, as a standardised number does; never more than the price of its rarest category in nats.
    private var mismatch: [Float] {
        probabilities.map { p in
            if p.isEmpty { return 0 }
            let agreement = p.reduce(0) { $0 + $1 * $1 }
            return min(2 / max(1 - agreement, 1e-6), max(2, -2 * log(p.min()!)))
        }
    }

    /// One Gaussian over numbers and category indicators.
    func gaussian(_ data: Matrix) throws -> Expert {
        let scales = zip(probabilities, mismatch).map { p, cost in p.map { _ in (2 / max(cost, 1e-6)).squareRoot() } }
        let view = RecordView.indicators(scales: scales, means: probabilities)
        return try held(view.apply(data, variables: variables), name: "gaussian", view: view) { try GaussianEnergy.fitted(to: $0, ridge: 0.01) }
    }

    /// A restricted Boltzmann machine: softmax groups for categories, Gaussian units with learned variance for numbers.
    ///
    /// Persistent chains, because chains that start at the data never visit the far regions that must be priced.
    func machine(_ data: Matrix, hidden: Int, epochs: Int, goOn: (Epoch<RBM>) throws -> Bool) throws -> Expert {
        try held(data, name: "rbm", view: .plain) { rows in
            let start = try RBM(visible: variables, hidden: hidden, key: key).withBiases(from: rows)
            let method = ContrastiveDivergence(chains: .persistent(count: 100, steps: 1), optimiser: .adam(rate: 3e-3), weightDecay: 1e-3,
                                               epochs: epochs, finalRateShare: 0.02)
            let last = try start.training(on: rows, by: method, key: key.folding(3)).finish(while: goOn)
            if case .diverged(let reason) = last.ending {
                throw GibbsError(.unsuitableData, "the training of the machine diverged: \(reason)", advice: "look for wild values in the numeric columns, or use another model")
            }
            return last.model
        }
    }

    /// Independent categories and bins: the plain baseline.
    func independent(_ data: Matrix) throws -> Expert {
        let view = binned(data, count: 10)
        let seen = view.apply(data, variables: variables)
        return try held(seen, name: "independent columns", view: view) {
            try IndependentEnergy.fitted(to: $0, variables: view.variables(of: variables))
        }
    }

    /// Bins of equal mass for the real columns, with a bin of its own for what lies beyond the values seen on either side.
    private func binned(_ data: Matrix, count: Int) -> RecordView {
        .bins(edges: variables.enumerated().map { column, variable in
            guard variable == .real else { return [] }
            let sorted = data.column(column).sorted()
            var edges = [sorted[0] - 0.5]
            for step in 1 ..< count { edges.append(Statistics.quantile(Double(step) / Double(count), ofSorted: sorted)) }
            edges.append(sorted[sorted.count - 1] + 0.5)
            return Array(Set(edges)).sorted()
        })
    }

    /// Fits on three quarters, measures on the rest, then refits to all rows.
    private func held(_ seen: Matrix, name: String, view: RecordView, fit: (Matrix) throws -> any RecordEnergy) throws -> Expert {
        let order = key.folding(9).permutation(seen.rows), count = max(1, Int(Self.heldOutShare * Double(seen.rows)))
        let trial = try fit(seen.selecting(rows: order.dropFirst(count).sorted()))
        let heldOut = try trial.energies(of: seen.selecting(rows: Array(order.prefix(count))))
        return Self.expert(name, view, try fit(seen), heldOut: heldOut)
    }

    private static func expert(_ name: String, _ view: RecordView, _ energy: any RecordEnergy, heldOut: [Float]) -> Expert {
        Expert(name: name, view: view, energy: energy, centre: Statistics.mean(heldOut),
               spread: max(Statistics.standardDeviation(heldOut), leastSpread))
    }
}

/// Fills missing cells with values of the same field from other rows, for fitting only: scoring sums them out.
enum HotDeck {
    /// - Parameter fields: The columns of each field, which are filled together from one row.
    static func filled(_ data: Matrix, fields: [Range<Int>], key: Key) -> Matrix {
        guard data.values.contains(where: \.isNaN) else { return data }
        var result = data
        for columns in fields {
            let first = columns.lowerBound, present = (0 ..< data.rows).filter { !data[$0, first].isNaN }
            var generator = KeyedGenerator(key: key.folding(first))
            for row in 0 ..< data.rows where data[row, first].isNaN {
                let source = present.isEmpty ? nil : present[Int.random(in: 0 ..< present.count, using: &generator)]
                for k in columns { result[row, k] = source.map { data[$0, k] } ?? 0 }
            }
        }
        return result
    }
}
