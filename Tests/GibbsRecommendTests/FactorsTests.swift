import Foundation
import GibbsCore
import GibbsNumerics
import Testing
import GibbsRecommend

/// A made-up world: people and items of some kinds, people mostly turn to items of their own kind.
struct SmallTown {
    let histories: SparseRows

    init(people: Int = 60, items: Int = 45, kinds: Int = 3, each: Int = 8, key: Key) {
        var row = [Int32](), column = [Int32](), value = [Float]()
        for person in 0 ..< people {
            let own = key.folding(person), marks = own.uniforms(items)
            let order = (0 ..< items).sorted { marks[$0] * ($0 % kinds == person % kinds ? 1 : 4) < marks[$1] * ($1 % kinds == person % kinds ? 1 : 4) }
            for item in order.prefix(each + person % 5) { row.append(Int32(person)); column.append(Int32(item)); value.append(Float(1 + item % 3)) }
        }
        histories = SparseRows(rows: people, columns: items, row: row, column: column, value: value)
    }

    var known: People { People(histories: histories, fitted: (0 ..< histories.rows).map { $0 }) }
    var strangers: People { People(histories: histories) }
}

@Suite struct FactorsTests {
    private let town = SmallTown(key: Key(5))

    private func method(_ factors: Int = 6, confidence: ImplicitLeastSquares.Confidence = .linear(slope: 0.7)) -> ImplicitLeastSquares {
        var method = ImplicitLeastSquares()
        (method.factors, method.confidence, method.iterations, method.regularisation) = (factors, confidence, 8, 0.05)
        return method
    }

    @Test func `scores are dot products, and a person's bits do not depend on the company`() throws {
        let users = Matrix(rows: 9, columns: 7, values: Key(1).normals(63)), items = Matrix(rows: 131, columns: 7, values: Key(2).normals(917)), biases = Key(3).normals(131)
        let model = DotProductRecommender(users: users, items: items, itemBiases: biases, scale: 1.5, foldIn: .leastSquares(method()))
        let empty = SparseRows(columns: 131, starts: [Int](repeating: 0, count: 10), indices: [], values: [])
        let people = People(histories: empty, fitted: (0 ..< 9).map { $0 }), energies = try model.itemEnergies(for: people)
        for u in 0 ..< 9 {
            for i in 0 ..< 131 {
                let dot = zip(users.row(u), items.row(i)).reduce(Double(biases[i])) { $0 + Double($1.0) * Double($1.1) }
                #expect(abs(Double(energies[u, i]) + 1.5 * dot) < 1e-5 * (1 + abs(dot)))
            }
            #expect(try Array(model.itemEnergies(for: people.selecting([u])).row(0)) == Array(energies.row(u)))
        }
        #expect(throws: GibbsError.self) { try model.itemEnergies(for: People(histories: SparseRows(columns: 5, starts: [0, 0], indices: [], values: []))) }
        #expect(throws: GibbsError.self) { try model.itemEnergies(for: People(histories: empty.selecting(rows: [0]), fitted: [9])) }
    }

    @Test(arguments: [3, 16, 20, 70]) func `one half of an iteration solves the normal equations`(factors: Int) {
        let method = method(factors), stride = (factors + 15) / 16 * 16, m = town.histories.columns
        var padded = [Float](repeating: 0, count: m * stride)
        let values = Key(4).normals(m * factors)
        for item in 0 ..< m { for k in 0 ..< factors { padded[item * stride + k] = 0.4 * values[item * factors + k] } }
        let items = DotProductRecommender.trimmed(padded, stride: stride, to: factors)
        var users = [Float](repeating: 0, count: town.histories.rows * stride)
        LeastSquaresSide(town.histories, method: method, stride: stride).improve(&users, given: padded, steps: 200, tolerance: 1e-7)
        let found = DotProductRecommender.trimmed(users, stride: stride, to: factors)
        for u in 0 ..< town.histories.rows {
            // A x = b written out, in double precision.
            let x = found.row(u).map(Double.init), ridge = Double(method.ridge(entries: town.histories.range(u).count, opposite: m))
            var left = x.map { ridge * $0 }, right = [Double](repeating: 0, count: factors)
            for i in 0 ..< m {
                let v = items.row(i).map(Double.init), dot = zip(v, x).reduce(0.0) { $0 + $1.0 * $1.1 }
                let weight = town.histories.entry(row: u, column: i).map { 1 + 0.7 * Double(town.histories.values[$0]) } ?? 0
                for k in 0 ..< factors { left[k] += (0.2 + weight) * dot * v[k]; right[k] += weight * v[k] }
            }
            let size = right.reduce(0.0) { $0 + abs($1) }
            #expect(zip(left, right).allSatisfy { abs($0 - $1) < 2e-5 * size })
        }
    }

    @Test func `least squares goes downhill, fold-in gives a fitted person's factors, bits do not depend on processors`() throws {
        let method = method()
        func objective(_ model: DotProductRecommender) -> Double {
            var sum = 0.0
            for u in 0 ..< town.histories.rows {
                sum += Double(method.ridge(entries: town.histories.range(u).count, opposite: town.histories.columns)) * model.users.row(u).reduce(0.0) { $0 + Double($1 * $1) }
                for i in 0 ..< town.histories.columns {
                    let x = zip(model.users.row(u), model.items.row(i)).reduce(0.0) { $0 + Double($1.0 * $1.1) }
                    sum += 0.2 * x * x
                    if let entry = town.histories.entry(row: u, column: i) { sum += (1 + 0.7 * Double(town.histories.values[entry])) * (1 - x) * (1 - x) }
                }
            }
            let counts = town.histories.countsByColumn()
            for i in counts.indices { sum += Double(method.ridge(entries: counts[i], opposite: town.histories.rows)) * model.items.row(i).reduce(0.0) { $0 + Double($1 * $1) } }
            return sum
        }
        var values = [Double]()
        for iterations in [1, 2, 4, 8] {
            var shorter = method
            shorter.iterations = iterations
            values.append(objective(try .fitted(to: town.histories, by: shorter, key: Key(1))))
        }
        #expect(values == values.sorted(by: >) && Set(values).count == 4)
        let model = try DotProductRecommender.fitted(to: town.histories, by: method, key: Key(1))
        let folded = try model.personFactors(for: town.strangers)
        for (a, b) in zip(folded.values, model.users.values) { #expect(abs(a - b) < 1e-4) }
        let single = try Parallelism.$width.withValue(1) { try DotProductRecommender.fitted(to: town.histories, by: method, key: Key(1)) }
        let several = try Parallelism.$width.withValue(3) { try DotProductRecommender.fitted(to: town.histories, by: method, key: Key(1)) }
        #expect(single.users == several.users && single.items == several.items && single.users == model.users)
    }

    @Test func `a model survives its archive, and damage is told`() throws {
        let model = try DotProductRecommender.fitted(to: town.histories, by: method(), key: Key(1)).scaled(to: 3)
        let archive = model.archive(), copy = try DotProductRecommender(archive: archive)
        #expect(copy.archive() == archive)
        #expect(try copy.itemEnergies(for: town.strangers) == model.itemEnergies(for: town.strangers))
        for name in ["users", "items", "itemBiases"] {
            for change in [nil, Archive.Tensor(shape: [1, 1], values: [0]), archive.tensors[name].map { Archive.Tensor(shape: $0.shape, values: $0.values.map { _ in .nan }) }] as [Archive.Tensor?] {
                var damaged = archive
                damaged.tensors[name] = change
                let error = #expect(throws: GibbsError.self) { try DotProductRecommender(archive: damaged) }
                #expect(error?.code == .unsuitableModel)
            }
        }
        for text in ["{}", "{\"scale\":-1}"] {
            var damaged = archive
            damaged.metadata["gibbs.schema"] = text
            #expect(throws: GibbsError.self) { try DotProductRecommender(archive: damaged) }
        }
    }

    @Test func `bad settings and empty histories are refused`() {
        var bad = method()
        bad.regularisation = 0
        #expect(throws: GibbsError.self) { try DotProductRecommender.fitted(to: town.histories, by: bad, key: Key(1)) }
        #expect(throws: GibbsError.self) { try DotProductRecommender.fitted(to: SparseRows(columns: 3, starts: [0, 0], indices: [], values: []), by: method(), key: Key(1)) }
        struct Enough: Error {}
        #expect(throws: Enough.self) { try DotProductRecommender.fitted(to: town.histories, by: method(), key: Key(1)) { if $0.done == 2 { throw Enough() } } }
    }
}
