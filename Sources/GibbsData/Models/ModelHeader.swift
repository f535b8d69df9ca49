import GibbsNumerics

/// The JSON header of a model file, read strictly: anything unexpected is an error before a byte of the data is touched.
struct ModelHeader {
    struct Entry {
        var name: String
        var shape: [Int]
        /// Bytes from the start of the data.
        var start: Int
        var end: Int
        /// What its values are, by the name that safetensors has for it, such as `F32`.
        var type: String
    }

    /// In the order of their offsets, which cover the data without gap or overlap.
    private(set) var entries = [Entry]()
    private(set) var metadata = [String: String]()
    /// Whether tensors of other types than F32 are no error.
    private let takesOtherTypes: Bool

    init(_ bytes: [UInt8], dataSize: Int, takesOtherTypes: Bool = false) throws {
        self.takesOtherTypes = takesOtherTypes
        var padded = bytes
        padded.append(0x0A)
        padded.append(contentsOf: repeatElement(0, count: 16))
        do {
            try padded.withUnsafeBufferPointer { buffer in
                var cursor = JSONCursor(buffer.baseAddress!, count: bytes.count)
                try parse(&cursor)
            }
        } catch let error as GibbsError where error.code == .malformedData {
            throw GibbsError(.unsuitableModel, "the header is damaged: \(error.message)",
                             advice: "it is no model file, or was changed by hand")
        }
        try checkOffsets(dataSize)
    }

    private mutating func parse(_ cursor: inout JSONCursor) throws {
        var names = Set<String>()
        try cursor.object { cursor, name in
            guard names.insert(name).inserted else { throw Self.damaged("the name '\(name)' occurs twice") }
            if name == "__metadata__" {
                try cursor.object { cursor, key in
                    guard metadata.updateValue(try cursor.string(), forKey: key) == nil else {
                        throw Self.damaged("the entry '\(key)' occurs twice")
                    }
                }
            } else {
                entries.append(try entry(name, &cursor))
            }
        }
        try cursor.finish()
    }

    private func entry(_ name: String, _ cursor: inout JSONCursor) throws -> Entry {
        var type: String?, shape: [Int]?, offsets: [Int]?
        try cursor.object { cursor, key in
            switch key {
            case "dtype" where type == nil: type = try cursor.string()
            case "shape" where shape == nil: shape = try cursor.integers()
            case "data_offsets" where offsets == nil: offsets = try cursor.integers()
            default: throw Self.damaged("the tensor '\(name)' has an unexpected '\(key)'")
            }
        }
        guard let type, let shape, let offsets, offsets.count == 2, offsets[0] <= offsets[1] else {
            throw Self.damaged("the tensor '\(name)' lacks its type, shape or offsets")
        }
        guard let width = Self.widths[type] else {
            throw GibbsError(.unsuitableModel, "the tensor '\(name)' has the unknown type \(type)", advice: "convert it to 32-bit floats")
        }
        guard type == "F32" || takesOtherTypes else {
            throw GibbsError(.unsuitableModel, "the tensor '\(name)' has the type \(type) where F32 is needed",
                             advice: "convert it to 32-bit floats")
        }
        var size = width
        for extent in shape {
            let (product, overflow) = size.multipliedReportingOverflow(by: extent)
            guard !overflow else { throw Self.damaged("the tensor '\(name)' has the impossible shape \(shape)") }
            size = product
        }
        guard offsets[1] - offsets[0] == size else {
            throw Self.damaged("the tensor '\(name)' of the shape \(shape) occupies \(offsets[1] - offsets[0]) bytes")
        }
        return Entry(name: name, shape: shape, start: offsets[0], end: offsets[1], type: type)
    }

    /// Bytes a value of each type of safetensors.
    private static let widths = ["F64": 8, "F32": 4, "F16": 2, "BF16": 2, "I64": 8, "I32": 4, "I16": 2, "I8": 1, "U64": 8, "U32": 4, "U16": 2, "U8": 1, "BOOL": 1]

    private mutating func checkOffsets(_ dataSize: Int) throws {
        entries.sort { ($0.start, $0.end) < ($1.start, $1.end) }
        var end = 0
        for entry in entries {
            guard entry.start == end else {
                throw Self.damaged("the tensor '\(entry.name)' begins at byte \(entry.start) of the data, not at \(end)")
            }
            guard entry.end <= dataSize else {
                throw Self.damaged("the tensor '\(entry.name)' ends at byte \(entry.end) of the data, which has \(dataSize)")
            }
            end = entry.end
        }
        guard end == dataSize else { throw Self.damaged("the tensors occupy \(end) of \(dataSize) bytes") }
    }

    private static func damaged(_ message: String) -> GibbsError {
        GibbsError(.unsuitableModel, message, advice: "the file is damaged; copy or train the model again")
    }
}

/// Reads the few JSON forms that a model header consists of. The text must be followed by a line feed and spare bytes.
struct JSONCursor {
    private var p: UnsafePointer<UInt8>
    private let end: UnsafePointer<UInt8>
    private let scratch = Scratch()

    init(_ start: UnsafePointer<UInt8>, count: Int) {
        p = start
        end = start + count
    }

    /// Calls `member` for each key, with the cursor at its value.
    mutating func object(_ member: (inout JSONCursor, String) throws -> Void) throws {
        try expect("{")
        skipBlanks()
        if take("}") { return }
        repeat {
            let key = try string()
            try expect(":")
            try member(&self, key)
            skipBlanks()
        } while take(",")
        try expect("}")
    }

    mutating func string() throws -> String {
        skipBlanks()
        guard p[0] == UInt8(ascii: "\"") else { throw unexpected("a string") }
        let text = try JSONText.string(&p, scratch)
        let result = String(decoding: text, as: UTF8.self)
        guard result.utf8.elementsEqual(text) else { throw JSONText.fault("text that is not UTF-8") }
        return result
    }

    /// An array of whole numbers from 0 to 2^53.
    mutating func integers() throws -> [Int] {
        var result = [Int]()
        try expect("[")
        skipBlanks()
        if take("]") { return result }
        repeat {
            skipBlanks()
            var value = 0, digits = 0
            while p[0] >= UInt8(ascii: "0"), p[0] <= UInt8(ascii: "9") {
                value = value * 10 + Int(p[0] - UInt8(ascii: "0"))
                digits += 1
                p += 1
                guard value <= 1 << 53 else { throw JSONText.fault("a number that is too large") }
            }
            guard digits > 0 else { throw unexpected("a whole number") }
            guard result.count < 64 else { throw JSONText.fault("more than 64 numbers in a list") }
            result.append(value)
            skipBlanks()
        } while take(",")
        try expect("]")
        return result
    }

    /// Nothing but blanks may be left.
    mutating func finish() throws {
        skipBlanks()
        guard p == end else { throw unexpected("the end") }
    }

    private mutating func skipBlanks() { while p < end, p[0] == 0x20 || (0x09 ... 0x0D).contains(p[0]) { p += 1 } }

    private mutating func take(_ byte: Unicode.Scalar) -> Bool {
        guard p < end, p[0] == UInt8(ascii: byte) else { return false }
        p += 1
        return true
    }

    private mutating func expect(_ byte: Unicode.Scalar) throws {
        skipBlanks()
        guard take(byte) else { throw unexpected("'\(byte)'") }
    }

    private func unexpected(_ wanted: String) -> GibbsError {
        JSONText.fault("expected \(wanted), found \(p == end ? "the end" : JSONText.shown(p))")
    }
}
