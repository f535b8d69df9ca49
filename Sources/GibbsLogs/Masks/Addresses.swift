/// Where addresses of the Internet end in a text.
enum Addresses {
    /// `203.0.113.7`: four numbers up to 255. No address is what goes on as a word or as a fifth number.
    static func four(_ line: LogText, _ start: Int, _ end: Int) -> Int? {
        var p = start
        for part in 0 ..< 4 {
            guard let number = line.natural(at: p, before: end, limit: 3), number.value <= 255 else { return nil }
            p = number.end
            if part < 3 {
                guard p < end, line[p] == UInt8(ascii: ".") else { return nil }
                p += 1
            }
        }
        guard p < end else { return p }
        return line[p].isWord || line[p] == UInt8(ascii: ".") && p + 1 < end && line[p + 1].isWord ? nil : p
    }

    /// `2001:db8::7`, `::`, `fe80::1%eth0`, `::ffff:203.0.113.7`: eight groups, or fewer around one `::`. Without a digit only `::` itself is one,
    /// so that `std::add` is none.
    static func six(_ line: LogText, _ start: Int, _ end: Int) -> Int? {
        var p = start, groups = 0, isShortened = false, hasDigit = false
        if p + 1 < end, line[p] == UInt8(ascii: ":"), line[p + 1] == UInt8(ascii: ":") {
            isShortened = true
            p += 2
        }
        while p < end, line[p].isHex, groups < 8 {
            if let stop = line[p].isDigit && groups > 0 || isShortened && groups == 0 ? four(line, p, end) : nil {
                (p, groups, hasDigit) = (stop, groups + 2, true)
                break
            }
            var q = p
            while q < end, q - p < 5, line[q].isHex {
                hasDigit = hasDigit || line[q].isDigit
                q += 1
            }
            guard q - p <= 4 else { return nil }
            groups += 1
            p = q
            guard q + 1 < end, line[q] == UInt8(ascii: ":") else { break }
            if line[q + 1] == UInt8(ascii: ":") {
                guard !isShortened else { return nil }
                isShortened = true
                p = q + 2
            } else if line[q + 1].isHex {
                p = q + 1
            } else {
                break
            }
        }
        guard isShortened ? groups < 8 : groups == 8, hasDigit || groups == 0 else { return nil }
        if p + 1 < end, line[p] == UInt8(ascii: "%"), line[p + 1].isWord {
            p += 1
            while p < end, line[p].isWord { p += 1 }
        }
        return p < end && line[p].isWord ? nil : p
    }
}
