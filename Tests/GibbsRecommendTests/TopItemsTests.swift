import Foundation
import GibbsCore
import GibbsNumerics
import Testing
import GibbsRecommend

@Suite struct TopItemsTests {
    private struct Table: ItemModel {
        let energies: Matrix
        var itemCount: Int { energies.columns }
        func itemEnergies(for people: People) throws -> Matrix { energies.selecting(rows: (0 ..< people.count).map { people.fitted?[$0] ?? 0 }) }
    }

    private let town = SmallTown(people: 40, items: 45, key: Key(2))

    @Test(arguments: [0, 1, 10, 44, 60]) func `lists are the sorted unseen items`(count: Int) throws {
        // Few levels, so that many energies are equal.
        let energies = Matrix(rows: 40, columns: 45, values: Key(1).uniforms(1_800).map { ($0 * 12).rounded() }), model = Table(energies: energies)
        let top = try model.topItems(for: town.known, count: count)
        for person in 0 ..< 40 {
            let unseen = (0 ..< 45).filter { !town.histories.contains(row: person, column: $0) }
            let sorted = unseen.sorted { (energies[person, $0], $0) < (energies[person, $1], $1) }
            #expect(top.items[person].map(Int.init) == Array(sorted.prefix(count)))
        }
    }

    @Test func `draws have the probabilities of the Gibbs distribution, and none is seen`() throws {
        let model = Table(energies: Matrix(rows: 1, columns: 5, values: [0, 0.5, 1, 2, 0.2]))
        let histories = SparseRows(columns: 5, starts: [0, 1], indices: [4], values: [1]), people = People(histories: histories)
        var counts = [Double](repeating: 0, count: 5), trials = 4_000.0
        for trial in 0 ..< 4_000 {
            let drawn = try model.drawnItems(for: people, count: 2, temperature: 0.7, key: Key(9).folding(trial)).items[0]
            #expect(drawn.count == 2 && drawn[0] != drawn[1] && !drawn.contains(4))
            counts[Int(drawn[0])] += 1
        }
        let p = GibbsDistribution(energies: [0, 0.5, 1, 2], temperature: 0.7).probabilities
        for item in 0 ..< 4 { #expect(abs(counts[item] / trials - Double(p[item])) < 5 * (Double(p[item]) / trials).squareRoot()) }
        trials = 0
        #expect(try model.drawnItems(for: people, count: 4, temperature: 0, key: Key(1)) == model.topItems(for: people, count: 4))
        #expect(throws: GibbsError.self) { try model.drawnItems(for: people, count: 4, temperature: -1, key: Key(1)) }
    }

    @Test func `a fitted person's draw does not depend on who else is asked about`() throws {
        let model = Table(energies: Matrix(rows: 40, columns: 45, values: Key(1).normals(1_800)))
        let all = try model.drawnItems(for: town.known, count: 5, temperature: 1, key: Key(3))
        let some = try model.drawnItems(for: town.known.selecting([31, 4]), count: 5, temperature: 1, key: Key(3))
        #expect(some.items == [all.items[31], all.items[4]] && Set(all.items).count > 35)
    }

    @Test func `the dial finds the temperature of the wanted number of items`() throws {
        var energies = Key(6).normals(300)
        energies[7] = .infinity
        for effective in [1.5, 10, 120, 290] {
            let temperature = Temperature.spreading(over: effective, energies: energies)
            #expect(abs(Temperature.effectiveItems(energies, temperature: temperature) / effective - 1) < 1e-4)
        }
        let entropy = Double(GibbsDistribution(energies: energies, temperature: 0.8).entropy)
        #expect(abs(log(Temperature.effectiveItems(energies, temperature: 0.8)) - entropy) < 1e-4)
        #expect(Wish.Dial.explore(0).temperature(of: energies) == 0)
        let dial = Wish.Dial.explore(0.2).temperature(of: energies)
        #expect(abs(Temperature.effectiveItems(energies, temperature: dial) - pow(299, 0.2)) < 1e-3)
        #expect(throws: GibbsError.self) { try Wish(count: 1, dial: .explore(1.2)) }
        #expect(Temperature.spreading(over: 2, energies: [1, 1, 3]) == 0 && Temperature.effectiveItems([Float](), temperature: 1) == 0)
    }

    @Test(arguments: [-1, .nan, .infinity, 1e-50, 1e300]) func `what is no temperature is refused`(temperature: Double) throws {
        #expect(throws: GibbsError.self) { try Temperature.check(temperature) }
        #expect(throws: GibbsError.self) { try Wish(count: 3, dial: .temperature(temperature)) }
        let model = Table(energies: Matrix(rows: 1, columns: 5, values: [0, 0.5, 1, 2, 0.2])), people = People(histories: SparseRows(columns: 5, starts: [0, 0], indices: [], values: []))
        #expect(throws: GibbsError.self) { try model.drawnItems(for: people, count: 1, temperature: temperature, key: Key(1)) }
    }

    @Test(arguments: [Float.nan, -.infinity]) func `an energy that is no number is refused`(energy: Float) throws {
        let model = Table(energies: Matrix(rows: 1, columns: 3, values: [0, energy, 1])), people = People(histories: SparseRows(columns: 3, starts: [0, 0], indices: [], values: []))
        #expect { try model.topItems(for: people, count: 2) } throws: { ($0 as? GibbsError)?.code == .unsuitableModel }
    }

    @Test func `extreme energies have a dial`() throws {
        for energies: [Float] in [[0, 1e-40, 2e-40], [0, 1e33, 3e38], [0, 1, 1e38]] {
            let choices = try #require(try Table(energies: Matrix(rows: 1, columns: 3, values: energies)).choices(for: People(histories: SparseRows(columns: 3, starts: [0, 0], indices: [], values: []))) { choices, _ in choices }.first)
            let temperature = Wish.Dial.explore(0.7).temperature(of: energies)
            #expect(choices.law(at: temperature)?.probabilities.count == 3)
        }
    }

    @Test func `figures match their definitions`() throws {
        let test = SparseRows(columns: 6, starts: [0, 2, 2, 3], indices: [1, 4, 0], values: [1, 1, 1])
        let train = SparseRows(columns: 6, starts: [0, 2, 3, 5], indices: [0, 2, 2, 2, 3], values: [1, 1, 1, 1, 1])
        let figures = RankingFigures(TopItems(length: 3, items: [[3, 1, 5], [1, 2, 3], [2, 3]]), test: test, train: train)
        let ideal = 1 + 1 / log2(3.0)
        #expect(figures.people == 2 && figures.hitRate == 0.5)
        #expect(abs(figures.ndcg - (1 / log2(3.0) / ideal) / 2) < 1e-12)
        #expect(figures.recall == 0.25 && abs(figures.precision - 1.0 / 6) < 1e-12 && abs(figures.averagePrecision - 0.125) < 1e-12)
        #expect(figures.coverage == 4.0 / 6)
        // Items 2 and 3 share one of 3 and 1 people; no other pair of a judged list shares any.
        #expect(abs(figures.diversity - (1 + (1 - 1 / 3.0.squareRoot())) / 2) < 1e-12)
        let novelty = [1, 0, 0, 3, 1].map { -log((Double($0) + 1) / 4) }.reduce(0, +) / 5
        #expect(abs(figures.novelty - novelty) < 1e-12)
    }

    @Test func `a model that draws the test is calibrated, one twice as sure is not`() throws {
        let energies = Matrix(rows: 40, columns: 45, values: Key(1).normals(1_800).map { 1.5 * $0 }), model = Table(energies: energies)
        let nobody = SparseRows(columns: 45, starts: [Int](repeating: 0, count: 40 * 60 + 1), indices: [], values: [])
        let people = People(histories: nobody, fitted: (0 ..< 2_400).map { $0 % 40 })
        let drawn = (0 ..< 2_400).map { Int32(GibbsDistribution(energies: Array(energies.row($0 % 40))).sample(count: 1, key: Key(7).folding($0))[0]) }
        let test = SparseRows(columns: 45, starts: Array(0 ... 2_400), indices: drawn, values: drawn.map { _ in 1 })
        let right = try ItemCalibration(of: model, for: people, test: test), sure = try ItemCalibration(of: model, for: people, test: test, temperature: 0.5)
        #expect(right.massError < 0.1 && right.topError < 0.06 && sure.massError > 3 * right.massError && sure.topError > 0.1)
        let unsure = try ItemCalibration(of: model, for: people, test: test, temperature: 1.5)
        #expect(right.logLikelihood > sure.logLikelihood && right.logLikelihood > unsure.logLikelihood)
        #expect(abs(right.bins.reduce(0.0) { $0 + $1.expected } - 2_400) < 1e-6 && abs(right.bins.reduce(0.0) { $0 + $1.observed } - 2_400) < 1e-6)
        #expect(throws: GibbsError.self) { try ItemCalibration(of: model, for: People(histories: test), test: test) }
        // Chance alone is as large as it says, give or take a half.
        #expect(right.topError < 1.6 * right.topNoise && right.topNoise < 1.6 * right.topError && unsure.topError > 3 * unsure.topNoise)
    }

    @Test func `a person's other events are no candidates for one`() throws {
        // Drawn without replacement from p ∝ exp(−E): three each, the likeliest two almost always among them.
        let energies: [Float] = [-4, -3.5, 0, 0.1, 0.2, 0.3], model = Table(energies: Matrix(rows: 1, columns: 6, values: energies))
        let drawn = (0 ..< 900).map { GibbsDistribution(energies: energies).draw(3, key: Key(3).folding($0)).sorted() }
        let test = SparseRows(columns: 6, starts: (0 ... 900).map { 3 * $0 }, indices: drawn.flatMap { $0.map(Int32.init) }, values: [Float](repeating: 1, count: 2_700))
        let nobody = SparseRows(columns: 6, starts: [Int](repeating: 0, count: 901), indices: [], values: [])
        let found = try ItemCalibration(of: model, for: People(histories: nobody, fitted: [Int](repeating: 0, count: 900)), test: test)
        #expect(found.events == 2_700 && found.people == 900)
        // By hand: −ln p of each event with the other two left out of Z.
        let byHand = drawn.flatMap { own in own.map { item -> Double in
            let z = (0 ..< 6).filter { $0 == item || !own.contains($0) }.reduce(0.0) { $0 + exp(-Double(energies[$1])) }
            return -Double(energies[item]) - log(z)
        } }
        #expect(abs(found.logLikelihood - Statistics.mean(byHand)) < 1e-6)
        let expected = found.bins.reduce(0.0) { $0 + $1.expected }, observed = found.bins.reduce(0.0) { $0 + $1.observed }
        #expect(abs(expected - 2_700) < 1e-6 && observed == 2_700 && found.bins.reduce(0) { $0 + $1.pairs } == 2_700 * 4)
    }

    @Test func `neighbours and popularity are sums of counts`() throws {
        let histories = SparseRows(columns: 4, starts: [0, 2, 4, 5], indices: [0, 1, 1, 2, 1], values: [1, 1, 1, 1, 1])
        let near = try ItemNeighbours(histories: histories, nearest: 5).itemEnergies(for: People(histories: histories))
        let third = 1 / Float(3).squareRoot()
        #expect(abs(near[0, 2] + third) < 1e-6 && near[0, 3] == 0 && abs(near[1, 0] + third) < 1e-6)
        let popular = Popularity(histories: histories).energies.map { exp(-Double($0)) }
        #expect(abs(popular.reduce(0, +) - 1) < 1e-6 && abs(popular[1] - 3.5 / 7) < 1e-6)
    }
}
