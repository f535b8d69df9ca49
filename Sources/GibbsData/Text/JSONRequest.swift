import Foundation
import GibbsNumerics

/// A JSON object that is there as a whole, such as the body of a request: its members by name, each read when it is asked for.
///
/// The text obeys the grammar to the letter: no comments, no commas at the end, no names twice, no byte behind the object, UTF-8 throughout.
/// Rows of records stay bytes: `lines(_:)` hands them to the reader of NDJSON, which is as fast as of a file.
package struct JSONRequest: Sendable {
    /// Objects and arrays within one another at most, the outermost counted.
    package static let depthLimit = 32
    /// Members of the object at most.
    package static let memberLimit = 1_000

    /// The names of the members, in order.
    package private(set) var names: [String] = []
    /// The text, with nine bytes of zero behind, which nothing in JSON can be and no reader runs beyond.
    private let bytes: [UInt8]
    private var ranges: [Range<Int>] = []

    /// Reads an object.
    ///
    /// - Parameter text: Empty stands for an object without members.
    /// - Throws: `GibbsError` with code `.malformedData` or `.limitExceeded`, naming the line.
    /// - Complexity: One pass.
    package init(_ text: some Collection<UInt8>) throws {
        var padded = [UInt8]()
        padded.reserveCapacity(text.count + 9)
        padded.append(contentsOf: text)
        padded.append(contentsOf: [UInt8](repeating: 0, count: 9))
        bytes = padded
        try padded.withUnsafeBufferPointer { buffer in
            guard let start = buffer.baseAddress else { return }
            let end = start + (buffer.count - 9)
            guard utf8IsValid(start, buffer.count - 9) else { throw JSONText.fault("bytes that are no UTF-8") }
            var p = start
            do { try read(&p, start, end) } catch let error as GibbsError {
                throw error.located(at: .init(line: 1 + UnsafeBufferPointer(start: start, count: min(p, end) - start).count { $0 == 0x0A }))
            }
        }
    }

    private mutating func read(_ p: inout JSONText.Bytes, _ start: JSONText.Bytes, _ end: JSONText.Bytes) throws {
        let scratch = Scratch()
        JSONText.skipSpace(&p)
        if p == end { return }
        guard p[0] == UInt8(ascii: "{") else { throw JSONText.fault("expected an object, found \(JSONText.shown(p))") }
        var seen = Set<String>()
        try JSONText.members(&p, scratch) { name, p in
            JSONText.skipSpace(&p)
            let begin = p - start
            try JSONText.passValue(&p, scratch, depth: 2)
            guard seen.insert(name).inserted else { throw JSONText.fault("the member '\(name.prefix(60))' comes twice") }
            guard names.count < Self.memberLimit else { throw GibbsError(.limitExceeded, "more than \(Self.memberLimit) members", advice: "send records as rows") }
            names.append(name)
            ranges.append(begin ..< p - start)
        }
        JSONText.skipSpace(&p)
        guard p == end else { throw JSONText.fault("\(JSONText.shown(p)) behind the object") }
    }

    /// Where the value of a member stands; `nil` where it is absent or null.
    private func range(_ name: String) -> Range<Int>? {
        guard let index = names.firstIndex(of: name), bytes[ranges[index].lowerBound] != UInt8(ascii: "n") else { return nil }
        return ranges[index]
    }

    /// The length of the text.
    package var byteCount: Int { bytes.count - 9 }

    /// Whether the member is there and not null.
    package func has(_ name: String) -> Bool { range(name) != nil }

    /// Refuses members of other names, so that a slip does not go unseen.
    ///
    /// - Throws: `GibbsError` with code `.usage`.
    package func check(_ known: [String]) throws {
        for name in names where !known.contains(name) {
            throw GibbsError(.usage, "an unknown member", at: .init(field: String(name.prefix(60))), advice: Spelling.question(name, among: known) ?? "the members are \(known.joined(separator: ", "))")
        }
    }

    private func wrong(_ name: String, _ expected: String) -> GibbsError { GibbsError(.malformedData, "is no \(expected)", at: .init(field: name), advice: "give a \(expected)") }
}

// MARK: - Values

extension JSONRequest {
    /// A text.
    ///
    /// - Throws: `GibbsError` with code `.malformedData` for any other value, as all of these.
    package func text(_ name: String) throws -> String? { try range(name).map { try text(at: $0) ?? { throw wrong(name, "text") }() } }

    /// A number, finite.
    package func number(_ name: String) throws -> Double? { try range(name).map { try number(at: $0) ?? { throw wrong(name, "number") }() } }

    /// A whole number within a range.
    ///
    /// - Throws: `.malformedData` as above; `.usage` for one beyond the range.
    package func int(_ name: String, in allowed: ClosedRange<Int>) throws -> Int? {
        guard let value = try number(name) else { return nil }
        guard value == value.rounded(), abs(value) < 0x1p53 else { throw wrong(name, "whole number") }
        guard allowed.contains(Int(value)) else {
            throw GibbsError(.usage, "is \(Int(value))", at: .init(field: name), advice: "give a number from \(allowed.lowerBound) to \(allowed.upperBound)")
        }
        return Int(value)
    }

    /// True or false.
    package func flag(_ name: String) throws -> Bool? {
        try range(name).map { range in
            switch bytes[range.lowerBound] {
            case UInt8(ascii: "t"): true
            case UInt8(ascii: "f"): false
            default: throw wrong(name, "truth value (true or false)")
            }
        }
    }

    /// Texts in an array.
    package func texts(_ name: String) throws -> [String]? {
        try elements(name)?.map { try text(at: $0) ?? { throw wrong(name, "list of texts") }() }
    }

    /// Rows of numbers, `nan` for null.
    package func rows(_ name: String) throws -> [[Float]]? {
        try elements(name)?.map { row in
            guard bytes[row.lowerBound] == UInt8(ascii: "[") else { throw wrong(name, "list of lists of numbers") }
            return try elements(in: row).map { place in
                if bytes[place.lowerBound] == UInt8(ascii: "n") { return .nan }
                return try number(at: place).map { Float($0) } ?? { throw wrong(name, "list of lists of numbers") }()
            }
        }
    }

    /// The objects of an array, each read by itself.
    package func objects(_ name: String) throws -> [JSONRequest]? {
        try elements(name)?.map { place in
            guard bytes[place.lowerBound] == UInt8(ascii: "{") else { throw wrong(name, "list of objects") }
            return try JSONRequest(bytes[place])
        }
    }

    /// The objects of an array as lines of NDJSON, and their number.
    package func lines(_ name: String) throws -> (bytes: [UInt8], count: Int)? {
        guard let places = try elements(name) else { return nil }
        var result = [UInt8]()
        result.reserveCapacity(places.reduce(0) { $0 + $1.count + 1 })
        for place in places {
            guard bytes[place.lowerBound] == UInt8(ascii: "{") else { throw wrong(name, "list of objects") }
            let first = result.count
            result.append(contentsOf: bytes[place])
            // Between tokens alone can a line end stand.
            for index in first ..< result.count where result[index] == 0x0A { result[index] = 0x20 }
            result.append(0x0A)
        }
        return (result, places.count)
    }

    private func elements(_ name: String) throws -> [Range<Int>]? {
        guard let range = range(name) else { return nil }
        guard bytes[range.lowerBound] == UInt8(ascii: "[") else { throw wrong(name, "list") }
        return try elements(in: range)
    }

    private func elements(in range: Range<Int>) throws -> [Range<Int>] {
        let scratch = Scratch()
        return try bytes.withUnsafeBufferPointer { buffer in
            guard let start = buffer.baseAddress else { return [] }
            var p = start + range.lowerBound, result = [Range<Int>]()
            try JSONText.elements(&p) { p in
                let begin = p - start
                try JSONText.passValue(&p, scratch, depth: 2)
                result.append(begin ..< p - start)
            }
            return result
        }
    }

    private func text(at range: Range<Int>) throws -> String? {
        guard bytes[range.lowerBound] == UInt8(ascii: "\"") else { return nil }
        // A text with escapes lies in the scratch space, which has to live until it was read.
        let scratch = Scratch()
        return try withExtendedLifetime(scratch) {
            try bytes.withUnsafeBufferPointer { buffer in
                guard var p = buffer.baseAddress.map({ $0 + range.lowerBound }) else { return nil }
                return String(decoding: try JSONText.string(&p, scratch), as: UTF8.self)
            }
        }
    }

    private func number(at range: Range<Int>) -> Double? {
        let first = bytes[range.lowerBound]
        guard first == UInt8(ascii: "-") || (UInt8(ascii: "0") ... UInt8(ascii: "9")).contains(first) else { return nil }
        return Double(String(decoding: bytes[range], as: UTF8.self)).flatMap { $0.isFinite ? $0 : nil }
    }
}

private func utf8IsValid(_ start: UnsafePointer<UInt8>, _ count: Int) -> Bool {
    let bytes = UnsafeBufferPointer(start: start, count: count)
    return !bytes.contains { $0 >= 0x80 } || String(validating: bytes, as: UTF8.self) != nil
}
