import CKernels
import Foundation
import GibbsData
import GibbsNumerics

/// Reads plain values off bytes, never beyond their end.
struct ByteReader {
    private let bytes: ArraySlice<UInt8>
    private var at: Int

    init(_ bytes: ArraySlice<UInt8>) { (self.bytes, at) = (bytes, bytes.startIndex) }

    var isAtEnd: Bool { at == bytes.endIndex }

    /// The first eight bytes as a number.
    func peek() -> UInt64 { bytes.prefix(8).enumerated().reduce(0) { $0 | UInt64($1.element) << UInt64(8 * $1.offset) } }

    /// So many values; values of any bits must be allowed for the type.
    mutating func take<Value: BitwiseCopyable>(_ type: Value.Type, _ count: Int) throws -> [Value] {
        let (size, overflow) = count.multipliedReportingOverflow(by: MemoryLayout<Value>.stride)
        guard count >= 0, !overflow, size <= bytes.endIndex - at else {
            throw GibbsError(.unsuitableData, "is cut off", advice: "move it away: the watch then begins without a past")
        }
        defer { at += size }
        return [Value](unsafeUninitializedCapacity: count) { buffer, filled in
            bytes[at ..< at + size].withUnsafeBytes { source in UnsafeMutableRawBufferPointer(buffer).copyMemory(from: source) }
            filled = count
        }
    }
}

/// Passes bytes on to a file as they come, and their sum at the end.
///
///     s₀ = 0,   sᵢ = hash(stretch i; sᵢ₋₁),   stretches of 1 MiB
struct SummedWriter {
    private static let stretch = 1 << 20
    private let output: OutputFile
    private var waiting = [UInt8](), sum: UInt64 = 0

    init(_ output: OutputFile) {
        self.output = output
        waiting.reserveCapacity(Self.stretch)
    }

    mutating func write(_ bytes: UnsafeRawBufferPointer) throws {
        var rest = bytes[...]
        while !rest.isEmpty {
            let part = rest.prefix(Self.stretch - waiting.count)
            waiting.append(contentsOf: part)
            rest = rest.dropFirst(part.count)
            if waiting.count == Self.stretch { try pass() }
        }
    }

    /// Writes what waits, and the sum of all.
    mutating func finish() throws {
        if !waiting.isEmpty { try pass() }
        try withUnsafeBytes(of: sum.littleEndian) { try output.write($0) }
    }

    private mutating func pass() throws {
        sum = gk_hash(waiting, waiting.count, sum)
        try output.write(waiting)
        waiting.removeAll(keepingCapacity: true)
    }

    /// The sum of bytes.
    static func sum(_ bytes: ArraySlice<UInt8>) -> UInt64 {
        bytes.withUnsafeBufferPointer { bytes in
            stride(from: 0, to: bytes.count, by: stretch).reduce(0) { gk_hash(bytes.baseAddress! + $1, min(stretch, bytes.count - $1), $0) }
        }
    }
}
