/// From where each running process was last addressed; those used longest ago are forgotten.
struct RecentOrigins: Sendable {
    struct Key: Hashable, Sendable, Codable {
        var host: String?
        var process: String
        var pid: Int
    }

    /// Processes remembered: at least this many, at most twice as many.
    private let limit: Int
    private var recent: [Key: String] = [:]
    private var older: [Key: String] = [:]

    init(limit: Int) { self.limit = limit }

    mutating func remember(_ origin: String, of key: Key) {
        if recent.count >= limit, recent[key] == nil {
            older = recent
            recent = [:]
        }
        recent[key] = origin
    }

    /// What is remembered, for a file: the origins used last come last, and those that would make it longer than `limit` bytes are left out.
    func entries(limit: Int) -> [Entry] {
        var result = [Entry](), left = limit
        for (generation, isOlder) in [(recent, false), (older, true)] {
            for (key, origin) in generation where !isOlder || recent[key] == nil {
                let size = (key.host?.utf8.count ?? 0) + key.process.utf8.count + origin.utf8.count + 64
                // Whoever is named so at length is nobody whom it would be worth to know again.
                if size > 1_024 { continue }
                left -= size
                if left < 0 { return result.reversed() }
                result.append(Entry(key: key, origin: origin))
            }
        }
        return result.reversed()
    }

    /// A process and where it was addressed from.
    struct Entry: Sendable, Codable {
        var key: Key
        var origin: String
    }

    mutating func origin(of key: Key) -> String? {
        if let found = recent[key] { return found }
        guard let found = older[key] else { return nil }
        remember(found, of: key)
        return found
    }
}
