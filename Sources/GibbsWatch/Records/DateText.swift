import Foundation
import GibbsData

/// Texts that look like dates, however they are written: 2026-03-01T12:00:00Z, 1.3.2026, 03/01/2026 12:00, 01/Mar/2026:12:00:00.
enum DateText {
    /// How many different texts are looked at.
    private static let sample = 200

    /// Whether at least nineteen in twenty of the texts look like dates; of many the first two hundred count.
    static func fill(_ names: some Collection<String>) -> Bool {
        let looked = names.prefix(sample)
        return !looked.isEmpty && looked.count(where: isDate) * 20 >= looked.count * 19
    }

    /// Whether a text begins with a day, written in numbers with a year of four digits or with the month's name, and goes on,
    /// if at all, with a time of day.
    static func isDate(_ text: String) -> Bool {
        guard (6 ... 40).contains(text.utf8.count) else { return false }
        let parts = pieces(text.trimmingCharacters(in: .whitespaces))
        guard parts.count >= 3 else { return false }
        let words = parts.first.map { weekdays.contains($0.text.prefix(3).lowercased()) } == true ? Array(parts.dropFirst()) : parts
        guard words.count >= 3, let day = day(words[0], words[1], words[2]) else { return false }
        return isTime(Array(words.dropFirst(day)))
    }

    /// A run of letters or of digits, and the character after it.
    private typealias Piece = (text: Substring, end: Character?)

    private static let months = Set(["jan", "feb", "mar", "apr", "may", "jun", "jul", "aug", "sep", "oct", "nov", "dec"])
    private static let weekdays = Set(["mon", "tue", "wed", "thu", "fri", "sat", "sun"])

    private static func pieces(_ text: String) -> [Piece] {
        var result = [Piece](), start = text.startIndex
        while start < text.endIndex {
            let isDigit = text[start].isWholeNumber
            var end = start
            while end < text.endIndex, text[end].isWholeNumber == isDigit, isDigit || text[end].isLetter { end = text.index(after: end) }
            if end > start { result.append((text[start ..< end], end < text.endIndex ? text[end] : nil)) }
            start = end
            while start < text.endIndex, !text[start].isWholeNumber, !text[start].isLetter { start = text.index(after: start) }
        }
        return result
    }

    /// The number of pieces that the day takes, two where there is no year (as in a syslog); nil where it is none.
    private static func day(_ a: Piece, _ b: Piece, _ c: Piece) -> Int? {
        func number(_ piece: Piece, _ range: ClosedRange<Int>, digits: ClosedRange<Int> = 1 ... 2) -> Bool {
            digits.contains(piece.text.count) && Int(piece.text).map(range.contains) == true
        }
        func isYear(_ piece: Piece) -> Bool { number(piece, 1900 ... 2199, digits: 4 ... 4) }
        func isMonth(_ piece: Piece) -> Bool { piece.text.count >= 3 && months.contains(piece.text.prefix(3).lowercased()) }
        let isNumeric = "-/.".contains(a.end ?? " ") && a.end == b.end
        if isNumeric, isYear(a), number(b, 1 ... 12), number(c, 1 ... 31) { return 3 }
        if isNumeric, isYear(c), number(a, 1 ... 31), number(b, 1 ... 31), number(a, 1 ... 12) || number(b, 1 ... 12) { return 3 }
        if number(a, 1 ... 31), isMonth(b), isYear(c) { return 3 }
        if isMonth(a), number(b, 1 ... 31) { return isYear(c) ? 3 : c.end == ":" && number(c, 0 ... 23) ? 2 : nil }
        return nil
    }

    /// Whether nothing is left, or a time of day, its zone and a year included.
    private static func isTime(_ pieces: [Piece]) -> Bool {
        let rest = pieces.first?.text == "T" ? Array(pieces.dropFirst()) : pieces
        guard let hour = rest.first else { return true }
        guard let value = Int(hour.text), (0 ... 24).contains(value), hour.end == ":", rest.count >= 2, let minute = Int(rest[1].text) else { return false }
        return (0 ..< 60).contains(minute)
    }
}
