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
}

extension Matrix {
    /// Checks a batch against the variables of a model.
    ///
    /// `nan` means missing and is no error; neither are binary values between 0 and 1.
    /// - Throws: `GibbsError` with code `.shapeMismatch` when the number of columns differs, or `.unsuitableData`, naming row
    ///   and column, for an infinite value or an index outside its categories.
    /// - Complexity: One pass.
    public func check(against variables: [Variable]) throws {
        guard columns == variables.count else {
            throw GibbsError(.shapeMismatch, "the batch has \(columns) columns where the model has \(variables.count)",
                             advice: "encode the records with the model's own encoder")
        }
        for (column, variable) in variables.enumerated() {
            let top: Float = switch variable {
            case .real: .infinity
            case .binary: 1
            case .categorical(let count): Float(count - 1)
            }
            let isReal = variable == .real
            for row in 0 ..< rows {
                let value = values[row * columns + column]
                if value.isNaN { continue }
                let fits = isReal ? value.isFinite : value >= 0 && value <= top && (variable == .binary || value == value.rounded())
                guard fits else {
                    throw GibbsError(.unsuitableData, "the value \(value) in row \(row), column \(column) does not fit \(variable)")
                }
            }
        }
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
