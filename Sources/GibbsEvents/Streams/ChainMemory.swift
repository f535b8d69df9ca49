/// What columns of a chain of choices gain, by the codes up to them: days begin alike, and what a thousand of them share is measured once.
///
/// A column's gain depends on nothing but the codes of its row as far as itself, so that what is remembered is exactly what would be
/// measured again. A place of the memory holds the one that came last.
struct ChainMemory: Sendable {
    private struct Place: Sendable {
        var key: UInt64 = 0
        var gain: Float = 0
    }

    /// 256 KiB.
    private static let count = 1 << 14
    private var places: [Place] = []

    /// The key of the columns up to one more code; begin with 1.
    static func key(_ before: UInt64, _ code: Int32) -> UInt64 {
        // The constant keeps 0 from going to 0 for ever, which would make all prefixes of zeros one.
        let mixed = ((before ^ UInt64(UInt32(bitPattern: code))) &+ 0xD6E8_FEB8_6659_FD93) &* 0x9E37_79B9_7F4A_7C15
        return mixed ^ mixed >> 29
    }

    /// What is remembered of a key; `nil` for nothing.
    func gain(_ key: UInt64) -> Float? {
        if places.isEmpty { return nil }
        let place = places[Int(truncatingIfNeeded: key >> 8) & (Self.count - 1)]
        return place.key == key ? place.gain : nil
    }

    /// Remembers a gain.
    mutating func keep(_ gain: Float, key: UInt64) {
        if places.isEmpty { places = [Place](repeating: Place(), count: Self.count) }
        places[Int(truncatingIfNeeded: key >> 8) & (Self.count - 1)] = Place(key: key, gain: gain)
    }
}
