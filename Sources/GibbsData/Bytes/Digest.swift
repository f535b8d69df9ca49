/// A 64-bit fingerprint of a stream of bytes, for saying which data a model was trained on. It protects against mix-ups,
/// not against forgery.
///
/// `xxhsum -H64` prints the same hexadecimal digits for the same (uncompressed) bytes.
///
/// - Complexity: One pass, several gigabytes a second; the state is constant.
/// - Source: Yann Collet, *xxHash fast digest algorithm*, XXH64 with the seed 0.
public struct Digest: Sendable {
    private static let prime1: UInt64 = 0x9E37_79B1_85EB_CA87
    private static let prime2: UInt64 = 0xC2B2_AE3D_27D4_EB4F
    private static let prime3: UInt64 = 0x1656_67B1_9E37_79F9
    private static let prime4: UInt64 = 0x85EB_CA77_C2B2_AE63
    private static let prime5: UInt64 = 0x27D4_EB2F_1656_67C5

    private var lanes = SIMD4<UInt64>(Self.prime1 &+ Self.prime2, Self.prime2, 0, 0 &- Self.prime1)
    private var tail = [UInt8]()
    private var total: UInt64 = 0

    /// The digest of no bytes so far.
    public init() {}

    /// The digest of some bytes at once.
    public static func hex(of bytes: some Sequence<UInt8>) -> String {
        var digest = Digest()
        Array(bytes).withUnsafeBytes { digest.update($0) }
        return digest.hex
    }

    /// Takes in the next bytes of the stream; how the stream is cut makes no difference.
    public mutating func update(_ bytes: UnsafeRawBufferPointer) {
        total &+= UInt64(bytes.count)
        var rest = bytes[...]
        if !tail.isEmpty {
            let missing = min(32 - tail.count, rest.count)
            tail.append(contentsOf: rest.prefix(missing))
            rest = rest.dropFirst(missing)
            guard tail.count == 32 else { return }
            let full = tail
            full.withUnsafeBytes { absorb($0) }
            tail.removeAll(keepingCapacity: true)
        }
        let whole = rest.count / 32 * 32
        absorb(UnsafeRawBufferPointer(rebasing: rest.prefix(whole)))
        tail.append(contentsOf: rest.dropFirst(whole))
    }

    private mutating func absorb(_ bytes: UnsafeRawBufferPointer) {
        var (a, b, c, d) = (lanes[0], lanes[1], lanes[2], lanes[3])
        var offset = 0
        while offset < bytes.count {
            a = Self.round(a, Self.word(bytes, offset))
            b = Self.round(b, Self.word(bytes, offset + 8))
            c = Self.round(c, Self.word(bytes, offset + 16))
            d = Self.round(d, Self.word(bytes, offset + 24))
            offset += 32
        }
        lanes = SIMD4(a, b, c, d)
    }

    /// Sixteen hexadecimal digits for everything taken in so far.
    public var hex: String {
        var hash: UInt64
        if total >= 32 {
            hash = Self.rotate(lanes[0], 1) &+ Self.rotate(lanes[1], 7) &+ Self.rotate(lanes[2], 12)
                &+ Self.rotate(lanes[3], 18)
            for lane in 0 ..< 4 { hash = (hash ^ Self.round(0, lanes[lane])) &* Self.prime1 &+ Self.prime4 }
        } else {
            hash = Self.prime5
        }
        hash &+= total
        tail.withUnsafeBytes { bytes in
            var offset = 0
            while offset + 8 <= bytes.count {
                hash ^= Self.round(0, Self.word(bytes, offset))
                hash = Self.rotate(hash, 27) &* Self.prime1 &+ Self.prime4
                offset += 8
            }
            if offset + 4 <= bytes.count {
                hash ^= UInt64(UInt32(littleEndian: bytes.loadUnaligned(fromByteOffset: offset, as: UInt32.self))) &* Self.prime1
                hash = Self.rotate(hash, 23) &* Self.prime2 &+ Self.prime3
                offset += 4
            }
            while offset < bytes.count {
                hash ^= UInt64(bytes[offset]) &* Self.prime5
                hash = Self.rotate(hash, 11) &* Self.prime1
                offset += 1
            }
        }
        hash = (hash ^ hash >> 33) &* Self.prime2
        hash = (hash ^ hash >> 29) &* Self.prime3
        hash ^= hash >> 32
        let digits = String(hash, radix: 16)
        return String(repeating: "0", count: 16 - digits.count) + digits
    }

    @inline(__always)
    private static func round(_ accumulator: UInt64, _ input: UInt64) -> UInt64 {
        rotate(accumulator &+ input &* prime2, 31) &* prime1
    }

    @inline(__always)
    private static func rotate(_ value: UInt64, _ count: UInt64) -> UInt64 { value << count | value >> (64 - count) }

    @inline(__always)
    private static func word(_ bytes: UnsafeRawBufferPointer, _ offset: Int) -> UInt64 {
        UInt64(littleEndian: bytes.loadUnaligned(fromByteOffset: offset, as: UInt64.self))
    }
}
