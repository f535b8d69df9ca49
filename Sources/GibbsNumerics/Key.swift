import CKernels

/// A value from which all randomness of a call is derived.
///
/// There is no global seed: a function that needs randomness takes a key, and the same key draws the same numbers on
/// every thread count. Make one from a number, then `split` it or `fold` names into it; never use one key for two purposes.
///
/// Derivation is one block of Threefry-2x32 with 20 rounds.
/// - Source: Salmon, Moraes, Dror, Shaw, *Parallel Random Numbers: As Easy as 1, 2, 3*, SC 2011; the splitting idiom is JAX's.
public struct Key: Sendable, Hashable, Codable {
    let low: UInt32
    let high: UInt32

    init(low: UInt32, high: UInt32) {
        self.low = low
        self.high = high
    }

    /// A key from a number; different numbers give unrelated keys.
    public init(_ seed: UInt64) {
        self.init(low: UInt32(truncatingIfNeeded: seed), high: UInt32(truncatingIfNeeded: seed >> 32))
    }

    /// A key that depends on this one and on `data`: for step numbers, field indices and the like.
    public func folding(_ data: Int) -> Key {
        let counter = UInt64(bitPattern: Int64(data))
        // The top bit of the counter separates derivation from the streams, whose counters stay below it.
        let block = gk_threefry(raw, gk_key(low: UInt32(truncatingIfNeeded: counter),
                                            high: UInt32(truncatingIfNeeded: counter >> 32) ^ 0x8000_0000), 20)
        return Key(low: block.low, high: block.high)
    }

    /// Two unrelated keys: `folding(0)` and `folding(1)`.
    public func split() -> (Key, Key) { (folding(0), folding(1)) }

    /// `count` unrelated keys, `folding(0)` and so on; the first of more are those of fewer.
    public func split(into count: Int) -> [Key] { (0 ..< count).map(folding) }

    package var raw: gk_key { gk_key(low: low, high: high) }
}

// MARK: - Draws

extension Key {
    /// `count` numbers uniform in [0, 1), each with 24 random bits. Cost: about 0.3 ns a number.
    public func uniforms(_ count: Int) -> [Float] {
        [Float](unsafeUninitializedCapacity: count) { buffer, initialised in
            if count > 0 { gk_uniforms(buffer.baseAddress!, count, raw, 0) }
            initialised = count
        }
    }

    /// `count` standard normal numbers (Box–Muller; magnitudes up to 5.8). Cost: about 0.8 ns a number.
    public func normals(_ count: Int) -> [Float] {
        [Float](unsafeUninitializedCapacity: count) { buffer, initialised in
            if count > 0 { gk_normals(buffer.baseAddress!, count, raw, 0) }
            initialised = count
        }
    }

    /// One number uniform in [0, 1) with 53 random bits.
    public func uniform() -> Double {
        let block = gk_threefry(raw, gk_key(low: 0, high: 0), 20)
        let word = UInt64(block.high) << 32 | UInt64(block.low)
        return Double(word >> 11) * 0x1p-53
    }

    /// A uniformly random order of `0 ..< count` (Fisher–Yates). Cost: about 10 ns a number.
    public func permutation(_ count: Int) -> [Int] {
        var order = Array(0 ..< count)
        order.shuffle(key: self)
        return order
    }

    /// `count` distinct indices below `bound`, in increasing order; all of them when `count >= bound`.
    public func choose(_ count: Int, of bound: Int) -> [Int] {
        count >= bound ? Array(0 ..< bound) : Array(permutation(bound).prefix(count)).sorted()
    }
}

extension Array {
    /// Shuffles in place with randomness derived from `key` (Fisher–Yates).
    public mutating func shuffle(key: Key) {
        var generator = KeyedGenerator(key: key)
        shuffle(using: &generator)
    }
}

/// A standard-library random number generator that reads the stream of a key.
public struct KeyedGenerator: RandomNumberGenerator, Sendable {
    private let key: Key
    private var counter: UInt64 = 0

    /// The stream of `key` from its beginning.
    public init(key: Key) { self.key = key }

    public mutating func next() -> UInt64 {
        let block = gk_threefry(key.raw, gk_key(low: UInt32(truncatingIfNeeded: counter),
                                                high: UInt32(truncatingIfNeeded: counter >> 32)), 20)
        counter += 1
        return UInt64(block.high) << 32 | UInt64(block.low)
    }
}
