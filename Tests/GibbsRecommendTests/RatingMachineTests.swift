import Foundation
import GibbsNumerics
import GibbsRecommend
import GibbsTestSupport
import Testing

/// A machine small enough to enumerate: every rating of every item, every state of the binary units, and a grid for the Gaussian one.
struct TinyMachine {
    let machine: RatingMachine
    static let levels = 3, items = 3

    init(gaussian: Int = 1, features: Int = 0, size: Float = 0.8, key: Key = Key(5)) {
        func draw(_ rows: Int, _ columns: Int, _ name: Int) -> Matrix { Matrix(rows: rows, columns: columns, values: key.folding(name).normals(rows * columns).map { size * $0 }) }
        let hidden = 2 + gaussian, scale = try! RatingScale(lowest: 1, step: 1, count: Self.levels)
        machine = RatingMachine(scale: scale, biases: draw(Self.items, Self.levels, 1), weights: draw(Self.items * Self.levels, hidden, 2), rated: draw(Self.items, hidden, 3),
                                hiddenBias: draw(1, hidden, 4).values, gaussian: gaussian, stiffening: 0.4,
                                features: features == 0 ? nil : .init(hidden: draw(features, hidden, 5), levels: draw(features, Self.levels, 6)))
    }

    /// All ratings of these items, a row each.
    static func all(_ items: [Int]) -> SparseRows {
        let count = Int(pow(Double(levels), Double(items.count)))
        var values = [Float]()
        for state in 0 ..< count { for place in items.indices { values.append(Float(1 + state / Int(pow(Double(levels), Double(place))) % levels)) } }
        return SparseRows(columns: Self.items, starts: (0 ... count).map { $0 * items.count }, indices: (0 ..< count).flatMap { _ in items.map(Int32.init) }, values: values)
    }

    /// p(v | rated) of all of them.
    func probabilities(_ items: [Int]) throws -> [Double] {
        let logits = try machine.freeEnergies(of: Self.all(items)).map { -$0 }, total = logSumExp(logits)
        return logits.map { exp($0 - total) }
    }
}

/// One row less an entry.
func without(_ item: Int, _ rows: SparseRows) -> SparseRows {
    var row = [Int32](), column = [Int32](), value = [Float]()
    for r in 0 ..< rows.rows { for place in rows.range(r) where rows.indices[place] != item { row.append(Int32(r)); column.append(rows.indices[place]); value.append(rows.values[place]) } }
    return SparseRows(rows: rows.rows, columns: rows.columns, row: row, column: column, value: value)
}

/// The same target for every row.
func targets(_ item: Int, rows: Int, columns: Int) -> SparseRows {
    SparseRows(columns: columns, starts: Array(0 ... rows), indices: [Int32](repeating: Int32(item), count: rows), values: [Float](repeating: 0, count: rows))
}

@Suite struct RatingMachineTests {
    @Test(arguments: [[0], [1, 2], [0, 1, 2]])
    func `the free energy is what the sum over hidden states gives`(items: [Int]) throws {
        let machine = TinyMachine().machine, rows = TinyMachine.all(items), free = try machine.freeEnergies(of: rows), width = 0.01
        for row in stride(from: 0, to: rows.rows, by: 4) {
            var terms = [Double]()
            for bits in 0 ..< 4 {
                for step in -1_500 ... 1_500 {
                    let hidden: [Float] = [Float(bits & 1), Float(bits >> 1), Float(Double(step) * width)]
                    terms.append(-(try machine.energy(of: rows, row: row, hidden: hidden)) + log(width))
                }
            }
            #expect(abs(free[row] + logSumExp(terms)) < 1e-4)
        }
    }

    @Test func `the rating of a target is the ratio of exponentiated free energies`() throws {
        let machine = TinyMachine().machine, all = TinyMachine.all([0, 1, 2])
        for item in 0 ..< 3 {
            let histories = without(item, all), energies = try machine.ratingEnergies(of: targets(item, rows: all.rows, columns: 3), for: People(histories: histories))
            // A target's own rating in the history changes nothing.
            #expect(try machine.ratingEnergies(of: targets(item, rows: all.rows, columns: 3), for: People(histories: all)).values.elementsEqual(energies.values) { abs($0 - $1) < 1e-4 })
            for row in 0 ..< all.rows {
                let free = try (0 ..< 3).map { level in
                    var values = Array(all.values[all.range(row)])
                    values[item] = Float(level + 1)
                    return -(try machine.freeEnergies(of: SparseRows(columns: 3, starts: [0, 3], indices: [0, 1, 2], values: values))[0])
                }
                for level in 0 ..< 3 { #expect(abs(Double(-energies[row, level]) - (free[level] - logSumExp(free))) < 1e-4) }
            }
        }
    }

    @Test func `mean field agrees where hidden units are deaf to the target, and only there`() throws {
        let machine = TinyMachine(gaussian: 0).machine, history = SparseRows(columns: 3, starts: [0, 1], indices: [1], values: [2]), people = People(histories: history)
        var weights = machine.weights
        for k in 0 ..< 3 { for j in 0 ..< 2 { weights[k, j] = 0 } }
        let deaf = RatingMachine(scale: machine.scale, biases: machine.biases, weights: weights, rated: machine.rated, hiddenBias: machine.hiddenBias), target = targets(0, rows: 1, columns: 3)
        for steps in [0, 3] {
            for (exact, guess) in zip(try deaf.ratingEnergies(of: target, for: people).values, try deaf.meanFieldEnergies(of: target, for: people, steps: steps).values) { #expect(abs(exact - guess) < 1e-5) }
            #expect(zip(try machine.ratingEnergies(of: target, for: people).values, try machine.meanFieldEnergies(of: target, for: people, steps: steps).values).contains { abs($0 - $1) > 1e-3 })
        }
    }

    @Test func `Gibbs sampling leaves the ratings of the rated items as they are distributed`() throws {
        let tiny = TinyMachine(gaussian: 2, size: 1.2), probabilities = try tiny.probabilities([0, 2]), all = TinyMachine.all([0, 2]), draws = 40_000
        var generator = KeyedGenerator(key: Key(8)), states = [Int]()
        for _ in 0 ..< draws {
            var left = Double.random(in: 0 ..< 1, using: &generator), state = 0
            while state < probabilities.count - 1, left >= probabilities[state] { left -= probabilities[state]; state += 1 }
            states.append(state)
        }
        for steps in [1, 4] {
            let moved = try tiny.machine.sampled(all.selecting(rows: states), steps: steps, key: Key(9))
            var counts = [Int](repeating: 0, count: probabilities.count), stayed = 0
            for row in 0 ..< draws {
                let values = moved.values[moved.range(row)].map { Int($0) - 1 }, state = values[0] + 3 * values[1]
                counts[state] += 1
                if state == states[row] { stayed += 1 }
            }
            #expect(ChiSquare.check(counts, against: probabilities, name: "\(steps) steps") == [])
            #expect(stayed < draws * 9 / 10)
        }
    }

    @Test func `the gradient of conditional likelihood is the slope of its sum`() throws {
        let machine = TinyMachine().machine, all = TinyMachine.all([0, 1, 2]).selecting(rows: [3, 7, 20]), gradient = machine.gradient(on: all, key: Key(1))
        func surprise(_ machine: RatingMachine) throws -> Double {
            try (0 ..< 3).reduce(0.0) { sum, item in
                let energies = try machine.ratingEnergies(of: targets(item, rows: 3, columns: 3), for: People(histories: without(item, all)))
                return sum + (0 ..< 3).reduce(0.0) { $0 + Double(energies[$1, Int(all.values[all.entry(row: $1, column: item)!]) - 1]) }
            }
        }
        #expect(abs(gradient.reported - (try surprise(machine))) < 1e-4)
        let step: Float = 0.01
        func slope(_ change: (RatingMachine, Float) -> RatingMachine) throws -> Double { (try surprise(change(machine, -step)) - surprise(change(machine, step))) / Double(2 * step) }
        for row in 0 ..< 9 {
            for j in 0 ..< 3 { #expect(abs(try slope { changed($0, weight: (row, j), by: $1) } - Double(gradient.told[row, j])) < 2e-3) }
            #expect(abs(try slope { changed($0, bias: (row / 3, row % 3), by: $1) } - Double(gradient.biases[row / 3, row % 3])) < 2e-3)
        }
        for j in 0 ..< 3 { #expect(abs(try slope { changed($0, hidden: j, by: $1) } - Double(gradient.hidden[j])) < 2e-3) }
    }

    @Test func `contrastive divergence follows the likelihood: its chains end where the exact expectation is`() throws {
        // From one state, a long chain's difference is the exact slope of ln p(v | rated).
        let tiny = TinyMachine(), all = TinyMachine.all([0, 1, 2]), chains = 4_000, row = 5
        let gradient = tiny.machine.gradient(on: all.selecting(rows: [Int](repeating: row, count: chains)), gibbsSteps: 30, key: Key(4))
        func logProbability(_ machine: RatingMachine) throws -> Double {
            let logits = try machine.freeEnergies(of: all).map { -$0 }
            return logits[row] - logSumExp(logits)
        }
        func slope(_ change: (RatingMachine, Float) -> RatingMachine) throws -> Double { (try logProbability(change(tiny.machine, 0.01)) - logProbability(change(tiny.machine, -0.01))) / 0.02 }
        // A chain's h is of size one; the Gaussian unit's mean somewhat more.
        let tolerance = 6 * 2 / Double(chains).squareRoot()
        for r in 0 ..< 9 {
            for j in 0 ..< 3 { #expect(abs(try slope { changed($0, weight: (r, j), by: $1) } - Double(gradient.told[r, j]) / Double(chains)) < tolerance) }
            #expect(abs(try slope { changed($0, bias: (r / 3, r % 3), by: $1) } - Double(gradient.biases[r / 3, r % 3]) / Double(chains)) < tolerance)
        }
        for j in 0 ..< 3 { #expect(abs(try slope { changed($0, hidden: j, by: $1) } - Double(gradient.hidden[j]) / Double(chains)) < tolerance) }
    }

    @Test func `features of a person shift what is foretold`() throws {
        let machine = TinyMachine(features: 2).machine, histories = TinyMachine.all([1]), people = People(histories: histories), target = targets(0, rows: 3, columns: 3)
        let zero = try machine.ratingEnergies(of: target, for: people, features: Matrix(rows: 3, columns: 2)), none = try machine.ratingEnergies(of: target, for: people)
        #expect(zero == none)
        let features = Matrix([[1, 0], [0, 1], [2, -1]]), shifted = try machine.ratingEnergies(of: target, for: people, features: features)
        for row in 0 ..< 3 {
            let free = try (0 ..< 3).map { level in
                -(try machine.freeEnergies(of: SparseRows(columns: 3, starts: [0, 2], indices: [0, 1], values: [Float(level + 1), histories.values[row]]), features: features.slice(row ..< row + 1))[0])
            }
            for level in 0 ..< 3 { #expect(abs(Double(-shifted[row, level]) - (free[level] - logSumExp(free))) < 1e-4) }
        }
        #expect(throws: GibbsError.self) { try machine.ratingEnergies(of: target, for: people, features: Matrix(rows: 3, columns: 1)) }
    }

    @Test func `items that were rated unseen speak as items do whose rating says nothing`() throws {
        let machine = TinyMachine().machine, history = SparseRows(columns: 3, starts: [0, 1], indices: [1], values: [2]), target = targets(0, rows: 1, columns: 3)
        // The last item says the same whatever its rating.
        var weights = machine.weights
        for row in 6 ..< 9 { for j in 0 ..< 3 { weights[row, j] = 0 } }
        let vague = RatingMachine(scale: machine.scale, biases: machine.biases, weights: weights, rated: machine.rated, hiddenBias: machine.hiddenBias, gaussian: 1, stiffening: 0.4)
        let seen = try vague.ratingEnergies(of: target, for: People(histories: SparseRows(columns: 3, starts: [0, 2], indices: [1, 2], values: [2, 3])))
        let unseen = try vague.ratingEnergies(of: target, for: People(histories: history), features: nil, alsoRated: SparseRows(columns: 3, starts: [0, 3], indices: [0, 1, 2], values: [0, 0, 0]))
        #expect(zip(seen.values, unseen.values).allSatisfy { abs($0 - $1) < 1e-5 })
        #expect(try zip(seen.values, vague.ratingEnergies(of: target, for: People(histories: history)).values).contains { abs($0 - $1) > 1e-3 })
    }

    @Test func `ratings off the scale and other items are refused`() {
        let machine = TinyMachine().machine, odd = SparseRows(columns: 3, starts: [0, 1], indices: [0], values: [2.5]), wide = SparseRows(columns: 4, starts: [0, 1], indices: [0], values: [2])
        #expect(throws: GibbsError.self) { try machine.freeEnergies(of: odd) }
        #expect(throws: GibbsError.self) { try machine.freeEnergies(of: wide) }
        #expect(throws: GibbsError.self) { try machine.ratingEnergies(of: targets(0, rows: 1, columns: 3), for: People(histories: odd)) }
        #expect(throws: GibbsError.self) { try machine.itemEnergies(for: People(histories: wide)) }
    }

    /// A machine with one number changed; what an item tells changes with its W.
    private func changed(_ m: RatingMachine, weight: (Int, Int)? = nil, bias: (Int, Int)? = nil, hidden: Int? = nil, by step: Float) -> RatingMachine {
        var weights = m.weights, biases = m.biases, c = m.hiddenBias
        if let weight { weights[weight.0, weight.1] += step }
        if let bias { biases[bias.0, bias.1] += step }
        if let hidden { c[hidden] += step }
        return RatingMachine(scale: m.scale, biases: biases, weights: weights, rated: m.rated, hiddenBias: c, gaussian: m.gaussian, stiffening: m.stiffening)
    }
}
