import Foundation
import GibbsNumerics

/// What stands before the values of a NumPy array or an IDX file: their type, shape and order.
struct ArrayHeader {
    enum Element: Sendable {
        case float16, float32, float64, int8, int16, int32, int64, uint8, uint16, uint32, uint64, boolean

        var size: Int {
            switch self {
            case .int8, .uint8, .boolean: 1
            case .float16, .int16, .uint16: 2
            case .float32, .int32, .uint32: 4
            case .float64, .int64, .uint64: 8
            }
        }
    }

    var element: Element
    var isBigEndian = false
    var isFortranOrder = false
    var shape: [Int]

    /// The first axis; one for a scalar, which readers refuse anyway.
    var rows: Int { shape.first ?? 1 }
    /// All further axes flattened. Checked against overflow when the header was read.
    var columns: Int { shape.dropFirst().reduce(1, *) }

    /// Refuses shapes whose product cannot be a number of bytes in memory.
    func checked(_ limits: TableOptions.Limits) throws -> ArrayHeader {
        var total = element.size
        for extent in shape {
            let (product, overflow) = total.multipliedReportingOverflow(by: extent)
            guard extent >= 0, !overflow else {
                throw GibbsError(.malformedData, "the shape \(shape) is impossible", advice: "the header is damaged")
            }
            total = product
        }
        // With an axis of length zero the product above is zero whatever the other axes say.
        guard shape.allSatisfy({ $0 <= Int.max >> 16 }), shape.dropFirst().reduce(1.0, { $0 * Double($1) }) <= Double(limits.columns) else {
            throw GibbsError(.limitExceeded, "the shape \(shape) has more than \(limits.columns) columns",
                             advice: "the first axis must be the rows; else raise the limit columns")
        }
        return self
    }

    // MARK: NumPy

    private static let magic: [UInt8] = [0x93] + Array("NUMPY".utf8)

    /// Reads the header of format versions 1 to 3.
    static func numpy(_ source: ByteSource, limits: TableOptions.Limits) throws -> ArrayHeader {
        let start = try bytes(source, 8, "the header")
        guard start.starts(with: magic) else {
            throw GibbsError(.malformedData, "is no NumPy array", advice: "write it with numpy.save")
        }
        guard (1 ... 3).contains(start[6]) else {
            throw GibbsError(.malformedData, "NumPy format version \(start[6]) is not known", advice: "save it with version 1 or 2")
        }
        let lengthBytes = try bytes(source, start[6] == 1 ? 2 : 4, "the header")
        let length = lengthBytes.reversed().reduce(0) { $0 << 8 | Int($1) }
        guard length <= min(limits.lineLength, 1 << 20) else {
            throw GibbsError(.limitExceeded, "a header of \(length) bytes", advice: "the file is damaged")
        }
        let text = String(decoding: try bytes(source, length, "the header"), as: UTF8.self)
        guard let type = value("descr", in: text), let order = value("fortran_order", in: text), let shape = value("shape", in: text),
              shape.hasPrefix("("), shape.hasSuffix(")"), order == "True" || order == "False" else {
            throw GibbsError(.malformedData, "the NumPy header cannot be read", advice: "save a plain array, without fields or objects")
        }
        let extents = try shape.dropFirst().dropLast().split(separator: ",").map { part -> Int in
            guard let extent = Int(part.trimmingCharacters(in: .whitespaces)), extent >= 0 else {
                throw GibbsError(.malformedData, "the shape \(shape) cannot be read", advice: "the header is damaged")
            }
            return extent
        }
        // In C order a row of further axes lies in one piece, as the images of an IDX file do.
        guard (1 ... (order == "True" ? 2 : 4)).contains(extents.count) else {
            throw GibbsError(.unsuitableData, "an array with \(extents.count) axes" + (extents.count > 2 ? " in Fortran order" : ""), advice: "reshape it to rows × columns")
        }
        let (element, isBig) = try element(type)
        return try ArrayHeader(element: element, isBigEndian: isBig, isFortranOrder: order == "True", shape: extents).checked(limits)
    }

    /// A value of the Python dictionary that NumPy writes: a string, a word or a tuple of numbers.
    private static func value(_ key: String, in text: String) -> String? {
        guard let found = text.range(of: "'\(key)':") ?? text.range(of: "\"\(key)\":") else { return nil }
        let rest = text[found.upperBound...].drop { $0 == " " }
        guard let first = rest.first else { return nil }
        if first == "'" || first == "\"" { return String(rest.dropFirst().prefix { $0 != first }) }
        if first == "(" { return rest.firstIndex(of: ")").map { String(rest[...$0]) } }
        return String(rest.prefix { $0.isLetter })
    }

    private static func element(_ type: String) throws -> (Element, isBigEndian: Bool) {
        let known: [String: Element] = [
            "f2": .float16, "f4": .float32, "f8": .float64, "i1": .int8, "i2": .int16, "i4": .int32, "i8": .int64,
            "u1": .uint8, "u2": .uint16, "u4": .uint32, "u8": .uint64, "b1": .boolean,
        ]
        guard let order = type.first, "<>|=".contains(order), let element = known[String(type.dropFirst())] else {
            throw GibbsError(.unsuitableData, "values of the NumPy type '\(type)' are not numbers",
                             advice: "convert them, for example with array.astype('float32')")
        }
        return (element, order == ">")
    }

    // MARK: IDX

    /// Reads the header of an IDX file of unsigned bytes.
    ///
    /// - Source: The file format described with the MNIST database of handwritten digits.
    static func idx(_ source: ByteSource, limits: TableOptions.Limits) throws -> ArrayHeader {
        let start = try bytes(source, 4, "the header")
        guard start[0] == 0, start[1] == 0, start[2] == 0x08, (1 ... 4).contains(start[3]) else {
            throw GibbsError(.malformedData, "is no IDX file of unsigned bytes", advice: "MNIST and its kin begin with 00 00 08")
        }
        let extents = try (0 ..< Int(start[3])).map { _ in
            try bytes(source, 4, "the header").reduce(0) { $0 << 8 | Int($1) }
        }
        return try ArrayHeader(element: .uint8, shape: extents).checked(limits)
    }

    private static func bytes(_ source: ByteSource, _ count: Int, _ what: String) throws -> [UInt8] {
        var result = [UInt8](repeating: 0, count: count)
        try result.withUnsafeMutableBytes { try source.readExactly($0, what: what) }
        return result
    }
}
