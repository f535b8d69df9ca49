/// How a line splits into a header and a message, and who the entity is that the line speaks of.
public enum LogPreset: String, Sendable, Codable, CaseIterable {
    /// Syslog, as in `auth.log`: classic, ISO 8601 and RFC 5424 stamps. The entity is the source address; lines of the same
    /// process and pid without one inherit the last; else the user; else the process.
    case sshd
    /// Hadoop's file system: `081109 203615 148 INFO dfs.DataNode$PacketResponder: …`. The entity is the first block of the line.
    case hdfs
    /// Access logs of Apache and nginx, common or combined. The event is method, class of status and path; the entity the client.
    case apache
    /// The whole line is the message; there is no entity.
    case plain

    /// The preset whose header most of these lines have, or else `plain`; empty lines do not count.
    public static func detected(in lines: some Sequence<String>) -> LogPreset {
        var counts: [LogPreset: Int] = [:], total = 0
        for line in lines {
            var line = line
            line.withUTF8 { bytes in
                LogText.with(UnsafeRawBufferPointer(bytes)) { text in
                    guard text.ink(from: 0, before: text.count) < text.count else { return }
                    total += 1
                    if let preset = allCases.first(where: { $0.fits(text) }) { counts[preset, default: 0] += 1 }
                }
            }
        }
        return allCases.first { 2 * counts[$0, default: 0] > total } ?? .plain
    }

    private func fits(_ line: LogText) -> Bool {
        var clock = LogClock(year: 2000, now: 0)
        return switch self {
        case .sshd: LogHeader(syslog: line, &clock) != nil
        case .hdfs: LogHeader(hadoop: line) != nil
        case .apache: AccessLine(line) != nil
        case .plain: false
        }
    }

    /// Leading tokens of a message that never merge: the process, or the method and the class of status; and whether its templates are paths.
    var form: (context: Int, writesPaths: Bool) {
        switch self {
        case .sshd, .hdfs: (1, false)
        case .apache: (2, true)
        case .plain: (0, false)
        }
    }
}
