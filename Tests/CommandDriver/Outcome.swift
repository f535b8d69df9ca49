import Foundation

/// How a process ended and what it wrote.
public struct Outcome: Sendable {
    /// Exit status; -1 where a signal ended it.
    public let status: Int32
    /// The signal that ended it, such as that of a crash.
    public let signal: Int32?
    public let output: String
    public let errors: String

    public var lines: [Substring] { output.split(separator: "\n") }

    /// Standard output as one JSON object.
    public var object: [String: Any] { get throws { try Self.object(output) } }

    /// Standard output as JSON lines.
    public var objects: [[String: Any]] { get throws { try lines.map { try Self.object(String($0)) } } }

    /// The member `energy` of every JSON line.
    public var energies: [Double] { get throws { try objects.map { $0["energy"] as? Double ?? .nan } } }

    /// The member `row` of every JSON line.
    public var rows: [Int] { get throws { try objects.map { $0["row"] as? Int ?? -1 } } }

    private static func object(_ text: String) throws -> [String: Any] {
        guard let object = try JSONSerialization.jsonObject(with: Data(text.utf8)) as? [String: Any] else {
            throw CocoaError(.propertyListReadCorrupt)
        }
        return object
    }
}

extension Outcome: CustomStringConvertible {
    public var description: String {
        let end = signal.map { "signal \($0)" } ?? "status \(status)"
        return "\(end); output: \(output.prefix(400)); errors: \(errors.prefix(800))"
    }
}
