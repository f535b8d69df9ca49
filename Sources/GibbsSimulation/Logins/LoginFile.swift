import GibbsData
import GibbsNumerics

/// Login events as lines of text: CSV with a header, or a JSON object a line.
public enum LoginFile: String, CaseIterable, Sendable {
    /// Delimited text; the campaign of a normal event is empty.
    case csv
    /// A JSON object a line; the campaign of a normal event is the empty text.
    case ndjson

    /// The fields of a line, in this order.
    public static let fields = ["time", "user", "address", "country", "device", "outcome", "label", "campaign"]

    /// The format that a path's ending means; NDJSON for `-`.
    ///
    /// - Throws: `GibbsError` with code `.usage` for another ending.
    public init(path: String) throws {
        let ending = path.split(separator: "/").last.flatMap { $0.contains(".") ? $0.split(separator: ".").last : nil }?.lowercased()
        switch ending {
        case _ where path == "-": self = .ndjson
        case "csv": self = .csv
        case "ndjson", "jsonl": self = .ndjson
        default:
            throw GibbsError(.usage, "the ending tells no format of logins", at: .init(file: path), advice: "name a file that ends in .ndjson, .jsonl or .csv")
        }
    }

    /// What stands before the first event.
    public var header: String { self == .csv ? Self.fields.joined(separator: ",") + "\n" : "" }

    /// Writes a day of events, a line each.
    ///
    /// - Throws: `.cannotWrite`.
    public func write(_ events: [LoginEvent], to output: OutputFile) throws {
        // No value holds a character that either format would have to quote.
        for event in events {
            let values = [event.timeText, event.user, event.addressText, event.country, event.device.rawValue, event.outcome.rawValue, event.label,
                          event.campaign ?? ""]
            switch self {
            case .csv: try output.write(values.joined(separator: ",") + "\n")
            case .ndjson: try output.write("{" + zip(Self.fields, values).map { "\"\($0)\":\"\($1)\"" }.joined(separator: ",") + "}\n")
            }
        }
    }
}
