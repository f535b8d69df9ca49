import CKernels
import Foundation
import GibbsCore
import GibbsNumerics

/// A machine of a person's ratings: one softmax unit for each item that was rated, with weights that all people share.
///
///     E(v, h | rated) = −Σ_{i rated} b_i^{v_i} − Σ_{i rated} Σ_j W_ij^{v_i} h_j − Σ_j h_j (c_j + Σ_{i rated} D_ij) + Σ_{j Gaussian} ½ (1 + γ n) h_j²
///
/// An item that was not rated is absent from the sums, which is not a rating of zero; that it was rated speaks through D, whatever the rating.
/// The binary hidden units come first, then the Gaussian ones, which see the sum of what they are told grow with the n items rated and
/// are therefore made stiffer by each (γ). With a_j = c_j + Σ_{i rated} (W_ij^{v_i} + D_ij), everything hidden sums out:
///
///     F(v | rated) = −Σ_{i rated} b_i^{v_i} − Σ_{j binary} ln(1 + exp(a_j)) − ½ Σ_{j Gaussian} (a_j² / (1 + γ n) + ln (2π / (1 + γ n)))
///
/// so that the rating of one more item has an exact distribution, a sum over its levels alone: p(r | u, i) ∝ exp(−F(v ∪ {v_i = r})).
/// Features of a person x_u, where there are any, shift the biases: c_j by Σ_f x_uf P_fj, and b_i^k by Σ_f x_uf T_f^k.
///
/// - Source: Salakhutdinov, Mnih & Hinton, *Restricted Boltzmann Machines for Collaborative Filtering*, ICML 2007, sections 2 to 5. Theirs have
///   units of one kind at a time, no γ, and guess by mean field.
public struct RatingMachine: Sendable {
    /// The ratings there are, K of them.
    public let scale: RatingScale
    /// b, shape `[items, K]`.
    public let biases: Matrix
    /// W, shape `[items · K, hidden]`: the row i · K + k is W_i^k.
    public let weights: Matrix
    /// D, shape `[items, hidden]`.
    public let rated: Matrix
    /// c, the binary units first.
    public let hiddenBias: [Float]
    /// How many of the hidden units are Gaussian, the last ones.
    public let gaussian: Int
    /// γ, not negative: how much stiffer a Gaussian unit becomes with each rated item.
    public let stiffening: Float
    /// What features of people do, where the machine knows any.
    public let features: Features?
    /// W + D: what an item adds to the hidden units for each of its levels.
    let told: Matrix

    /// How features of a person shift the biases.
    public struct Features: Sendable, Hashable {
        /// P, shape `[features, hidden]`.
        public var hidden: Matrix
        /// T, shape `[features, K]`.
        public var levels: Matrix
        /// Such shifts. Traps when they name different numbers of features.
        public init(hidden: Matrix, levels: Matrix) {
            precondition(hidden.rows == levels.rows, "\(hidden.rows) and \(levels.rows) features")
            (self.hidden, self.levels) = (hidden, levels)
        }
        /// How many features there are.
        public var count: Int { hidden.rows }
    }

    /// A machine of these parts. Traps when their shapes do not fit one another.
    public init(scale: RatingScale, biases: Matrix, weights: Matrix, rated: Matrix, hiddenBias: [Float], gaussian: Int = 0, stiffening: Float = 0, features: Features? = nil) {
        let (items, hidden) = (biases.rows, hiddenBias.count)
        precondition(biases.columns == scale.count && weights.rows == items * scale.count && weights.columns == hidden && rated.rows == items && rated.columns == hidden,
                     "biases of \(items) × \(biases.columns), weights \(weights.rows) × \(weights.columns), rated \(rated.rows) × \(rated.columns), \(hidden) hidden units")
        precondition(0 ... hidden ~= gaussian && stiffening >= 0, "\(gaussian) Gaussian of \(hidden) units, stiffening \(stiffening)")
        precondition(features.map { $0.hidden.columns == hidden && $0.levels.columns == scale.count } ?? true, "features of another machine")
        (self.scale, self.biases, self.weights, self.rated, self.hiddenBias) = (scale, biases, weights, rated, hiddenBias)
        (self.gaussian, self.stiffening, self.features) = (gaussian, stiffening, features)
        var told = weights
        for row in 0 ..< weights.rows { for j in 0 ..< hidden { told[row, j] += rated[row / scale.count, j] } }
        self.told = told
    }

    /// A machine that is only asked what its items tell, W + D in one.
    init(scale: RatingScale, biases: Matrix, told: Matrix, hiddenBias: [Float], gaussian: Int, stiffening: Float, features: Features?) {
        (self.scale, self.biases, self.told, self.hiddenBias) = (scale, biases, told, hiddenBias)
        (self.gaussian, self.stiffening, self.features) = (gaussian, stiffening, features)
        (weights, rated) = (told, Matrix(rows: biases.rows, columns: hiddenBias.count))
    }

    /// The items it knows.
    public var itemCount: Int { biases.rows }
    /// Hidden units of both kinds.
    public var hiddenCount: Int { hiddenBias.count }
    /// The binary ones.
    var binary: Int { hiddenCount - gaussian }
    /// 1 / (1 + γ n), the variance of a Gaussian unit when n items are rated.
    func spread(_ n: Int) -> Float { 1 / (1 + stiffening * Float(n)) }
}

// MARK: - Energies

extension RatingMachine {
    /// E(v, h | rated) of one person, nats.
    ///
    /// - Parameters:
    ///   - row: Which row of the ratings.
    ///   - hidden: h, of length `hiddenCount`: 0 or 1 for binary units, any number for Gaussian ones.
    /// - Throws: `GibbsError` with code `.shapeMismatch` or, for a rating off the scale, `.unsuitableData`.
    public func energy(of ratings: SparseRows, row: Int, hidden: [Float], features: Matrix? = nil) throws -> Double {
        precondition(hidden.count == hiddenCount, "\(hidden.count) hidden states for \(hiddenCount) units")
        let person = try person(ratings, row, features)
        var energy = -visibleTerm(person)
        for (j, a) in person.input.enumerated() {
            let h = Double(hidden[j])
            energy -= h * Double(a)
            if j >= binary { energy += 0.5 * h * h / Double(spread(person.items.count)) }
        }
        return energy
    }

    /// F(v | rated) = −ln Σ_h exp(−E(v, h | rated)) of every row, nats: exact. Rows are compared where the same items are rated.
    ///
    /// - Parameters:
    ///   - ratings: Shape people × `itemCount`, values on the scale.
    ///   - features: Features of these people, shape `[rows, features]`; nil for all zero.
    /// - Throws: As `energy(of:row:hidden:features:)`.
    /// - Complexity: entries × hidden.
    public func freeEnergies(of ratings: SparseRows, features: Matrix? = nil) throws -> [Double] {
        try (0 ..< ratings.rows).map { row in
            let person = try person(ratings, row, features), spread = Double(spread(person.items.count))
            return -visibleTerm(person) - person.input.enumerated().reduce(0.0) { sum, unit in
                let a = Double(unit.element)
                return sum + (unit.offset < binary ? max(a, 0) + log1p(exp(-abs(a))) : 0.5 * (a * a * spread + log(2 * .pi * spread)))
            }
        }
    }

    /// E[h | v], shape `[people, hidden]`: probabilities of the binary units, means of the Gaussian ones.
    ///
    /// - Throws: As `freeEnergies(of:features:)`.
    public func hiddenMeans(given ratings: SparseRows, features: Matrix? = nil) throws -> Matrix {
        var means = Matrix(rows: ratings.rows, columns: hiddenCount)
        for row in 0 ..< ratings.rows {
            let person = try person(ratings, row, features)
            for (j, mean) in hiddenMeans(person.input, rated: person.items.count).enumerated() { means[row, j] = mean }
        }
        return means
    }

    /// E[h] for inputs a when n items are rated.
    func hiddenMeans(_ input: [Float], rated n: Int) -> [Float] {
        let spread = spread(n)
        return input.enumerated().map { $0 < binary ? 1 / (1 + exp(-$1)) : $1 * spread }
    }

    private func visibleTerm(_ person: Person) -> Double {
        zip(person.items, person.levels).reduce(0.0) { $0 + Double(biases[$1.0, $1.1] + person.shift[$1.1]) }
    }
}

// MARK: - People

extension RatingMachine {
    /// What the machine makes of one person's ratings.
    struct Person {
        /// The rated items and their levels.
        var items: [Int], levels: [Int]
        /// a, all ratings and features told.
        var input: [Float]
        /// What the features add to the biases of each level.
        var shift: [Float]
    }

    func person(_ ratings: SparseRows, _ row: Int, _ features: Matrix?) throws -> Person {
        try check(ratings, features)
        var person = blank(row, features)
        for place in ratings.range(row) {
            let item = Int(ratings.indices[place])
            guard let level = scale.level(of: ratings.values[place]) else { throw offScale(ratings.values[place]) }
            person.items.append(item)
            person.levels.append(level)
            add(told.row(item * scale.count + level), to: &person.input)
        }
        return person
    }

    /// Somebody with these features who rated nothing.
    func blank(_ row: Int, _ features: Matrix?) -> Person {
        var person = Person(items: [], levels: [], input: hiddenBias, shift: [Float](repeating: 0, count: scale.count))
        if let features, let effect = self.features {
            for f in 0 ..< features.columns where features[row, f] != 0 {
                add(effect.hidden.row(f), to: &person.input, times: features[row, f])
                add(effect.levels.row(f), to: &person.shift, times: features[row, f])
            }
        }
        return person
    }

    func check(_ ratings: SparseRows, _ features: Matrix?) throws {
        guard ratings.columns == itemCount else {
            throw GibbsError(.shapeMismatch, "ratings of \(ratings.columns) items for a machine of \(itemCount)", advice: "number them as the model does, by Ratings.numbered(users:items:)")
        }
        guard let features else { return }
        guard features.rows == ratings.rows, features.columns == self.features?.count ?? 0 else {
            throw GibbsError(.shapeMismatch, "\(features.columns) features of \(features.rows) people for \(ratings.rows) people and a machine that knows \(self.features?.count ?? 0) features")
        }
    }

    func offScale(_ rating: Float) -> GibbsError {
        GibbsError(.unsuitableData, "the rating \(rating) is not on the scale from \(scale.lowest) to \(scale.highest) by \(scale.step)", advice: "round the ratings, or fit the model on the scale they have")
    }
}

/// y += factor · x
func add(_ x: some Collection<Float>, to y: inout [Float], times factor: Float = 1) {
    for (j, value) in x.enumerated() { y[j] += factor * value }
}
