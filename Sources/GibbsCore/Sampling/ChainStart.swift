import GibbsNumerics

/// Where chains begin.
public enum ChainStart: Sendable {
    /// At these positions; shape `[chains, features]`.
    case positions(Matrix)
    /// Each at a row of the data drawn at random, every row once before any twice.
    case data(Matrix, chains: Int)
    /// At random: real columns normal with deviation `spread`, all others uniform over their values.
    case noise(chains: Int, spread: Float = 1)
    /// From a buffer of earlier positions, a share of them begun anew at random.
    case replay(ReplayBuffer, chains: Int, renewing: Float = 0.05)

    /// The positions; consumes `key`.
    ///
    /// - Throws: `GibbsError` with code `.usage` for no chains, or no row or buffer entry to start from.
    public func positions(for variables: [Variable], key: Key) throws -> Matrix {
        switch self {
        case .positions(let positions): return positions
        case .noise(let chains, let spread):
            try Self.check(chains)
            return Self.noise(chains, spread, variables, key)
        case .data(let data, let chains):
            try Self.check(chains)
            guard data.rows > 0 else { throw GibbsError(.usage, "chains are to start from data of no rows", advice: "give at least one row") }
            let order = key.permutation(data.rows)
            return data.selecting(rows: (0 ..< chains).map { order[$0 % data.rows] })
        case .replay(let buffer, let chains, let share):
            try Self.check(chains)
            let noise = Self.noise(chains, 1, variables, key.folding(0))
            guard let kept = buffer.draw(chains, key: key.folding(1)) else { return noise }
            var positions = kept
            for (row, uniform) in key.folding(2).uniforms(chains).enumerated() where uniform < share { positions.setRow(row, to: noise) }
            return positions
        }
    }

    private static func check(_ chains: Int) throws {
        guard chains > 0 else { throw GibbsError(.usage, "a run of \(chains) chains", advice: "start at least one") }
    }

    private static func noise(_ chains: Int, _ spread: Float, _ variables: [Variable], _ key: Key) -> Matrix {
        let normals = key.folding(0).normals(chains * variables.count), uniforms = key.folding(1).uniforms(chains * variables.count)
        var result = Matrix(rows: chains, columns: variables.count, values: normals)
        for index in normals.indices {
            switch variables[index % variables.count] {
            case .real: result.values[index] *= spread
            case .binary: result.values[index] = uniforms[index] < 0.5 ? 0 : 1
            case .categorical(let count): result.values[index] = Float(min(count - 1, Int(uniforms[index] * Float(count))))
            }
        }
        return result
    }
}

/// Positions of earlier chains, for training that goes on where it left off; the oldest are replaced first.
///
/// - Source: Du & Mordatch, *Implicit Generation and Modeling with Energy-Based Models*, NeurIPS 2019, section 3.2.
public struct ReplayBuffer: Sendable {
    /// The most positions held.
    public let capacity: Int
    private var rows: [[Float]] = []
    private var next = 0

    /// An empty buffer. Traps unless the capacity is positive.
    public init(capacity: Int) {
        precondition(capacity > 0, "a buffer of \(capacity) positions")
        self.capacity = capacity
    }

    /// The number of positions held.
    public var count: Int { rows.count }

    /// Takes in positions; shape `[any, features]`.
    public mutating func add(_ positions: Matrix) {
        for row in 0 ..< positions.rows {
            if rows.count < capacity { rows.append(Array(positions.row(row))) } else { rows[next] = Array(positions.row(row)) }
            next = (next + 1) % capacity
        }
    }

    /// `count` positions drawn with replacement; `nil` while the buffer is empty. Consumes `key`.
    public func draw(_ count: Int, key: Key) -> Matrix? {
        if rows.isEmpty { return nil }
        var generator = KeyedGenerator(key: key)
        let values = (0 ..< count).flatMap { _ in rows[Int.random(in: 0 ..< rows.count, using: &generator)] }
        return Matrix(rows: count, columns: rows[0].count, values: values)
    }
}
