import Foundation
import GibbsCore
import GibbsLandscapes
import GibbsNumerics
import GibbsTestSupport
import Testing

/// Attention: the usual formula, the identities of thermodynamics, masks, heads, draws, and the landscape it looks down.
@Suite struct AttentionTests {
    static func matrix(_ rows: Int, _ columns: Int, _ seed: UInt64, scale: Float = 1) -> Matrix {
        Matrix(rows: rows, columns: columns, values: Key(seed).normals(rows * columns).map { scale * $0 })
    }

    /// softmax(q kᵀ / (T √d) + mask) v, written out in double precision: weights and outputs.
    static func usual(_ q: Matrix, _ k: Matrix, _ v: Matrix, heads: Int, _ temperature: Double, _ permits: (Int, Int) -> Bool) -> (weights: [Double], outputs: [Double]) {
        let d = q.columns / heads, width = v.columns / heads
        var weights = [Double](), outputs = [Double](repeating: 0, count: q.rows * v.columns)
        for head in 0 ..< heads {
            for i in 0 ..< q.rows {
                let scores = (0 ..< k.rows).map { j in
                    permits(i, j) ? (0 ..< d).reduce(0.0) { $0 + Double(q[i, head * d + $1]) * Double(k[j, head * d + $1]) } / Double(d).squareRoot() / temperature : -.infinity
                }
                let total = logSumExp(scores)
                for (j, score) in scores.enumerated() {
                    weights.append(exp(score - total))
                    for c in 0 ..< width { outputs[i * v.columns + head * width + c] += weights.last! * Double(v[j, head * width + c]) }
                }
            }
        }
        return (weights, outputs)
    }

    @Test(arguments: [1, 3], [Float(0.25), 1, 4]) func usualFormula(heads: Int, temperature: Float) throws {
        let q = Self.matrix(7, 12, 1, scale: 2), k = Self.matrix(9, 12, 2, scale: 2), v = Self.matrix(9, 6, 3)
        let pairs = (0 ..< 63).map { Key(4).folding($0).uniform() < 0.7 || $0 % 9 == 0 }
        let masks: [(AttentionMask, (Int, Int) -> Bool)] = [(.none, { _, _ in true }), (.causal, { $1 <= $0 }), (.keys((0 ..< 9).map { $0 % 3 != 1 }), { $1 % 3 != 1 }),
                                                            (.pairs(pairs), { pairs[$0 * 9 + $1] })]
        for (mask, permits) in masks {
            let attention = try Attention(queries: q, keys: k, heads: heads, mask: mask).at(temperature: temperature)
            let (weights, outputs) = Self.usual(q, k, v, heads: heads, Double(temperature), permits)
            #expect(zip(attention.weights.values, weights).allSatisfy { abs(Double($0) - $1) < 2e-6 })
            #expect(zip(attention.weights.values, weights).allSatisfy { $1 > 0 || $0 == 0 }, "a masked key has weight")
            #expect(zip(try attention.output(v).values, outputs).allSatisfy { abs(Double($0) - $1) < 5e-6 })
            let laws = (0 ..< heads).flatMap { head in (0 ..< 7).flatMap { attention.law(head: head, query: $0).probabilities } }
            #expect(zip(laws, weights).allSatisfy { abs(Double($0) - $1) < 2e-6 })
        }
    }

    /// dF/dT = −S, dU/dT = C, F = U − TS, by central differences in the temperature.
    @Test func thermodynamics() throws {
        let attention = try Attention(queries: Self.matrix(5, 8, 5, scale: 2), keys: Self.matrix(11, 8, 6, scale: 2), heads: 2, mask: .keys((0 ..< 11).map { $0 != 4 }))
        for temperature: Float in [0.5, 1, 2] {
            let step = 0.02 * temperature, here = try attention.at(temperature: temperature)
            let below = try attention.at(temperature: temperature - step), above = try attention.at(temperature: temperature + step)
            for i in 0 ..< 10 {
                let slopeF = (above.freeEnergies[i] - below.freeEnergies[i]) / (2 * step), slopeU = (above.meanEnergies[i] - below.meanEnergies[i]) / (2 * step)
                #expect(abs(slopeF + here.entropies[i]) < 2e-3)
                #expect(abs(slopeU - here.heatCapacities[i]) < 4e-3)
                #expect(abs(here.meanEnergies[i] - temperature * here.entropies[i] - here.freeEnergies[i]) < 1e-4)
                #expect(abs(log(here.effectiveKeys[i]) - here.entropies[i]) < 1e-5 && here.effectiveKeys[i] < 10.001)
            }
        }
        // Cold attention looks at one key, hot attention at all that are not masked.
        #expect(try attention.at(temperature: 1e-3).effectiveKeys.allSatisfy { abs($0 - 1) < 1e-3 })
        #expect(try attention.at(temperature: 1e4).effectiveKeys.allSatisfy { abs($0 - 10) < 1e-3 })
    }

    /// With the keys as values the output is −√d ∇F.
    @Test func outputIsTheSlopeOfFreeEnergy() throws {
        let k = Self.matrix(6, 4, 7), q = Self.matrix(1, 4, 8), output = try Attention(queries: q, keys: k, temperature: 0.7).output(k)
        for c in 0 ..< 4 {
            let ends = try [Float(-1), 1].map { sign in
                var moved = q
                moved[0, c] += sign * 0.01
                return try Attention(queries: moved, keys: k, temperature: 0.7).freeEnergies[0]
            }
            #expect(abs(-2 * (ends[1] - ends[0]) / 0.02 - output[0, c]) < 1e-3)
        }
    }

    /// Energies of any size keep their weights: exp never sees the large numbers.
    @Test func extremeEnergies() throws {
        let weights = try Attention(energies: Matrix([[1e8, 1e8 - 64, .infinity, 3e38], [-3e38, 0, 0, 0], [200, 200.5, 700, 201]])).weights
        #expect(abs(weights[0, 1] - 1) < 1e-6 && weights[0, 2] == 0 && weights[0, 3] == 0)
        #expect(weights[1, 0] == 1 && weights[1, 1] == 0)
        #expect(abs(weights[2, 0] / weights[2, 1] - exp(0.5)) < 1e-5 && weights[2, 2] == 0)
    }

    /// At the smallest temperatures a query looks at its best key alone, or at all that are as good.
    @Test(arguments: [1e-38, 1e-40, Float.leastNonzeroMagnitude]) func frozen(temperature: Float) throws {
        let weights = try Attention(energies: Matrix([[3, -2, 7, .infinity], [5, -1, -1, 300]]), temperature: temperature).weights
        #expect(weights.values == [0, 1, 0, 0, 0, 0.5, 0.5, 0])
    }

    /// A score that overflows is no mask, whichever its sign, unless a mask hides it.
    @Test(arguments: [Float(1e30), -1e30]) func overflow(size: Float) throws {
        let q = Matrix([[1, 0], [1e30, 0]]), k = Matrix([[1, 0], [size, 1]])
        let error = #expect(throws: GibbsError.self) { _ = try Attention(queries: q, keys: k) }
        #expect(error?.code == .unsuitableData && error?.message.contains("query 1 and key 1 in head 0") == true, "\(String(describing: error))")
        #expect(try Attention(queries: q, keys: k, mask: .keys([true, false])).weights.values == [1, 0, 1, 0])
        #expect(try Attention(energies: Matrix([[1, .infinity]])).weights.values == [1, 0])
    }

    @Test func draws() throws {
        let attention = try Attention(queries: Self.matrix(2, 6, 9, scale: 2), keys: Self.matrix(5, 6, 10), heads: 2, mask: .keys([true, true, false, true, true])), weights = attention.weights
        let draws = attention.sample(count: 20_000, key: Key(11))
        #expect(draws.count == 4 && draws == attention.sample(count: 20_000, key: Key(11)))
        for (row, list) in draws.enumerated() {
            for key in 0 ..< 5 {
                let share = Double(list.count { $0 == key }) / 20_000, p = Double(weights[row, key])
                #expect(abs(share - p) <= 5 * (p * (1 - p) / 20_000).squareRoot())
            }
        }
    }

    @Test func headsApart() throws {
        let q = Self.matrix(3, 8, 12), k = Self.matrix(4, 8, 13), both = try Attention(queries: q, keys: k, heads: 2).at(temperatures: [1, 2])
        for head in 0 ..< 2 {
            func part(_ m: Matrix) -> Matrix { Matrix(rows: m.rows, columns: 4, values: (0 ..< m.rows).flatMap { row in Array(m.row(row))[head * 4 ..< head * 4 + 4] }) }
            let alone = try Attention(queries: part(q), keys: part(k), temperature: Float(head + 1))
            #expect(zip(alone.weights.values, both.weights.slice(head * 3 ..< head * 3 + 3).values).allSatisfy { abs($0 - $1) < 1e-6 })
        }
    }

    @Test func refusals() throws {
        let q = Self.matrix(2, 4, 14), k = Self.matrix(3, 4, 15)
        let message = #expect(throws: GibbsError.self) { _ = try Attention(queries: q, keys: k, mask: .pairs([true, false, true, false, false, false])) }
        #expect(message?.message.contains("query 1 may look at none of its 3 keys") == true)
        #expect(checkRefusal([.shapeMismatch], "five columns") { _ = try Attention(queries: q, keys: Self.matrix(3, 5, 1)) } == [])
        #expect(checkRefusal([.shapeMismatch], "three heads") { _ = try Attention(queries: q, keys: k, heads: 3) } == [])
        #expect(checkRefusal([.shapeMismatch], "two marks") { _ = try Attention(queries: q, keys: k, mask: .keys([true, true])) } == [])
        #expect(checkRefusal([.shapeMismatch], "two values") { _ = try Attention(queries: q, keys: k).output(q) } == [])
        #expect(checkRefusal([.usage], "no temperature") { _ = try Attention(queries: q, keys: k, temperature: 0) } == [])
        #expect(checkRefusal([.unsuitableData], "no keys") { _ = try Attention(queries: q, keys: Matrix(rows: 0, columns: 4)) } == [])
        #expect(checkRefusal([.unsuitableData], "a nan") { _ = try Attention(queries: Matrix([[.nan, 0, 0, 0]]), keys: k) } == [])
        #expect(try Attention(queries: Matrix(rows: 0, columns: 4), keys: k).output(k).rows == 0)
    }
}
