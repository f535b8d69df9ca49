/// Floats of 16 bits as floats of 32; every one of them has its equal there. `Float16` is not to be had on every machine.
///
/// - Source: IEEE 754-2008, section 3.4, binary16; bfloat16 is the upper half of binary32.
enum ShortFloats {
    /// The value of an F16: (−1)ˢ 2^(e − 15) (1 + f/1024), and (−1)ˢ 2⁻¹⁴ f/1024 where e is 0.
    static func half(_ bits: UInt16) -> Float {
        let sign = UInt32(bits & 0x8000) << 16, exponent = UInt32(bits >> 10 & 0x1F), fraction = UInt32(bits & 0x3FF)
        switch exponent {
        case 0:
            let size = Float(fraction) * 0x1p-24
            return sign == 0 ? size : -size
        case 31: return Float(bitPattern: sign | 0x7F80_0000 | fraction << 13)
        default: return Float(bitPattern: sign | (exponent + 112) << 23 | fraction << 13)
        }
    }

    /// The value of a BF16.
    static func brain(_ bits: UInt16) -> Float { Float(bitPattern: UInt32(bits) << 16) }
}
