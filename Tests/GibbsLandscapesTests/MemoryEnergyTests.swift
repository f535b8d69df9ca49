import Foundation
import GibbsCore
import GibbsLandscapes
import GibbsNumerics
import GibbsTestSupport
import Testing

/// Memories: the stated formula, a density that integrates to one, leaving one out, and missing values.
@Suite struct MemoryEnergyTests {
    /// −ln (1/n) Σᵢ (βᵢ/β)^(d/2) exp(−βᵢ Σ cost), less what the missing columns' kernels add up to at β.
    static func literal(_ memory: MemoryEnergy, _ x: [Float], without skipped: Int = -1) -> Double {
        let n = memory.patterns.rows, betas = memory.precisions.map(Double.init), mean = betas.reduce(0) { $0 + log($1) } / Double(n)
        var width: Double?
        if case .heavyTailed(let w) = memory.kernel { width = Double(w) }
        func cost(_ d: Double) -> Double { width.map { log(1 + $0 * d) } ?? d }
        let real = memory.variables.indices.filter { memory.variables[$0] == .real }
        var terms = [Double]()
        for i in 0 ..< n where i != skipped {
            var sum = 0.0
            for (k, value) in x.enumerated() where !value.isNaN {
                let d = Double(value) - Double(memory.patterns[i, k])
                switch memory.variables[k] {
                case .real: sum += cost(d * d)
                case .binary: sum += cost(Double(memory.mismatch[k]) * d * d)
                case .categorical: sum += cost(d == 0 ? 0 : Double(memory.mismatch[k]))
                }
            }
            let shape: Double = width == nil ? Double(real.count { !x[$0].isNaN }) / 2 * (log(betas[i]) - mean) : 0
            terms.append(shape - betas[i] * sum - log(Double(n)))
        }
        var mass = 0.0
        for (k, value) in x.enumerated() where value.isNaN {
            let beta = exp(mean)
            switch memory.variables[k] {
            case .real:
                if let width { mass += 0.5 * log(Double.pi / width) + lgamma(beta - 0.5) - lgamma(beta) } else { mass += 0.5 * log(Double.pi / beta) }
            case .binary: mass += log(1 + exp(-beta * cost(Double(memory.mismatch[k]))))
            case .categorical(let count): mass += log(1 + Double(count - 1) * exp(-beta * cost(Double(memory.mismatch[k]))))
            }
        }
        return -logSumExp(terms) - mass
    }

    static let memories: [MemoryEnergy] = {
        let varied = try! MemoryEnergy(patterns: Landscape.rows(70, key: Key(77)), variables: Landscape.mixed,
                                       precisions: Key(5).uniforms(70).map { 0.3 + 3 * $0 }, mismatch: [0, 0.7, 1.5, 0])
        return [Landscape.memory(0.5), Landscape.memory(3), Landscape.memory(1, count: 1), varied,
                Landscape.memory(1, kernel: .heavyTailed(width: 3)), Landscape.memory(2, count: 64, kernel: .heavyTailed(width: 0.5))]
    }()

    @Test func formula() throws {
        var rows = Landscape.rows(15, key: Key(6))
        for (row, column) in [(9, 0), (10, 1), (11, 2), (12, 0), (12, 1), (13, 0), (13, 1), (13, 2), (13, 3)] { rows[row, column] = .nan }
        // What a mean of patterns is: neither 0 nor 1, in a whole row and in one with a missing value.
        (rows[8, 2], rows[9, 2]) = (0.25, 0.6)
        for (index, memory) in Self.memories.enumerated() {
            let energies = try memory.energies(of: rows)
            for row in 0 ..< rows.rows {
                let exact = Self.literal(memory, Array(rows.row(row)))
                #expect(abs(Double(energies[row]) - exact) < 1e-5 * max(1, abs(exact)), "memory \(index), row \(row)")
            }
        }
        let logs = Self.memories[3].precisions.map { log(Double($0)) }
        #expect(abs(log(Double(Self.memories[3].meanPrecision)) - Statistics.mean(logs)) < 1e-6)
        #expect(try MemoryEnergy(patterns: Matrix([[0, 0]]), variables: [.real, .binary], precisions: [1]).mismatch == [0, 2])
    }

    /// exp(−E) divided by the kernel's integral is a density: over one and two real columns, one β or many.
    @Test func densitiesIntegrateToOne() throws {
        for columns in 1 ... 2 {
            let patterns = Matrix(rows: 20, columns: columns, values: Key(7).normals(20 * columns))
            for precisions in [Array(repeating: Float(2), count: 20), Key(8).uniforms(20).map { 1 + 9 * $0 }] {
                let memory = try MemoryEnergy(patterns: patterns, variables: Array(repeating: .real, count: columns), precisions: precisions)
                let logZ = try logPartitionByQuadrature(memory, centre: Array(repeating: 0, count: columns))
                #expect(abs(logZ - Double(columns) / 2 * log(Double.pi / Double(memory.meanPrecision))) < 1e-4)
            }
        }
        // Exponent 2 leaves 1e-11 of a heavy tail beyond the quadrature's reach.
        let heavy = try MemoryEnergy(patterns: Matrix([[0], [1], [5]]), variables: [.real], precisions: [2, 2, 2], kernel: .heavyTailed(width: 3))
        // ∫ (1 + 3x²)⁻² dx = π / 2√3.
        #expect(abs(try logPartitionByQuadrature(heavy, centre: [0]) - log(Double.pi / 2 / 3.0.squareRoot())) < 1e-5)
        // Discrete columns: a sum over all states.
        let variables: [Variable] = [.categorical(3), .binary, .categorical(4)]
        let discrete = try MemoryEnergy(patterns: Matrix([[0, 1, 3], [2, 1, 0], [0, 0, 0]]), variables: variables, precisions: [1.3, 1.3, 1.3])
        let t = exp(-2.6), exact: Double = log(1 + 2 * t) + log(1 + t) + log(1 + 3 * t)
        #expect(abs(logSumExp(try discrete.energies(of: enumerateStates(variables)).map { -$0 }) - exact) < 1e-5)
    }

    /// With one β the marginal energy is exact; the Cauchy kernel's tail of 1e-4 lies beyond the quadrature's reach.
    @Test func marginalEnergies() throws {
        let row = Array(Landscape.rows(1, key: Key(9)).row(0))
        for (memory, tolerance) in [(Landscape.memory(0.5), 2e-5), (Landscape.memory(6), 2e-5), (Landscape.memory(1, kernel: .heavyTailed(width: 3)), 3e-4)] {
            for missing in [[0], [1], [2], [3], [0, 1], [1, 2], [0, 1, 2]] {
                #expect(try checkMarginal(memory, row: row, missing: missing, tolerance: tolerance) == [])
            }
        }
        // Bumps of many widths, of real columns; no other value stands in for a missing one.
        let varied = try MemoryEnergy(patterns: Matrix(rows: 9, columns: 3, values: Key(10).normals(27)), variables: [.real, .real, .real], precisions: (1 ... 9).map { 0.2 * Float($0 * $0) })
        for missing in [[0], [1], [2]] { #expect(try checkMarginal(varied, row: [0.3, -1, 0.5], missing: missing, tolerance: 2e-5) == []) }
    }

    /// A pattern left out is as if it had never been stored, up to the count that the mean divides by.
    @Test func leavingOneOut() throws {
        let memory = Landscape.memory(2), rows = memory.patterns.slice(0 ..< 70)
        let found = try memory.energies(of: rows, excluding: Array(0 ..< 70))
        for row in [0, 1, 33, 63, 64, 69] {
            let rest = memory.patterns.selecting(rows: (0 ..< 70).filter { $0 != row })
            let without = try MemoryEnergy(patterns: rest, variables: memory.variables, precisions: Array(repeating: 2, count: 69), mismatch: memory.mismatch)
            #expect(abs(Double(found[row]) - Double(try without.energies(of: rows.slice(row ..< row + 1))[0]) - log(70.0 / 69)) < 1e-5)
            #expect(abs(Double(found[row]) - Self.literal(memory, Array(rows.row(row)), without: row)) < 1e-4)
        }
        #expect(try memory.energies(of: rows, excluding: Array(repeating: -1, count: 70)) == memory.energies(of: rows))
        #expect(zip(found, try memory.energies(of: rows)).allSatisfy { $0 > $1 })
    }

    @Test func refusals() {
        let nan = Matrix([[0, 0, .nan, 0]])
        #expect(checkRefusal([.unsuitableData], "a pattern with a missing value") { _ = try MemoryEnergy(patterns: nan, variables: Landscape.mixed, precisions: [1]) } == [])
        #expect(checkRefusal([.unsuitableData], "no pattern") { _ = try MemoryEnergy(patterns: Matrix(rows: 0, columns: 4), variables: Landscape.mixed, precisions: []) } == [])
        #expect(checkRefusal([.shapeMismatch], "two columns") { _ = try MemoryEnergy(patterns: Matrix([[0, 0]]), variables: Landscape.mixed, precisions: [1]) } == [])
    }

    /// Stored numbers that no memory can have.
    @Test func hostileArchives() {
        func refused(_ name: String, _ change: (inout Archive) -> Void) {
            var archive = Landscape.memory(1).archive()
            change(&archive)
            #expect(checkRefusal([.unsuitableModel], name) { _ = try MemoryEnergy(archive: archive) } == [])
        }
        refused("a precision of zero") { $0.tensors["precisions"]!.values[3] = 0 }
        refused("a negative precision") { $0.tensors["precisions"]!.values[3] = -1 }
        refused("a negative width") { $0.tensors["kernelWidth"]!.values[0] = -1 }
        refused("a category that is none") { $0.tensors["patterns"]!.values[1] = 9 }
        refused("half a category") { $0.tensors["patterns"]!.values[1] = 0.5 }
        refused("a mismatch of zero") { $0.tensors["mismatch"]!.values[1] = 0 }
        refused("no patterns") {
            $0.tensors["patterns"] = .init(shape: [0, 4], values: [])
            $0.tensors["precisions"] = .init([])
        }
        refused("other columns") { $0.metadata["variables"] = "r r" }
    }
}
