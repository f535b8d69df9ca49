import CZlib
import GibbsNumerics

/// Deflate streams opened piece by piece: memory stays constant whatever the stream claims to hold.
final class Inflater {
    enum Wrapping {
        /// Headers and checksums of gzip.
        case gzip
        /// Bare deflate data, as in zip members.
        case raw
    }

    private let stream = UnsafeMutablePointer<z_stream>.allocate(capacity: 1)

    init(_ wrapping: Wrapping) {
        stream.initialize(to: z_stream())
        let status = inflateInit2_(stream, wrapping == .gzip ? 15 + 16 : -15, ZLIB_VERSION,
                                   Int32(MemoryLayout<z_stream>.size))
        precondition(status == Z_OK, "zlib refused to start: status \(status)")
    }

    deinit {
        inflateEnd(stream)
        stream.deallocate()
    }

    /// Begins a new stream.
    func reset() { inflateReset(stream) }

    /// Fills `output` from `input` as far as both go.
    ///
    /// - Returns: How much was consumed and produced, and whether the stream's end was reached.
    /// - Throws: `.malformedData` for bytes that are no deflate stream or whose checksum fails.
    func inflate(_ input: UnsafeRawBufferPointer, into output: UnsafeMutableRawBufferPointer) throws
        -> (consumed: Int, produced: Int, finished: Bool) {
        // zlib counts in 32 bits; larger buffers are served in parts by the caller's loop.
        let available = min(input.count, 1 << 30), room = min(output.count, 1 << 30)
        stream.pointee.next_in = UnsafeMutablePointer(mutating: input.baseAddress?.assumingMemoryBound(to: UInt8.self))
        stream.pointee.avail_in = UInt32(available)
        stream.pointee.next_out = output.baseAddress?.assumingMemoryBound(to: UInt8.self)
        stream.pointee.avail_out = UInt32(room)
        let status = CZlib.inflate(stream, Z_NO_FLUSH)
        guard status == Z_OK || status == Z_STREAM_END || status == Z_BUF_ERROR else {
            let reason = stream.pointee.msg.map { String(cString: $0) } ?? "status \(status)"
            throw GibbsError(.malformedData, "the compressed data is damaged (\(reason))", advice: "fetch or compress the file again")
        }
        return (available - Int(stream.pointee.avail_in), room - Int(stream.pointee.avail_out), status == Z_STREAM_END)
    }
}
