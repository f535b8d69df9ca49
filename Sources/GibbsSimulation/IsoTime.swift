import GibbsData

/// A second as ISO 8601 text, `2026-03-02T08:14:05Z`, without a formatter because it is written for every row.
func isoText(second: Int) -> String {
    let (year, month, day) = TimeStamp.date(second / 86_400)
    let clock = second % 86_400
    return String(unsafeUninitializedCapacity: 20) { buffer in
        func digits(_ value: Int, at start: Int, _ count: Int) {
            var rest = value
            for place in stride(from: start + count - 1, through: start, by: -1) {
                buffer[place] = UInt8(ascii: "0") + UInt8(rest % 10)
                rest /= 10
            }
        }
        digits(year, at: 0, 4)
        digits(month, at: 5, 2)
        digits(day, at: 8, 2)
        digits(clock / 3600, at: 11, 2)
        digits(clock / 60 % 60, at: 14, 2)
        digits(clock % 60, at: 17, 2)
        buffer[4] = UInt8(ascii: "-")
        buffer[7] = UInt8(ascii: "-")
        buffer[10] = UInt8(ascii: "T")
        buffer[13] = UInt8(ascii: ":")
        buffer[16] = UInt8(ascii: ":")
        buffer[19] = UInt8(ascii: "Z")
        return 20
    }
}
