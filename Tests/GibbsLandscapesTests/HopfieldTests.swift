import Foundation
import GibbsCore
import GibbsLandscapes
import GibbsNumerics
import GibbsTestSupport
import Testing

/// The memory as the modern Hopfield network: its energy, one update as attention, descent, fixed points of three kinds, and what β does.
@Suite struct HopfieldTests {
    /// Patterns of ±1, all of the length √columns.
    static func signs(_ rows: Int, _ columns: Int, _ seed: UInt64) -> Matrix {
        Matrix(rows: rows, columns: columns, values: Key(seed).uniforms(rows * columns).map { $0 < 0.5 ? -1 : 1 })
    }

    static func cues(_ rows: Int, _ columns: Int, _ seed: UInt64) -> Matrix { Matrix(rows: rows, columns: columns, values: Key(seed).normals(rows * columns)) }

    /// −ln Σ exp(β x·ξ) + ½ β ξ·ξ + ln n + ½ β M².
    @Test(arguments: [Float(0.1), 0.7, 3]) func energy(beta: Float) throws {
        let patterns = Self.signs(20, 12, 1), cues = Self.cues(9, 12, 2), energies = try MemoryEnergy.hopfield(patterns, beta: beta).energies(of: cues), b = Double(beta)
        for row in 0 ..< 9 {
            let dots = (0 ..< 20).map { i in zip(patterns.row(i), cues.row(row)).reduce(0.0) { $0 + Double($1.0) * Double($1.1) } }
            let square = cues.row(row).reduce(0.0) { $0 + Double($1) * Double($1) }
            let exact = -logSumExp(dots.map { b * $0 }) + b * square / 2 + log(20) + 6 * b
            #expect(abs(Double(energies[row]) - exact) < 2e-5 * max(1, abs(exact)))
        }
    }

    /// One update is attention: the cue asks, the patterns are keys and values.
    @Test(arguments: [Float(0.05), 0.3, 2]) func oneUpdateIsAttention(beta: Float) throws {
        let patterns = Self.signs(30, 16, 3), cues = Self.cues(8, 16, 4)
        let updated = try MemoryEnergy.hopfield(patterns, beta: beta).recall(cues, steps: 1).restored
        let attention = try Attention(queries: cues, keys: patterns, temperature: 1 / (beta * 4)), output = try attention.output(patterns)
        #expect(zip(updated.values, output.values).allSatisfy { abs($0 - $1) < 1e-5 })
        // And a step down the slope of the energy: ξ − ∇E / β.
        let slopes = try MemoryEnergy.hopfield(patterns, beta: beta).gradients(of: cues)
        #expect(zip(zip(cues.values, slopes.values), updated.values).allSatisfy { abs($0.0 - $0.1 / beta - $1) < 1e-5 })
    }

    /// No update raises the energy, from anywhere; cues settle, and a fixed point stays.
    @Test(arguments: [Float(0.02), 0.2, 1]) func descent(beta: Float) throws {
        let memory = try MemoryEnergy.hopfield(Self.signs(25, 14, 5), beta: beta)
        var state = Self.cues(40, 14, 6)
        state.scale(by: 2)
        var energies = try memory.energies(of: state)
        for _ in 0 ..< 20 {
            state = try memory.recall(state, steps: 1).restored
            let next = try memory.energies(of: state)
            #expect(zip(energies, next).allSatisfy { $1 <= $0 + 2e-5 * max(1, abs($0)) })
            energies = next
        }
        let rest = try memory.fixedPoints(from: state, tolerance: 1e-5)
        #expect(rest.hasSettled.allSatisfy { $0 })
        let again = try memory.recall(rest.points, steps: 1).restored
        #expect(zip(rest.points.values, again.values).allSatisfy { abs($0 - $1) < 2e-5 })
    }

    /// Three kinds of fixed points: single patterns for large β, mixtures of patterns that are alike, and the mean of all for small β.
    @Test func kindsOfFixedPoints() throws {
        let patterns = Self.signs(12, 30, 7), cold = try MemoryEnergy.hopfield(patterns, beta: 2).fixedPoints(from: patterns)
        #expect(cold.nearest == Array(0 ..< 12) && cold.effectivePatterns.allSatisfy { abs($0 - 1) < 1e-3 })
        #expect(zip(cold.points.values, patterns.values).allSatisfy { abs($0 - $1) < 1e-3 })
        let hot = try MemoryEnergy.hopfield(patterns, beta: 0.01).fixedPoints(from: patterns), mean = (0 ..< 30).map { Float(Statistics.mean(patterns.column($0))) }
        #expect(hot.effectivePatterns.allSatisfy { $0 > 11.5 })
        #expect((0 ..< 12).allSatisfy { row in zip(hot.points.row(row), mean).allSatisfy { abs($0 - $1) < 0.1 } })
        // Two triples of near copies: each is one valley.
        var near = Matrix(rows: 0, columns: 30)
        for base in 0 ..< 2 { for copy in 0 ..< 3 {
            var row = patterns.slice(base ..< base + 1)
            row[0, copy] *= -1
            near = near.appending(row)
        } }
        let mixed = try MemoryEnergy.hopfield(near, beta: 0.2).fixedPoints(from: near)
        #expect(mixed.effectivePatterns.allSatisfy { abs($0 - 3) < 0.2 })
        #expect(mixed.nearest.map { $0 / 3 } == [0, 0, 0, 1, 1, 1])
        // A limit that is too short is a result.
        #expect(try MemoryEnergy.hopfield(patterns, beta: 0.01).fixedPoints(from: patterns, tolerance: 1e-7, limit: 1).hasSettled.allSatisfy { !$0 })
        #expect(checkRefusal([.usage], "β of 0") { _ = try MemoryEnergy.hopfield(patterns, beta: 0) } == [])
    }

    /// Cues with a fifth of their signs turned, or half erased, come back, far beyond the 0.14 d patterns of the classical network.
    @Test func retrieval() throws {
        let patterns = Self.signs(2000, 64, 8), memory = try MemoryEnergy.hopfield(patterns, beta: 1)
        var turned = patterns.slice(0 ..< 100), erased = turned
        for row in 0 ..< 100 {
            for column in Key(9).folding(row).choose(13, of: 64) { turned[row, column] *= -1 }
            for column in 0 ..< 32 { erased[row, column] = .nan }
        }
        for cues in [turned, erased] {
            let rest = try memory.fixedPoints(from: cues)
            #expect(rest.nearest.enumerated().count { $0 == $1 } >= 99)
            #expect(zip(rest.points.values, patterns.slice(0 ..< 100).values).count { abs($0 - $1) < 0.01 } >= 99 * 64)
        }
    }

    /// Yes and no come back as numbers do: after a step they are fractions, which are nearest to the patterns that they are means of. A step never
    /// raises the energy.
    @Test(arguments: [Float(2), 0.5]) func binaryColumns(mismatch: Float) throws {
        let patterns = Matrix(rows: 200, columns: 64, values: Key(12).uniforms(200 * 64).map { $0 < 0.5 ? 0 : 1 })
        let memory = try MemoryEnergy(patterns: patterns, variables: Array(repeating: .binary, count: 64), precisions: Array(repeating: 1, count: 200), mismatch: Array(repeating: mismatch, count: 64))
        var cues = patterns
        for row in 0 ..< 200 { for column in Key(13).folding(row).choose(6, of: 64) { cues[row, column] = 1 - cues[row, column] } }
        var energies = try memory.energies(of: cues)
        for steps in 1 ... 4 {
            let found = try memory.recall(cues, steps: steps)
            #expect(found.nearest == Array(0 ..< 200), "\(found.nearest.enumerated().count { $0 == $1 }) of 200 after \(steps) steps")
            #expect(zip(energies, found.energies).allSatisfy { $1.restored <= $0 + 2e-5 * max(1, abs($0)) })
            energies = found.energies.map { $0.restored }
        }
        let rest = try memory.recall(cues, steps: 4).restored
        #expect(zip(rest.values, patterns.values).allSatisfy { abs($0 - $1) < 0.05 })
    }

    /// Patterns of very different width: what is narrow pulls harder, and no step raises the energy.
    @Test func descentOfManyWidths() throws {
        let patterns = Self.cues(30, 3, 14), memory = try MemoryEnergy(patterns: patterns, variables: [.real, .real, .real], precisions: (0 ..< 30).map { $0 % 2 == 0 ? 10 : 0.2 })
        var state = Self.cues(60, 3, 15)
        state.scale(by: 1.5)
        var energies = try memory.energies(of: state)
        for _ in 0 ..< 20 {
            // The step down the slope that the widths make: ξ − ∇E / 2 Σ pᵢ βᵢ.
            let shares = try memory.attention(of: state), slopes = try memory.gradients(of: state), next = try memory.recall(state, steps: 1).restored
            for row in 0 ..< 60 {
                let pull = 2 * zip(shares.row(row), memory.precisions).reduce(Float(0)) { $0 + $1.0 * $1.1 }
                for column in 0 ..< 3 { #expect(abs(state[row, column] - slopes[row, column] / pull - next[row, column]) < 1e-4) }
            }
            state = next
            let after = try memory.energies(of: state)
            #expect(zip(energies, after).allSatisfy { $1 <= $0 + 2e-5 * max(1, abs($0)) })
            energies = after
        }
    }
}
