/// From where each running process was last addressed; those used longest ago are forgotten.
struct RecentOrigins: Sendable {
    struct Key: Hashable, Sendable {
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

    mutating func origin(of key: Key) -> String? {
        if let found = recent[key] { return found }
        guard let found = older[key] else { return nil }
        remember(found, of: key)
        return found
    }
}
