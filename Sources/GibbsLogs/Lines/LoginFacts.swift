/// Whom a message of sshd, PAM, sudo or logind names, and from where; found by the words around, for names may be anything.
///
/// Names come from whoever knocks, blanks and false addresses included (`Invalid user root from 10.0.0.1 from 203.0.113.7`): a name
/// therefore runs to the last ` from ` of the message, and what lies inside it is never searched for an address.
struct LoginFacts {
    /// The name, possibly empty.
    var user: Range<Int>?
    /// Where somebody connects from: an address or a host name.
    var address: Range<Int>?
    /// Text that somebody else chose, such as a command or a greeting.
    var foreign: Range<Int>?
    /// Whether an address of this message is somebody's: not one that a server listens on.
    var namesOrigin = true

    init(_ line: LogText, _ message: Range<Int>, process: Range<Int>?) {
        guard !message.isEmpty else { return }
        let start = message.lowerBound, end = message.upperBound
        func begins(_ word: StaticString) -> Bool { line.has(word, at: start, before: end) }
        if let process, process.count == 4, line.has("sudo", at: process.lowerBound, before: process.upperBound) { readSudo(line, message) }
        switch line[start] {
        case UInt8(ascii: "F") where begins("Failed "), UInt8(ascii: "A") where begins("Accepted "), UInt8(ascii: "P") where begins("Postponed "),
             UInt8(ascii: "e") where begins("error: maximum authentication attempts exceeded "):
            if let word = line.first(" for ", in: message) { readName(line, from: word + 5, before: end) }
        case UInt8(ascii: "I") where begins("Invalid user "): readName(line, from: start + 13, before: end)
        case UInt8(ascii: "I") where begins("Illegal user "): readName(line, from: start + 13, before: end)
        case UInt8(ascii: "U") where begins("User "): readName(line, from: start + 5, before: end)
        case UInt8(ascii: "i") where begins("input_userauth_request: invalid user "):
            user = start + 37 ..< (line.last(" [preauth]", in: start + 37 ..< end) ?? end)
        case UInt8(ascii: "B") where begins("Bad protocol version identification '"):
            if let close = line.last("' from ", in: start + 37 ..< end) { foreign = start + 37 ..< close }
        case UInt8(ascii: "R") where begins("Received disconnect from "): readReason(line, message)
        case UInt8(ascii: "C") where begins("Connection "), UInt8(ascii: "D") where begins("Disconnect"): readPeer(line, message)
        case UInt8(ascii: "S") where begins("Server listening "): namesOrigin = false
        case UInt8(ascii: "N") where begins("New session "):
            if let word = line.first(" of user ", in: message) { user = word + 9 ..< (line.at(end - 1) == UInt8(ascii: ".") ? end - 1 : end) }
        default: readPAM(line, message)
        }
    }

    /// `[invalid user ]NAME from ADDRESS …`.
    private mutating func readName(_ line: LogText, from position: Int, before end: Int) {
        let start = line.has("invalid user ", at: position, before: end) ? position + 13 : line.has("illegal user ", at: position, before: end) ? position + 13 : position
        // A name may be empty, so that the blank before it is also the one before "from".
        guard let from = line.last(" from ", in: max(start - 1, 0) ..< end) else { return }
        user = start ..< max(start, from)
        address = from + 6 ..< line.blank(from: from + 6, before: end)
    }

    /// `… by|from [invalid|authenticating] user NAME ADDRESS port N`, as newer servers write.
    private mutating func readPeer(_ line: LogText, _ message: Range<Int>) {
        for word in [" invalid user ", " authenticating user ", " from user ", " by user "] as [StaticString] {
            guard let found = line.first(word, in: message) else { continue }
            let start = found + word.utf8CodeUnitCount
            guard let port = line.last(" port ", in: start ..< message.upperBound) else { return }
            var p = port
            while p > start, !line[p - 1].isBlank { p -= 1 }
            user = start ..< max(start, p - 1)
            address = p ..< port
            return
        }
    }

    /// `Received disconnect from ADDRESS port N:11: REASON [preauth]`: the reason is whatever the other side said.
    private mutating func readReason(_ line: LogText, _ message: Range<Int>) {
        guard let mark = line.first(": ", in: message) else { return }
        var start = mark + 2
        // Older servers write "ADDRESS: 11: REASON".
        if let code = line.natural(at: start, before: message.upperBound), line.has(": ", at: code.end, before: message.upperBound) { start = code.end + 2 }
        let end = line.last(" [preauth]", in: start - 1 ..< message.upperBound) ?? message.upperBound
        foreign = start ..< max(start, end)
    }

    /// `  NAME : TTY=pts/0 ; PWD=/home ; USER=root ; COMMAND=/bin/ls -l`: the command's words are its own.
    private mutating func readSudo(_ line: LogText, _ message: Range<Int>) {
        guard let colon = line.first(" : ", in: message) else { return }
        user = message.lowerBound ..< colon
        if let command = line.first("COMMAND=", in: colon ..< message.upperBound) { foreign = command + 8 ..< message.upperBound }
    }

    /// `session opened for user NAME…`, `authentication failure; … rhost=ADDRESS  user=NAME`. Of sudo and su the user is the one who acts,
    /// named after `by` or `ruser=`; whose rights are taken is the message's own.
    private mutating func readPAM(_ line: LogText, _ message: Range<Int>) {
        let takesRights = (["(sudo:", "(su:", "(su-l:"] as [StaticString]).contains { word in line.first(word, in: message).map { $0 < message.lowerBound + 24 } ?? false }
        if let session = line.first("session ", in: message), let word = line.first("ed for user ", in: session ..< message.upperBound) {
            var p = word + 12
            while p < message.upperBound, !line[p].isBlank, line[p] != UInt8(ascii: "(") { p += 1 }
            user = word + 12 ..< p
            if let by = line.first(" by ", in: p ..< message.upperBound), let mark = line.first("(uid=", in: by + 4 ..< message.upperBound), mark > by + 4 {
                foreign = by + 4 ..< mark
                if takesRights { swap(&user, &foreign) }
            }
            return
        }
        if let host = line.first(" rhost=", in: message) {
            let end = line.blank(from: host + 7, before: message.upperBound)
            if end > host + 7 { address = host + 7 ..< end }
            if let name = line.first(" user=", in: end ..< message.upperBound) {
                user = name + 6 ..< line.blank(from: name + 6, before: message.upperBound)
            }
            if takesRights, let name = line.first(" ruser=", in: message.lowerBound ..< host) {
                let who = name + 7 ..< line.blank(from: name + 7, before: message.upperBound)
                if !who.isEmpty { (user, foreign) = (who, user) }
            }
        }
    }
}
