/// A second as ISO 8601 text, `2026-03-02T08:14:05Z`, without a formatter because it is written for every row.
///
/// - Source: the civil calendar of Howard Hinnant, *chrono-Compatible Low-Level Date Algorithms*, `civil_from_days`.
func isoText(second: Int) -> String {
    let shifted = second / 86_400 + 719_468, era = shifted / 146_097, dayOfEra = shifted % 146_097
    let yearOfEra = (dayOfEra - dayOfEra / 1460 + dayOfEra / 36_524 - dayOfEra / 146_096) / 365
    let dayOfYear = dayOfEra - (365 * yearOfEra + yearOfEra / 4 - yearOfEra / 100)
    let shiftedMonth = (5 * dayOfYear + 2) / 153
    let day = dayOfYear - (153 * shiftedMonth + 2) / 5 + 1
    let month = shiftedMonth < 10 ? shiftedMonth + 3 : shiftedMonth - 9
    let year = yearOfEra + era * 400 + (month <= 2 ? 1 : 0)
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
