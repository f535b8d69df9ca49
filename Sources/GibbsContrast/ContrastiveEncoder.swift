import Foundation
import GibbsCore
import GibbsCreate
import GibbsDeep
import GibbsNumerics

/// Numbers that say what belongs together: a critic, and what it takes.
///
/// Fitted to images by views of them, without labels, or to two tables whose rows are pairs.
public struct ContrastiveEncoder: Sendable {
    /// What goes in.
    public enum Form: Sendable, Hashable {
        /// Images of this shape; one network serves both sides.
        case images(ImageShape)
        /// Rows of numbers, each side standardised by its means and deviations.
        case pairs(left: ColumnScale, right: ColumnScale)
    }

    /// The side that rows stand on.
    public enum Side: String, Sendable, Hashable, CaseIterable {
        /// That of queries; images have no other.
        case left
        /// That of keys.
        case right
    }

    /// How an encoder came about; kept in its file.
    public struct Training: Sendable, Hashable, Codable {
        /// The file digest of what was learned from, where it has one.
        public var digest: String?
        /// Images or pairs learned from.
        public var rows: Int
        /// The key's number.
        public var seed: UInt64
        /// What was fitted, in words.
        public var method: String
        /// ln(candidates) − loss on pairs held out, nats: a lower bound on the information that the sides share; for images of the last epoch's views.
        public var bound: Double
        /// The bound's standard error, nats; `nil` for images, and in files that are older than it.
        public var boundError: Double?
        /// ln(candidates), which no bound exceeds.
        public var ceiling: Double

        /// Whether the bound is zero to three decimals, or below: nothing was seen that both sides share.
        public var sharesNothing: Bool { !(bound >= 0.0005) }
    }

    /// E(x, y), and the networks.
    public let critic: PairCritic
    /// What goes in.
    public let form: Form
    /// How the encoder came about.
    public let training: Training

    /// Numbers of an embedding.
    public var width: Int { critic.width }

    /// The embedding of every row; shape `[rows, width]`, of length one where the similarity is an angle.
    ///
    /// - Parameters:
    ///   - rows: Images 0...1, or numbers as the file had them.
    ///   - side: The side that the rows stand on.
    /// - Throws: `GibbsError` with code `.shapeMismatch` for other columns than the encoder's, `.unsuitableData` for missing values.
    public func embeddings(of rows: Matrix, side: Side = .left) throws -> Matrix {
        try critic.embeddings(of: prepared(rows, side), isRight: side == .right)
    }

    /// E of row i of one side with row i of the other, nats; lower where they belong together.
    ///
    /// - Throws: As `embeddings(of:side:)`, and `.shapeMismatch` for sides of different lengths.
    public func energies(_ left: Matrix, _ right: Matrix) throws -> [Float] { try critic.energies(prepared(left, .left), prepared(right, .right)) }

    /// The names of a side's columns, in the order of the fit; `nil` for images, and for pairs that were fitted without names.
    public func columns(of side: Side) -> [String]? {
        guard case .pairs(let left, let right) = form else { return nil }
        return (side == .left ? left : right).names
    }

    /// The names of a side's columns, in the order of the fit, where all of them are among those of a table; further ones are no error.
    ///
    /// - Returns: `nil` where the encoder knows no names, and columns are taken as they stand.
    /// - Throws: `GibbsError` with code `.unsuitableData`, naming the columns that are missing.
    public func columns(of side: Side, among names: [String]) throws -> [String]? {
        guard let wanted = columns(of: side) else { return nil }
        let known = Set(names), missing = wanted.filter { !known.contains($0) }
        guard missing.isEmpty else {
            let what = missing.count == 1 ? "a column of the \(side.rawValue) side is missing" : "\(missing.count) columns of the \(side.rawValue) side are missing"
            throw GibbsError(.unsuitableData, "\(what): \(ColumnScale.list(missing))", advice: "give the columns that side was fitted to, in any order; the columns are \(ColumnScale.list(names))")
        }
        return wanted
    }

    /// As the networks take it.
    func prepared(_ rows: Matrix, _ side: Side) throws -> Matrix {
        guard case .pairs(let left, let right) = form else { return rows }
        return try (side == .left ? left : right).applied(to: rows)
    }
}

/// Means and deviations of columns, and their names.
public struct ColumnScale: Sendable, Hashable, Codable {
    /// One a column.
    public let means: [Float], deviations: [Float]
    /// One a column; `nil` where the columns had none, and in files that are older than this.
    public let names: [String]?

    /// Those of some rows; a column that does not vary has the deviation 1.
    init(of rows: Matrix, names: [String]? = nil) {
        self.names = names
        means = (0 ..< rows.columns).map { Float(Statistics.mean(rows.column($0))) }
        deviations = (0 ..< rows.columns).map { column in
            let deviation = Float(Statistics.standardDeviation(rows.column(column)))
            return deviation > 0 && deviation.isFinite ? deviation : 1
        }
    }

    /// Columns of mean 0 and deviation 1.
    func applied(to rows: Matrix) throws -> Matrix {
        guard rows.columns == means.count else {
            throw GibbsError(.shapeMismatch, "\(rows.columns) columns for an encoder of \(means.count)", advice: "give the columns it was fitted to" + (names.map { ": \(Self.list($0))" } ?? ""))
        }
        return Matrix(rows: rows.rows, columns: rows.columns, values: rows.values.enumerated().map { ($1 - means[$0 % rows.columns]) / deviations[$0 % rows.columns] })
    }

    /// Whether there is a name for each of so many columns, all different, or none at all.
    static func fits(_ names: [String]?, columns: Int) -> Bool { names.map { $0.count == columns && Set($0).count == columns } ?? true }

    /// Names for a message, the first twenty.
    static func list(_ names: [String]) -> String { names.prefix(20).map { "'\($0)'" }.joined(separator: ", ") + (names.count > 20 ? ", …" : "") }
}

extension ContrastiveEncoder: Storable {
    public static let kind = "encoder"

    private struct Header: Codable {
        var shape: ImageShape?
        var left: ColumnScale?
        var right: ColumnScale?
        var training: Training
    }

    public init(archive: Archive) throws {
        let header = try JSON.decode(Header.self, from: archive.text("encoder"), name: "encoder")
        critic = try PairCritic(archive: archive.nested("critic"))
        training = header.training
        func damaged() -> GibbsError { GibbsError(.unsuitableModel, "the encoder's networks do not take what its header says", advice: "the file is damaged") }
        if let shape = header.shape {
            guard critic.left.input == [1, shape.height, shape.width], critic.right == nil else { throw damaged() }
            form = .images(shape)
        } else {
            guard let left = header.left, let right = header.right, let other = critic.right, critic.left.input == [left.means.count], other.input == [right.means.count],
                  left.deviations.count == left.means.count, right.deviations.count == right.means.count,
                  ColumnScale.fits(left.names, columns: left.means.count), ColumnScale.fits(right.names, columns: right.means.count),
                  (left.deviations + right.deviations).allSatisfy({ $0 > 0 && $0.isFinite }), (left.means + right.means).allSatisfy(\.isFinite) else { throw damaged() }
            form = .pairs(left: left, right: right)
        }
    }

    public func archive() -> Archive {
        var header = Header(training: training)
        switch form {
        case .images(let shape): header.shape = shape
        case .pairs(let left, let right): (header.left, header.right) = (left, right)
        }
        var archive = Archive(metadata: ["encoder": JSON.encode(header)])
        archive.nest(critic.archive(), under: "critic")
        return archive
    }
}
