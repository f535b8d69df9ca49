/// A line of a web server's access log in the common or combined format:
/// `client - user [10/Oct/2000:13:55:36 -0700] "GET /path HTTP/1.0" 200 2326 "referrer" "agent"`.
struct AccessLine {
    var client: Range<Int>
    var user: Range<Int>?
    var time: Double
    /// Nil where the request does not begin with a method in capitals.
    var method: Range<Int>?
    /// Between the method and the protocol, or the whole request where it has none.
    var target: Range<Int>
    /// The first digit of the status.
    var statusClass: UInt8

    /// Nil for lines of another shape.
    init?(_ line: LogText) {
        let end = line.count
        client = 0 ..< line.blank(from: 0, before: end)
        let bracket = line.find(UInt8(ascii: "["), from: client.upperBound, before: min(end, client.upperBound + 512))
        guard !client.isEmpty, line.at(bracket) == UInt8(ascii: "["), let stamp = LogStamps.access(line, at: bracket + 1), line.at(stamp.end) == UInt8(ascii: "]") else { return nil }
        time = stamp.seconds
        // Between client and stamp: an identity, then a user, who may hold blanks.
        let identity = line.blank(from: line.ink(from: client.upperBound, before: bracket), before: bracket)
        let name = line.ink(from: identity, before: bracket)
        if name < bracket - 1, !(line[name] == UInt8(ascii: "-") && name == bracket - 2) { user = name ..< bracket - 1 }
        let open = line.ink(from: stamp.end + 1, before: end)
        guard line.at(open) == UInt8(ascii: "\"") else { return nil }
        var close = open + 1
        while close < end, line[close] != UInt8(ascii: "\"") { close += line[close] == UInt8(ascii: "\\") ? 2 : 1 }
        guard close < end else { return nil }
        let status = line.ink(from: close + 1, before: end)
        guard let number = line.natural(at: status, before: end), number.end == status + 3, line.at(number.end).isBlank || number.end == end else { return nil }
        statusClass = line[status]
        var letters = open + 1
        while letters < close, line[letters] &- 0x41 < 26 { letters += 1 }
        if letters > open + 1, letters - open <= 20, line[letters] == 0x20 {
            method = open + 1 ..< letters
            let version = line.last(" HTTP/", in: letters ..< close) ?? close
            target = letters + 1 ..< max(letters + 1, version)
        } else {
            target = open + 1 ..< close
        }
    }
}

extension LineParts {
    /// A line of an access log; one of another shape is all message.
    init(access line: LogText) {
        self.init(header: LogHeader(bare: line))
        guard let access = AccessLine(line) else {
            context = (.name(nil, ending: nil), .name(nil, ending: nil))
            return
        }
        header.time = access.time
        context = (.name(access.method, ending: nil), .statusClass(access.statusClass, at: access.client.lowerBound))
        (user, target, entity) = (access.user, access.target, .range(access.client))
    }
}
