/// Reusable bytes for text that cannot be a view of its source, such as cells with doubled quotes.
final class Scratch {
    private(set) var start: UnsafeMutablePointer<UInt8>
    private(set) var count = 0
    private var capacity = 256

    init() { start = .allocate(capacity: capacity) }
    deinit { start.deallocate() }

    func clear() { count = 0 }

    func append(_ source: UnsafePointer<UInt8>, _ length: Int) {
        reserve(length)
        (start + count).update(from: source, count: length)
        count += length
    }

    func append(_ byte: UInt8) {
        reserve(1)
        start[count] = byte
        count += 1
    }

    func shorten(to length: Int) { count = length }

    /// The bytes so far, valid until the next change; a line feed and more readable bytes follow them.
    var text: UnsafeBufferPointer<UInt8> {
        reserve(0)
        start[count] = 0x0A
        return UnsafeBufferPointer(start: start, count: count)
    }

    private func reserve(_ length: Int) {
        // Sixteen more than asked for, so that words may be loaded behind the end.
        guard count + length + 16 > capacity else { return }
        capacity = max(capacity * 2, count + length + 16)
        let larger = UnsafeMutablePointer<UInt8>.allocate(capacity: capacity)
        larger.update(from: start, count: count)
        start.deallocate()
        start = larger
    }
}
