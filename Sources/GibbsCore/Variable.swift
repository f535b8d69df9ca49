import CKernels
import GibbsNumerics

/// What the values in one column of a batch can be.
///
/// An energy says this of each of its columns, so that a sampler or an explanation knows what may be changed to what:
/// a categorical column cannot be followed along a gradient, a real one cannot be enumerated.
public enum Variable: Sendable, Hashable, Codable {
    /// Any finite number.
    case real
    /// 0 or 1. Models with Bernoulli units also accept values between, read as probabilities.
    case binary
    /// The index of one of `count` categories, 0 ..< count, held as a whole number.
    case categorical(Int)

    /// Columns that the variable takes when every category gets one: `count` for a categorical one, else 1.
    public var expandedWidth: Int {
        if case .categorical(let count) = self { count } else { 1 }
    }

    /// How many values it can have, which are then 0 ..< stateCount: 2, or the number of categories; `nil` where they cannot be enumerated.
    public var stateCount: Int? {
        switch self {
        case .real: nil
        case .binary: 2
        case .categorical(let count): count
        }
    }
}

extension Matrix {
    /// Checks a batch against the variables of a model.
    ///
    /// `nan` means missing and is no error; neither are binary values between 0 and 1.
    /// - Throws: `GibbsError` with code `.shapeMismatch` when the number of columns differs, or `.unsuitableData`, naming row
    ///   and column, for an infinite value or an index outside its categories.
    /// - Complexity: One pass.
    public func check(against variables: [Variable]) throws { _ = try incompleteRows(checkedAgainst: variables) }

    /// The rows that hold a missing value, after `check(against:)`.
    package func incompleteRows(checkedAgainst variables: [Variable]) throws -> [Int] {
        guard columns == variables.count else {
            throw GibbsError(.shapeMismatch, "the batch has \(columns) columns where the model has \(variables.count)",
                             advice: "encode the records with the model's own encoder")
        }
        let limits = VariableLimits(variables), rows = rows, columns = columns
        let states = [UInt8](unsafeUninitializedCapacity: rows) { buffer, count in
            let state = SharedPointer(buffer.baseAddress)
            values.withUnsafeBufferPointer { x in
                nonisolated(unsafe) let x = x.baseAddress
                parallelRanges(rows, minimum: max(1, 100_000 / max(1, columns))) { range in
                    limits.check(x.map { $0 + range.lowerBound * columns }, rows: range.count, into: state.pointer! + range.lowerBound)
                }
            }
            count = rows
        }
        if let row = states.firstIndex(of: VariableLimits.unfit) {
            let column = variables.indices.first { !limits.hold(self[row, $0], column: $0) }!
            throw GibbsError(.unsuitableData, "the value \(self[row, column]) in row \(row), column \(column) does not fit \(variables[column])")
        }
        return states.contains(VariableLimits.incomplete) ? states.indices.filter { states[$0] == VariableLimits.incomplete } : []
    }
}

/// What the values of each column may be: from `low` to `high`, and a whole number where it is an index.
package struct VariableLimits: Sendable {
    /// What `check` says of a row that holds a missing value, or one that does not fit; 0 of all others.
    package static let incomplete: UInt8 = 1, unfit: UInt8 = 2

    private let low: [Float], high: [Float], isWhole: [Float]

    package init(_ variables: [Variable]) {
        let limits = variables.map { variable -> (low: Float, high: Float, isWhole: Float) in
            switch variable {
            case .real: (-.greatestFiniteMagnitude, .greatestFiniteMagnitude, 0)
            case .binary: (0, 1, 0)
            case .categorical(let count): (0, Float(count - 1), 1)
            }
        }
        low = limits.map(\.low)
        high = limits.map(\.high)
        isWhole = limits.map(\.isWhole)
    }

    /// Judges rows on the calling thread.
    package func check(_ x: UnsafePointer<Float>?, rows: Int, into states: UnsafeMutablePointer<UInt8>) {
        gk_check_rows(x, rows, low.count, low, high, isWhole, states)
    }

    func hold(_ value: Float, column: Int) -> Bool {
        value.isNaN || value >= low[column] && value <= high[column] && (isWhole[column] == 0 || value == value.rounded())
    }
}

extension [Variable] {
    /// The most variables, and the most categories of one, that a stored model may claim.
    static var storedLimit: Int { 10_000_000 }

    /// A compact text for model files: `r` real, `b` binary, `cK` categorical with K categories, separated by spaces, a run
    /// of equal ones as `784*b`.
    public var text: String {
        var parts = [String](), index = startIndex
        while index < endIndex {
            let end = self[index...].firstIndex { $0 != self[index] } ?? endIndex
            let letter = switch self[index] {
            case .real: "r"
            case .binary: "b"
            case .categorical(let count): "c\(count)"
            }
            parts.append(end - index > 1 ? "\(end - index)*\(letter)" : letter)
            index = end
        }
        return parts.joined(separator: " ")
    }

    /// Reads `text` back.
    ///
    /// - Throws: `GibbsError` with code `.unsuitableModel` for anything else.
    public init(text: String) throws {
        self.init()
        for part in text.split(separator: " ") {
            let pieces = part.split(separator: "*", omittingEmptySubsequences: false)
            let repeats = pieces.count == 2 ? Int(pieces[0]) : 1
            let variable: Variable? = switch pieces.last! {
            case "r": .real
            case "b": .binary
            case let other where other.first == "c":
                Int(other.dropFirst()).flatMap { (1 ... Self.storedLimit).contains($0) ? .categorical($0) : nil }
            default: nil
            }
            guard pieces.count <= 2, let variable, let repeats, repeats > 0, repeats <= Self.storedLimit - count else {
                throw GibbsError(.unsuitableModel, "'\(part)' does not describe a variable", advice: "the file is damaged")
            }
            append(contentsOf: repeatElement(variable, count: repeats))
        }
    }
}
