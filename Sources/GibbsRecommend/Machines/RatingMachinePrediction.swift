import CKernels
import Foundation
import GibbsCore
import GibbsNumerics

extension RatingMachine: RatingModel {
    /// −ln p(r | u, i) of every rating of some pairs, given all that the person rated: the exact sum over the levels of one item,
    ///
    ///     p(r) ∝ exp(b_i^r) Π_{j binary} (1 + exp(a_j + D_ij + W_ij^r)) Π_{j Gaussian} exp(½ (a_j + D_ij + W_ij^r)² / (1 + γ (n + 1)))
    ///
    /// A target that is in the history is foretold from the person's other ratings: its own says nothing here. Who a person was when the
    /// machine was fitted (`People.fitted`) says nothing either: all that a machine knows of people is in their histories.
    ///
    /// - Complexity: histories × hidden + targets × K × hidden, spread over people.
    public func ratingEnergies(of targets: SparseRows, for people: People) throws -> Matrix { try ratingEnergies(of: targets, for: people, features: nil) }

    /// As `ratingEnergies(of:for:)`, knowing more of the people.
    ///
    /// - Parameters:
    ///   - features: Their features, shape `[people, features]`; nil for all zero.
    ///   - alsoRated: Items that they are known to have rated without anybody knowing how, shape people × items: these speak through D alone, as in
    ///     section 4 of the paper. Items of the history and the target itself are left out. Whoever measures errors must not tell the machine the
    ///     test's items here, since who rated what is a part of the answer.
    public func ratingEnergies(of targets: SparseRows, for people: People, features: Matrix?, alsoRated: SparseRows? = nil) throws -> Matrix {
        try check(targets, features)
        try checkHistories(people, targets: targets, features)
        if let alsoRated {
            precondition(alsoRated.rows == people.count, "\(alsoRated.rows) rows of rated items for \(people.count) people")
            try check(alsoRated, nil)
        }
        var result = Matrix(rows: targets.entries, columns: scale.count)
        result.values.withUnsafeMutableBufferPointer { out in
            let out = SharedPointer(out.baseAddress)
            parallelRanges(targets.rows) { rows in
                for row in rows where !targets.range(row).isEmpty { foretell(row, targets, people, features, alsoRated, into: out.pointer!) }
            }
        }
        return result
    }

    private func foretell(_ row: Int, _ targets: SparseRows, _ people: People, _ features: Matrix?, _ alsoRated: SparseRows?, into out: UnsafeMutablePointer<Float>) {
        guard var person = try? person(people.histories, row, features) else { preconditionFailure("the histories were checked") }
        let (levels, hidden) = (scale.count, hiddenCount), silent = alsoRated?.columns(of: row).filter { !people.histories.contains(row: row, column: Int($0)) } ?? []
        for item in silent { add(rated.row(Int(item)), to: &person.input) }
        var scores = [Float](repeating: 0, count: levels), slopes = [Float](repeating: 0, count: levels * hidden)
        for place in targets.range(row) {
            let item = Int(targets.indices[place]), own = people.histories.entry(row: row, column: item)
            var input = person.input
            if let own { add(told.row(item * levels + person.levels[own - people.histories.starts[row]]), to: &input, times: -1) }
            let isSilent = silent.contains(Int32(item)), n = person.items.count + silent.count - (isSilent ? 1 : 0) + (own == nil ? 1 : 0)
            if isSilent { add(rated.row(item), to: &input, times: -1) }
            for k in 0 ..< levels { scores[k] = biases[item, k] + person.shift[k] }
            told.values.withUnsafeBufferPointer {
                gk_rating_levels(input, $0.baseAddress! + item * levels * hidden, levels, binary, gaussian, spread(n), &scores, &slopes)
            }
            let total = Float(logSumExp(scores))
            for k in 0 ..< levels { out[place * levels + k] = total - scores[k] }
        }
    }

    /// −ln of what mean field says of all of a person's targets at once, as the paper guesses: q_i^k ∝ exp(b_i^k + Σ_j W_ij^k ĥ_j) with
    /// ĥ = E[h | history] in one pass, which takes the targets as not rated; each further step takes them as rated, with Σ_k q_i^k W_ij^k told in
    /// place of their ratings, and thereby lets the guesses about one person's targets depend on one another.
    ///
    /// For one target at a time `ratingEnergies(of:for:)` is exact and no dearer; this is for comparison, and for asking about many at once.
    /// - Parameter steps: Updates after the first pass, 0 or more.
    /// - Throws: As `ratingEnergies(of:for:)`.
    public func meanFieldEnergies(of targets: SparseRows, for people: People, steps: Int = 0, features: Matrix? = nil) throws -> Matrix {
        try check(targets, features)
        try checkHistories(people, targets: targets, features)
        var result = Matrix(rows: targets.entries, columns: scale.count)
        for row in 0 ..< targets.rows {
            let person = try person(people.histories, row, features), places = targets.range(row)
            let new = places.filter { people.histories.entry(row: row, column: Int(targets.indices[$0])) == nil }
            var means = hiddenMeans(person.input, rated: person.items.count)
            for step in 0 ... max(0, steps) {
                for place in places { guess(place, item: Int(targets.indices[place]), means, person.shift, &result) }
                if step == steps { break }
                var input = person.input
                for place in new {
                    for k in 0 ..< scale.count { add(told.row(Int(targets.indices[place]) * scale.count + k), to: &input, times: exp(-result[place, k])) }
                }
                means = hiddenMeans(input, rated: person.items.count + new.count)
            }
        }
        return result
    }

    private func guess(_ place: Int, item: Int, _ means: [Float], _ shift: [Float], _ result: inout Matrix) {
        let scores = (0 ..< scale.count).map { k in
            zip(weights.row(item * scale.count + k), means).reduce(biases[item, k] + shift[k]) { $0 + $1.0 * $1.1 }
        }
        let total = Float(logSumExp(scores))
        for k in scores.indices { result[place, k] = total - scores[k] }
    }

    private func checkHistories(_ people: People, targets: SparseRows, _ features: Matrix?) throws {
        precondition(targets.rows == people.count, "targets of \(targets.rows) people, histories of \(people.count)")
        try check(people.histories, features)
        for value in Set(people.histories.values) where scale.level(of: value) == nil { throw offScale(value) }
    }
}

extension RatingMachine: ItemModel {
    /// Minus the expected rating: the machine says which rating, not which item, so an item's energy is how badly it would be rated.
    ///
    /// - Complexity: people × items × K × hidden.
    public func itemEnergies(for people: People) throws -> Matrix { try itemEnergiesByRating(for: people) }
}

extension RatingModel {
    /// −E[r | u, i] of every item for every person, shape `[people, items]`, a block of people at a time.
    func itemEnergiesByRating(for people: People) throws -> Matrix {
        var result = Matrix(rows: people.count, columns: itemCount)
        let block = max(1, 500_000 / max(1, itemCount))
        for first in stride(from: 0, to: people.count, by: block) {
            let rows = first ..< min(people.count, first + block)
            let all = SparseRows(columns: itemCount, starts: (0 ... rows.count).map { $0 * itemCount },
                                 indices: rows.flatMap { _ in (0 ..< itemCount).map(Int32.init) }, values: [Float](repeating: 0, count: rows.count * itemCount))
            let expected = try expectedRatings(of: all, for: people.selecting(Array(rows)))
            for (place, rating) in expected.enumerated() { result.values[first * itemCount + place] = Float(-rating) }
        }
        return result
    }
}
