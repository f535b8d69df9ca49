/// Where the parts of a line lie: what stands before its message, and the message.
struct LogHeader {
    /// Seconds since 1970 UTC.
    var time: Double?
    var host: Range<Int>?
    var process: Range<Int>?
    var pid: Int?
    var message: Range<Int>

    /// A line without a header: all of it is message.
    init(bare line: LogText) { message = 0 ..< line.count }

    /// Syslog: `Mar 27 13:06:56 host sshd[1361]: message`, the same with an ISO 8601 stamp, either after a priority such as `<34>`;
    /// and RFC 5424, `<34>1 2026-03-27T13:06:56Z host su 77 ID47 - message`. Nil for other lines.
    init?(syslog line: LogText, _ clock: inout LogClock) {
        self.init(bare: line)
        var p = 0
        if line.at(0) == UInt8(ascii: "<"), let priority = line.natural(at: 1, before: line.count, limit: 3), line.at(priority.end) == UInt8(ascii: ">") {
            p = priority.end + 1
        }
        let isVersioned = p > 0 && line.at(p) == UInt8(ascii: "1") && line.at(p + 1) == 0x20
        if isVersioned { p += 2 }
        if let stamp = LogStamps.syslog(line, at: p, &clock) ?? LogStamps.iso(line, at: p) {
            (time, p) = (stamp.seconds, stamp.end)
        } else if isVersioned, line.at(p) == UInt8(ascii: "-") {
            p += 1
        } else {
            return nil
        }
        guard line.at(p) == 0x20 else { return nil }
        host = word(line, &p)
        if isVersioned { readStructured(line, &p) } else { readTag(line, &p) }
        message = line.ink(from: p, before: line.count) ..< line.count
    }

    /// The next word, nil where it is a dash or nothing.
    private func word(_ line: LogText, _ p: inout Int) -> Range<Int>? {
        let start = line.ink(from: p, before: line.count)
        p = line.blank(from: start, before: line.count)
        return p == start || p - start == 1 && line[start] == UInt8(ascii: "-") ? nil : start ..< p
    }

    /// `sshd[1361]:` or `sudo:`; a line without a tag keeps all its words in the message.
    private mutating func readTag(_ line: LogText, _ p: inout Int) {
        let start = line.ink(from: p, before: line.count), end = min(start + 96, line.count)
        var q = start
        while q < end, !line[q].isBlank, line[q] != UInt8(ascii: ":"), line[q] != UInt8(ascii: "[") { q += 1 }
        guard q > start, q < end else { return }
        let name = start ..< q
        var number: Int?
        if line[q] == UInt8(ascii: "[") {
            let close = line.find(UInt8(ascii: "]"), from: q, before: min(q + 24, line.count))
            guard line.at(close) == UInt8(ascii: "]") else { return }
            number = line.natural(at: q + 1, before: close)?.value
            q = close + 1
        }
        guard line.at(q) == UInt8(ascii: ":") else { return }
        (process, pid, p) = (name, number, q + 1)
    }

    /// The application, its pid, the message's kind, and structured data, which is passed over.
    private mutating func readStructured(_ line: LogText, _ p: inout Int) {
        process = word(line, &p)
        pid = word(line, &p).flatMap { line.natural(at: $0.lowerBound, before: $0.upperBound)?.value }
        _ = word(line, &p)
        p = line.ink(from: p, before: line.count)
        if line.at(p) == UInt8(ascii: "-") { p += 1; return }
        while line.at(p) == UInt8(ascii: "[") {
            var isQuoted = false
            while p < line.count {
                if line[p] == UInt8(ascii: "\\") { p += 1 } else if line[p] == UInt8(ascii: "\"") { isQuoted.toggle() }
                else if line[p] == UInt8(ascii: "]"), !isQuoted { break }
                p += 1
            }
            p = min(p + 1, line.count)
        }
    }

    /// Hadoop: `081109 203615 148 INFO dfs.DataNode$PacketResponder: message`. Nil for other lines.
    init?(hadoop line: LogText) {
        self.init(bare: line)
        guard let stamp = LogStamps.hadoop(line, at: 0) else { return nil }
        var p = stamp.end
        guard let thread = word(line, &p), let number = line.natural(at: thread.lowerBound, before: thread.upperBound), word(line, &p) != nil,
              let name = word(line, &p), name.count > 1, line[name.upperBound - 1] == UInt8(ascii: ":") else { return nil }
        (time, pid, process) = (stamp.seconds, number.value, name.lowerBound ..< name.upperBound - 1)
        message = line.ink(from: p, before: line.count) ..< line.count
    }
}
