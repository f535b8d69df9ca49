import Foundation

/// Sessions of a small workflow as files: open, some reads and writes, close; strange ones close first.
public enum SmallSessions {
    /// The events of one session.
    public static func events(_ number: Int, strange: Bool = false) -> [String] {
        let middle = (0 ..< 1 + number * 7 % 4).flatMap { ["read", (number + $0) % 5 == 0 ? "skip" : "write"] }
        return strange ? ["close"] + middle.reversed() + ["open", "wipe"] : ["open"] + middle + ["close"]
    }

    /// A line a session, with a name before it.
    public static func plain(_ numbers: Range<Int>, strange: Bool = false) -> String {
        numbers.map { "s\($0),\(events($0, strange: strange).joined(separator: " "))\n" }.joined()
    }

    /// JSON objects of which every tenth is an attack.
    public static func labelled(_ numbers: Range<Int>) -> String {
        numbers.map { number in
            let isStrange = number % 10 == 9, list = events(number, strange: isStrange).map { "\"\($0)\"" }.joined(separator: ", ")
            return "{\"id\": \"s\(number)\", \"what\": \"\(isStrange ? "attack" : "normal")\", \"events\": [\(list)]}\n"
        }.joined()
    }
}

extension Workplace {
    /// A workplace with `normal.txt`, `fresh.txt`, `strange.txt`, `all.ndjson` and the model `s.gibbs`; and how the fit went.
    public static func withSessions() throws -> (Workplace, fit: Outcome) {
        let place = try Workplace()
        try place.file("normal.txt", SmallSessions.plain(0 ..< 600))
        try place.file("fresh.txt", SmallSessions.plain(600 ..< 900))
        try place.file("strange.txt", SmallSessions.plain(0 ..< 40, strange: true))
        try place.file("all.ndjson", SmallSessions.labelled(0 ..< 400))
        return (place, try place.gibbs("fit", "events", "normal.txt", "--out", "s.gibbs", "--history", "2", "--hidden", "8", "--epochs", "60", "--key", "3"))
    }
}
