/// A colour of a screen: red, green and blue.
public struct Colour: Sendable, Hashable {
    /// Red, green and blue, each in `0...255`.
    public var red, green, blue: UInt8

    /// A colour from its three parts, each in `0...255`.
    public init(_ red: UInt8, _ green: UInt8, _ blue: UInt8) { (self.red, self.green, self.blue) = (red, green, blue) }

    /// Six hexadecimal digits as one number, `0xRRGGBB`.
    init(_ hex: UInt32) { self.init(UInt8(hex >> 16 & 0xFF), UInt8(hex >> 8 & 0xFF), UInt8(hex & 0xFF)) }

    /// As SVG and CSS write it.
    var hex: String {
        let digits = String(UInt32(red) << 16 | UInt32(green) << 8 | UInt32(blue), radix: 16)
        return "#" + String(repeating: "0", count: 6 - digits.count) + digits
    }

    /// Colours that differ for colour-blind readers and in print, in the order in which series take them.
    ///
    /// - Source: Okabe and Ito, *Color Universal Design* (2008), reordered; without black, which axes use, and without
    ///   yellow, which fades on white.
    public static let series = [0x0072B2, 0xD55E00, 0x009E73, 0xCC79A7, 0xE69F00, 0x56B4E9].map { Colour(UInt32($0)) }
}

/// How numbers become colours: stops at equal distances, mixed linearly between neighbours.
public struct ColourMap: Sendable, Hashable {
    let stops: [Colour]

    /// Black to white.
    public static let grey = ColourMap(stops: [0x000000, 0xFFFFFF].map(Colour.init(_:)))

    /// Blue through white to red, for signed numbers: 0 below, ½ at zero, 1 above.
    ///
    /// - Source: The scheme RdBu of Brewer, *ColorBrewer* (2003), turned round, with pure white in its middle.
    public static let diverging = ColourMap(stops: [
        0x053061, 0x2166AC, 0x4393C3, 0x92C5DE, 0xD1E5F0, 0xFFFFFF, 0xFDDBC7, 0xF4A582, 0xD6604D, 0xB2182B, 0x67001F,
    ].map(Colour.init(_:)))

    /// Dark violet through green to yellow, for amounts: even steps look even, in grey print too.
    ///
    /// - Source: Stops of *viridis*, Smith and van der Walt (2015).
    public static let viridis = ColourMap(stops: [
        0x440154, 0x482878, 0x3E4989, 0x31688E, 0x26828E, 0x1F9E89, 0x35B779, 0x6ECE58, 0xB5DE2B, 0xFDE725,
    ].map(Colour.init(_:)))

    /// The colour at a place in `0...1`; places outside are clipped, and `nan` becomes mid grey.
    public func callAsFunction(_ place: Double) -> Colour {
        guard !place.isNaN else { return Colour(128, 128, 128) }
        let position = min(max(place, 0), 1) * Double(stops.count - 1)
        let index = min(Int(position), stops.count - 2), share = position - Double(index)
        func mix(_ part: KeyPath<Colour, UInt8>) -> UInt8 {
            let low = Double(stops[index][keyPath: part]), high = Double(stops[index + 1][keyPath: part])
            return UInt8((low + share * (high - low)).rounded())
        }
        return Colour(mix(\.red), mix(\.green), mix(\.blue))
    }
}
