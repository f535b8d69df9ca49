extension LineParts {
    /// The most that "message repeated N times" is believed.
    private static let repeatLimit = 1_000_000

    /// A line of syslog, with what it says of a login.
    init(syslog line: LogText, _ clock: inout LogClock) {
        self.init(header: LogHeader(syslog: line, &clock) ?? LogHeader(bare: line))
        unwrapRepeats(line)
        context.first = .name(header.process, ending: UInt8(ascii: ":"))
        let facts = LoginFacts(line, header.message, process: header.process)
        entity = .origin(address: facts.address, messageNamesIt: facts.namesOrigin)
        user = facts.user
        opaque = [user, facts.foreign].compactMap { $0 }.sorted { $0.lowerBound < $1.lowerBound }
        // Names come from whoever knocks, and may make one part run into another.
        if let user, opaque.count == 2, opaque[0].upperBound > opaque[1].lowerBound { opaque = [user] }
    }

    /// `message repeated 5 times: [ MESSAGE]`.
    private mutating func unwrapRepeats(_ line: LogText) {
        let message = header.message
        guard line.has("message repeated ", at: message.lowerBound, before: message.upperBound),
              let times = line.natural(at: message.lowerBound + 17, before: message.upperBound), times.value > 0,
              line.has(" times: [", at: times.end, before: message.upperBound), line[message.upperBound - 1] == UInt8(ascii: "]") else { return }
        let end = message.upperBound - 1
        header.message = line.ink(from: times.end + 9, before: end) ..< end
        repeated = min(times.value, Self.repeatLimit)
    }
}
