import GibbsNumerics

/// The chains of one training run, each of a class where there are classes.
struct ReplayBuffer {
    /// What a step's chains did.
    struct Advance {
        /// Which they are.
        let slots: [Int]
        /// Where they were before the last Langevin step, and after it.
        let before: Matrix, positions: Matrix
        /// Their classes; empty where there are none.
        let classes: [Int]
        /// The key of the last step's noise.
        let lastKey: Key
        /// Share of them that diverged.
        let divergedShare: Double
    }

    private let chains: ReplayChains
    private let noise: (means: [Float], deviations: [Float])
    private let classes: [Int]
    private var positions: Matrix

    /// A buffer of noise; consumes `key`.
    ///
    /// - Parameter labels: The classes of the data, of which each chain draws one and keeps it; empty for none.
    init(_ chains: ReplayChains, data: Matrix, labels: [Int] = [], key: Key) {
        self.chains = chains
        let columns = chains.range == nil ? (0 ..< data.columns).map { data.column($0) } : []
        noise = (columns.map { Float(Statistics.mean($0)) }, columns.map { Float(Statistics.standardDeviation($0)) })
        classes = labels.isEmpty ? [] : key.folding(1).uniforms(chains.capacity).map { labels[min(labels.count - 1, Int($0 * Float(labels.count)))] }
        positions = Matrix(rows: 0, columns: data.columns)
        positions = fresh(chains.capacity, key: key.folding(0))
    }

    /// Moves `count` chains by this step's Langevin run on the energy that `energy` gives for their classes; they stay in the buffer. Consumes `key`.
    mutating func advance<Target: TensorEnergy>(_ count: Int, key: Key, on energy: ([Int]) throws -> Target) throws -> Advance {
        let slots = key.folding(0).choose(min(count, chains.capacity), of: chains.capacity), coins = key.folding(1).uniforms(slots.count)
        let renewed = slots.indices.filter { Double(coins[$0]) < chains.fresh }, anew = fresh(renewed.count, key: key.folding(2))
        var start = positions.selecting(rows: slots)
        for (source, row) in renewed.enumerated() { start.setRow(row, to: anew, source) }
        let chosen = classes.isEmpty ? [] : slots.map { classes[$0] }, langevin = try chains.langevin(on: energy(chosen))
        let before = try langevin.run(chains.steps - 1, from: start, key: key.folding(3)), lastKey = key.folding(3).folding(chains.steps - 1)
        let last = try langevin.run(before.positions) { _ in lastKey }
        for (row, slot) in slots.enumerated() { positions.setRow(slot, to: last.positions, row) }
        let diverged = Set(before.diverged).union(last.diverged)
        return Advance(slots: slots, before: before.positions, positions: last.positions, classes: chosen, lastKey: lastKey, divergedShare: Double(diverged.count) / Double(slots.count))
    }

    /// Some chains that are none of these, `count` at most; consumes `key`.
    func others(_ count: Int, besides slots: [Int], key: Key) -> Matrix {
        let taken = Set(slots)
        return positions.selecting(rows: key.choose(min(count, chains.capacity), of: chains.capacity).filter { !taken.contains($0) })
    }

    private func fresh(_ count: Int, key: Key) -> Matrix {
        let columns = positions.columns
        if chains.range != nil { return chains.noise(count, columns: columns, key: key) }
        return Matrix(rows: count, columns: columns, values: key.normals(count * columns).enumerated().map { noise.means[$0 % columns] + noise.deviations[$0 % columns] * $1 })
    }
}

extension Matrix {
    fileprivate mutating func setRow(_ row: Int, to other: Matrix, _ source: Int) {
        values.replaceSubrange(row * columns ..< (row + 1) * columns, with: other.values[source * columns ..< (source + 1) * columns])
    }
}
