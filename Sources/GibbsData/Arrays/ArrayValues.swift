import Foundation
import GibbsNumerics

/// The values of an array, row after row, as doubles.
///
/// Arrays in Fortran order are held in memory whole, since their rows are spread over all of the file.
final class ArrayValues {
    let header: ArrayHeader
    private let source: ByteSource
    private var nextRow = 0
    private var buffer = [UInt8]()
    private var fortran: [Double]?
    private let limits: TableOptions.Limits

    init(header: ArrayHeader, source: ByteSource, limits: TableOptions.Limits) {
        self.header = header
        self.source = source
        self.limits = limits
    }

    var rowsLeft: Int { header.rows - nextRow }

    /// The next rows, row-major; empty at the end. Memory follows what the file really holds, not what its header says.
    func next(rows: Int) throws -> (rows: Int, values: [Double]) {
        let count = min(rows, rowsLeft)
        let columns = header.columns
        if header.isFortranOrder, columns > 1 { return try nextFortran(count) }
        nextRow += count
        let (total, overflow) = count.multipliedReportingOverflow(by: columns)
        guard !overflow, total <= limits.cells else { throw tooMany(count, columns) }
        return (count, try read(total))
    }

    private func nextFortran(_ count: Int) throws -> (rows: Int, values: [Double]) {
        let rows = header.rows, columns = header.columns
        if fortran == nil {
            let (total, overflow) = rows.multipliedReportingOverflow(by: columns)
            guard !overflow, total <= limits.cells else { throw tooMany(rows, columns) }
            fortran = try read(total)
        }
        let first = nextRow
        nextRow += count
        var result = [Double]()
        result.reserveCapacity(count * columns)
        for row in first ..< first + count { for column in 0 ..< columns { result.append(fortran![column * rows + row]) } }
        return (count, result)
    }

    /// Refuses bytes after the last value, which would mean that the header is wrong.
    func checkEnd() throws {
        var extra: UInt8 = 0
        let count = try withUnsafeMutableBytes(of: &extra) { try source.read(into: $0) }
        if count > 0 {
            throw GibbsError(.malformedData, "goes on after the \(header.rows) rows its header speaks of",
                             advice: "the header is damaged or the file was appended to")
        }
    }

    private func tooMany(_ rows: Int, _ columns: Int) -> GibbsError {
        GibbsError(.limitExceeded, "\(rows) × \(columns) values exceed the limit of \(limits.cells) cells",
                   advice: "read it in chunks, or raise the limit cells")
    }

    private func read(_ count: Int) throws -> [Double] {
        var result = [Double]()
        let size = header.element.size, perPart = (1 << 20) / size
        while result.count < count {
            let part = min(perPart, count - result.count)
            if buffer.count != part * size { buffer = [UInt8](repeating: 0, count: part * size) }
            try buffer.withUnsafeMutableBytes { try source.readExactly($0, what: "the \(header.shape) values") }
            buffer.withUnsafeBytes { convert($0, part, &result) }
        }
        return result
    }

    private func convert(_ bytes: UnsafeRawBufferPointer, _ count: Int, _ result: inout [Double]) {
        func integers<T: FixedWidthInteger>(_: T.Type) {
            for index in 0 ..< count {
                let raw = bytes.loadUnaligned(fromByteOffset: index * MemoryLayout<T>.size, as: T.self)
                result.append(Double(header.isBigEndian ? T(bigEndian: raw) : T(littleEndian: raw)))
            }
        }
        func patterns<T: FixedWidthInteger>(_: T.Type, _ value: (T) -> Double) {
            for index in 0 ..< count {
                let raw = bytes.loadUnaligned(fromByteOffset: index * MemoryLayout<T>.size, as: T.self)
                result.append(value(header.isBigEndian ? T(bigEndian: raw) : T(littleEndian: raw)))
            }
        }
        switch header.element {
        case .float16: patterns(UInt16.self, Self.half)
        case .float32: patterns(UInt32.self) { Double(Float(bitPattern: $0)) }
        case .float64: patterns(UInt64.self) { Double(bitPattern: $0) }
        case .int8: integers(Int8.self)
        case .int16: integers(Int16.self)
        case .int32: integers(Int32.self)
        case .int64: integers(Int64.self)
        case .uint8: integers(UInt8.self)
        case .uint16: integers(UInt16.self)
        case .uint32: integers(UInt32.self)
        case .uint64: integers(UInt64.self)
        case .boolean: patterns(UInt8.self) { $0 == 0 ? 0 : 1 }
        }
    }

    /// Half precision by hand, since `Float16` does not exist on every machine this runs on.
    private static func half(_ bits: UInt16) -> Double {
        let sign: Double = bits & 0x8000 == 0 ? 1 : -1
        let exponent = Int(bits >> 10 & 0x1F), fraction = Double(bits & 0x3FF)
        switch exponent {
        case 0: return sign * fraction * 0x1p-24
        case 31: return fraction == 0 ? sign * .infinity : .nan
        default: return sign * (1 + fraction * 0x1p-10) * Double(sign: .plus, exponent: exponent - 15, significand: 1)
        }
    }
}
