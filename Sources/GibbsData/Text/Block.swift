/// A growing buffer of text whose unread part starts with a record. A line feed and spare bytes always follow the text.
final class Block {
    private static let padding = 64
    private var base: UnsafeMutablePointer<UInt8>
    private var capacity: Int
    private var low = 0
    private var high = 0

    init(capacity: Int) {
        self.capacity = capacity
        base = .allocate(capacity: capacity + Self.padding)
        seal()
    }

    deinit { base.deallocate() }

    var start: UnsafePointer<UInt8> { UnsafePointer(base + low) }
    var end: UnsafePointer<UInt8> { UnsafePointer(base + high) }
    var count: Int { high - low }

    func skip(to position: UnsafePointer<UInt8>) { low = position - UnsafePointer(base) }

    /// Replaces the content.
    func restart(with bytes: UnsafeBufferPointer<UInt8>) {
        low = 0
        high = bytes.count
        if capacity < bytes.count * 2 { grow(bytes.count * 2, keeping: 0) }
        if bytes.count > 0 { base.update(from: bytes.baseAddress!, count: bytes.count) }
        seal()
    }

    func append(_ byte: UInt8) {
        if high == capacity { grow(capacity * 2, keeping: high) }
        base[high] = byte
        high += 1
        seal()
    }

    /// Reads on; room is made by moving the text to the front, then by doubling. Returns whether the source has ended.
    func fill(from source: ByteSource) throws -> Bool {
        if low > 0 {
            base.update(from: base + low, count: count)
            high -= low
            low = 0
        }
        if high * 2 > capacity { grow(capacity * 2, keeping: high) }
        let (count, atEnd) = try source.fill(UnsafeMutableRawBufferPointer(start: base + high, count: capacity - high))
        high += count
        seal()
        return atEnd
    }

    private func grow(_ larger: Int, keeping count: Int) {
        let replacement = UnsafeMutablePointer<UInt8>.allocate(capacity: larger + Self.padding)
        replacement.update(from: base, count: count)
        base.deallocate()
        base = replacement
        capacity = larger
    }

    private func seal() {
        base[high] = 0x0A
        for index in 1 ..< Self.padding { base[high + index] = 0 }
    }
}
