import Foundation
import GibbsLandscapes
import GibbsNumerics

/// How a text becomes numbers of an encoded record: where its vector lies among those of the fit, and how far off their plane.
///
///     zₖ = vₖᵀ(x − μ) / s   for the components vₖ,      z_rest = (r − r̄) / s_r   with  r = ‖x − μ − Σₖ vₖ vₖᵀ(x − μ)‖
///
/// x is the text's vector, v the principal components of the fit's vectors, as many as tell nine tenths of their variance, sixteen at most; s is the
/// deviation along the first of them, so that the others count by what they tell. Texts that mean something else lie off the plane: their z_rest
/// is large. Neither s nor s_r is below 0.05, so that few texts that repeat do not make every other infinitely strange.
public struct TextScale: Sendable, Hashable, Codable {
    /// The encoder that the vectors are from.
    public let model: TextModel.Identity
    /// μ, length `model.width`.
    public let mean: [Float]
    /// v, orthonormal, the direction of most variance first; each of length `model.width`. None where all texts were alike.
    public let components: [[Float]]
    /// s.
    public let scale: Float
    /// r̄ and s_r.
    public let rest: NumberScale
    /// The share of the vectors' variance that the components tell, 0...1.
    public let explained: Double
    /// Texts of the fit that lie as far apart as they can, a thousand characters of each at most: what reasons compare with.
    public let examples: [String]

    /// Columns of an encoded record that a text takes.
    public var columns: Int { components.count + 1 }

    /// The share of variance that the components are to tell.
    static let share = 0.9
    /// The most components.
    static let componentLimit = 16
    /// The least s and s_r, where vectors have length one: the distance of two texts that hardly differ.
    static let leastScale = 0.05
    /// The most examples, and the most characters of one.
    static let exampleLimit = (count: 100, characters: 1000)
    /// The most different texts whose vectors are looked at for components.
    static let sampleLimit = 20_000
    /// The widest vectors: a covariance of that size still fits.
    static let widthLimit = 4096
}

// MARK: - Encoding

extension TextScale {
    /// z of vectors, shape `[rows, columns]`; `nan` where a vector is. Cost: `rows · width · components`.
    public func encode(_ vectors: Matrix) -> Matrix {
        precondition(vectors.columns == model.width, "vectors of \(vectors.columns) numbers where \(model.width) were fitted")
        let (along, off) = projected(vectors)
        var result = Matrix(rows: vectors.rows, columns: columns)
        for row in 0 ..< vectors.rows {
            for k in components.indices { result[row, k] = along[row, k] / scale }
            result[row, columns - 1] = rest.encode(Double(off[row]))
        }
        return result
    }

    /// vₖᵀ(x − μ) and r of every row.
    private func projected(_ vectors: Matrix) -> (along: Matrix, off: [Float]) {
        var centred = vectors
        centred.subtractFromRows(mean)
        let squares = centred.rowDots(centred)
        guard !components.isEmpty else { return (Matrix(rows: vectors.rows, columns: 0), squares.map { $0.squareRoot() }) }
        let along = Matrix.product(centred, Matrix(components), transposeB: true)
        return (along, zip(squares, along.rowDots(along)).map { ($0 - $1).isNaN ? .nan : max(0, $0 - $1).squareRoot() })
    }
}

// MARK: - Fitting

extension TextScale {
    /// The scale of a column's texts.
    ///
    /// - Parameters:
    ///   - texts: Different texts.
    ///   - counts: How often each occurs; positive.
    ///   - model: Gives their vectors.
    ///   - key: Chooses the texts that are looked at, where there are more than twenty thousand.
    /// - Throws: `GibbsError` with code `.unsuitableData` when none of them holds anything to read; `.limitExceeded` for vectors of more than 4096
    ///   numbers; what the encoder throws.
    /// - Complexity: The encoder, once a text; `texts · width²`, and some ten width³.
    init(fitting texts: [String], counts: [Int], model: TextModel, key: Key) throws {
        let width = model.identity.width
        guard (1 ... Self.widthLimit).contains(width) else {
            throw GibbsError(.limitExceeded, "the text encoder gives vectors of \(width) numbers", advice: "at most \(Self.widthLimit) can be told apart here")
        }
        let looked = texts.count > Self.sampleLimit ? key.folding(0).choose(Self.sampleLimit, of: texts.count).sorted() : Array(texts.indices)
        let all = try model.vectors(of: looked.map { texts[$0] }), read = (0 ..< all.rows).filter { !all[$0, 0].isNaN }
        guard !read.isEmpty else { throw GibbsError(.unsuitableData, "there is no text to learn from", advice: "name a column of texts, or leave it out of --embed") }
        let vectors = all.selecting(rows: read), weights = read.map { Double(counts[looked[$0]]) }, total = weights.reduce(0, +)
        var mean = [Double](repeating: 0, count: width)
        for (row, weight) in weights.enumerated() { for (k, value) in vectors.row(row).enumerated() { mean[k] += weight / total * Double(value) } }
        let centre = mean.map { Float($0) }
        let (components, variances, explained) = Self.principal(vectors, weights: weights, mean: centre)
        let plane = TextScale(model: model.identity, mean: centre, components: components, scale: Float(max(Self.leastScale, (variances.first ?? 0).squareRoot())),
                              rest: NumberScale(transform: .linear, centre: 0, scale: 1), explained: explained, examples: [])
        let off = plane.projected(vectors).off.map(Double.init)
        var typical = 0.0, spread = 0.0
        for (distance, weight) in zip(off, weights) { typical += weight / total * distance }
        for (distance, weight) in zip(off, weights) { spread += weight / total * (distance - typical) * (distance - typical) }
        let examples = Self.spread(vectors, from: centre, key: key.folding(1)).map { String(texts[looked[read[$0]]].prefix(Self.exampleLimit.characters)) }
        self.init(model: model.identity, mean: centre, components: components, scale: plane.scale,
                  rest: NumberScale(transform: .linear, centre: typical, scale: max(Self.leastScale, spread.squareRoot())), explained: explained, examples: examples)
    }

    /// The directions of most variance, their variances, and the share that they tell.
    private static func principal(_ vectors: Matrix, weights: [Double], mean: [Float]) -> (components: [[Float]], variances: [Double], share: Double) {
        var centred = vectors
        centred.subtractFromRows(mean)
        let total = weights.reduce(0, +), width = vectors.columns
        for (row, weight) in weights.enumerated() {
            let factor = Float((weight * Double(vectors.rows) / total).squareRoot())
            for k in row * width ..< (row + 1) * width { centred.values[k] *= factor }
        }
        let (values, rows) = SymmetricMatrix(size: width, values: GaussianEnergy.secondMoments(centred)).eigen()
        let all = values.reduce(0) { $0 + max(0, $1) }
        guard all > 1e-8 else { return ([], [], 1) }
        var count = 0, told = 0.0
        while count < min(width, componentLimit), told < share * all, values[width - 1 - count] > 1e-8 {
            told += values[width - 1 - count]
            count += 1
        }
        let top = (0 ..< count).map { width - 1 - $0 }
        return (top.map { rows[$0].map(Float.init) }, top.map { values[$0] }, told / all)
    }

    /// Rows far from each other: that nearest to the mean, then again and again the one farthest from all before, until the rest hardly differ.
    ///
    /// - Source: Gonzalez, *Clustering to minimize the maximum intercluster distance*, Theoretical Computer Science 1985.
    private static func spread(_ vectors: Matrix, from mean: [Float], key: Key) -> [Int] {
        let looked = vectors.rows > 2000 ? key.choose(2000, of: vectors.rows).sorted() : Array(0 ..< vectors.rows)
        func distances(to point: ArraySlice<Float>) -> [Float] {
            looked.map { row in
                var sum: Float = 0
                for (a, b) in zip(vectors.row(row), point) { sum += (a - b) * (a - b) }
                return sum
            }
        }
        let first = distances(to: mean[...])
        guard var next = looked.indices.min(by: { first[$0] < first[$1] }) else { return [] }
        var chosen = [Int](), nearest = [Float](repeating: .infinity, count: looked.count)
        while chosen.count < exampleLimit.count {
            chosen.append(looked[next])
            nearest = zip(nearest, distances(to: vectors.row(looked[next]))).map { min($0, $1) }
            next = looked.indices.max { nearest[$0] < nearest[$1] } ?? next
            if nearest[next] < 0.02 { break }
        }
        return chosen
    }
}

// MARK: - Decoding: a file may claim anything

extension TextScale {
    /// Refuses vectors of another width than the encoder's, components that are not at right angles, and scales that are not positive.
    public init(from decoder: any Decoder) throws {
        let values = try decoder.container(keyedBy: CodingKeys.self)
        self.init(model: try values.decode(TextModel.Identity.self, forKey: .model), mean: try values.decode([Float].self, forKey: .mean),
                  components: try values.decode([[Float]].self, forKey: .components), scale: try values.decode(Float.self, forKey: .scale),
                  rest: try values.decode(NumberScale.self, forKey: .rest), explained: try values.decode(Double.self, forKey: .explained),
                  examples: try values.decode([String].self, forKey: .examples))
        let isFitting = (1 ... Self.widthLimit).contains(model.width) && mean.count == model.width && components.count <= Self.componentLimit
            && components.allSatisfy { $0.count == model.width } && scale > 0 && scale.isFinite && !examples.isEmpty && examples.count <= Self.exampleLimit.count
        guard isFitting, (mean + components.joined()).allSatisfy(\.isFinite), isOrthonormal else {
            throw DecodingError.dataCorruptedError(forKey: .components, in: values, debugDescription: "\(components.count) components of \(model.width) numbers that do not fit")
        }
    }

    private var isOrthonormal: Bool {
        components.indices.allSatisfy { a in
            (0 ... a).allSatisfy { b in
                var product: Float = a == b ? -1 : 0
                for (x, y) in zip(components[a], components[b]) { product += x * y }
                return abs(product) < 1e-3
            }
        }
    }
}
