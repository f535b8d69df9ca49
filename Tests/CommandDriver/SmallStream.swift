import Foundation

/// A small company's logins as files, and a watchdog on its addresses, made once and copied by many tests.
public struct SmallStream: Sendable {
    public static let shared = Result<SmallStream, any Error> {
        let stream = try SmallStream()
        atexit(removeAtExit)
        return stream
    }

    /// Holds `normal.ndjson`, a day of attacks as `attack.ndjson` and `attack.csv`, `m.gibbs` and `m.gibbs.past`; nothing may be changed in it.
    public let place: Workplace
    public let fit: Outcome

    /// The columns of the fit.
    public static let columns = ["--entity", "address", "--event", "outcome", "--fields", "user,country", "--about", "user"]

    private init() throws {
        place = try Workplace()
        _ = try place.gibbs("simulate", "logins", "--users", "300", "--days", "8", "--key", "1", "--out", "normal.ndjson")
        for name in ["attack.ndjson", "attack.csv"] {
            _ = try place.gibbs("simulate", "logins", "--users", "300", "--days", "1", "--start-day", "8", "--campaigns", "stuffing=4,spraying=2", "--attempts", "40",
                                "--key", "2", "--out", name)
        }
        fit = try place.gibbs(["fit", "events", "normal.ndjson", "--out", "m.gibbs", "--epochs", "3"] + Self.columns)
    }

    /// A fresh workplace with the model, what it had seen, and the named files.
    public static func copy(_ names: String...) throws -> Workplace {
        let stream = try shared.get(), place = try Workplace()
        for name in ["m.gibbs", "m.gibbs.past"] + names { try FileManager.default.copyItem(atPath: stream.place.place(name), toPath: place.place(name)) }
        return place
    }

    /// A login as a line of NDJSON with a line feed; parts that are `nil` are left out.
    public static func login(_ address: String? = "10.0.0.1", user: String? = "ann", outcome: String? = "success", country: String? = "DE", time: String? = "2026-03-10T12:00:00Z") -> String {
        let parts = [("time", time), ("user", user), ("address", address), ("country", country), ("outcome", outcome)]
        return "{" + parts.compactMap { name, value in value.map { "\"\(name)\":\"\($0)\"" } }.joined(separator: ",") + "}\n"
    }
}

private func removeAtExit() { try? SmallStream.shared.get().place.remove() }

extension Workplace {
    /// Appends to a file.
    public func append(_ text: some Sequence<UInt8>, to name: String) throws {
        let handle = try FileHandle(forWritingTo: URL(fileURLWithPath: place(name)))
        defer { try? handle.close() }
        try handle.seekToEnd()
        try handle.write(contentsOf: Data(text))
    }

    /// Line feeds in a file; 0 where there is none.
    public func lineCount(_ name: String) -> Int { ((try? bytes(name)) ?? []).count { $0 == 0x0A } }

    /// The ids of the alerts in a file, in order.
    public func ids(_ name: String) throws -> [String] {
        try text(name).split(separator: "\n").compactMap { line in
            (try JSONSerialization.jsonObject(with: Data(line.utf8)) as? [String: Any])?["id"] as? String
        }
    }

    /// Waits until something is so; whether it came about within the patience for one program.
    public func wait(until condition: () throws -> Bool) rethrows -> Bool {
        let begin = Date()
        while try !condition() {
            if Date().timeIntervalSince(begin) > Run.patience / 4 { return false }
            usleep(10_000)
        }
        return true
    }
}

extension Outcome {
    /// The number before a word of a watch's summary on standard error, such as `events` or `alert`; 0 where it says nothing of it.
    public func count(_ what: String) -> Int { count(what, in: summary) }

    /// The same, with what the state had seen before.
    public func total(_ what: String) -> Int { count(what, in: summary.range(of: "with those before: ").map { summary[$0.upperBound...] } ?? summary) }

    private var summary: Substring { errors.split(separator: "\n").last { $0.contains(" events of ") } ?? "" }

    private func count(_ what: String, in summary: Substring) -> Int {
        guard let end = summary.range(of: " " + what) else { return 0 }
        return Int(summary[..<end.lowerBound].split { !$0.isNumber }.last ?? "") ?? 0
    }
}
