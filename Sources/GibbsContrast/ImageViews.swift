import Foundation
import GibbsCreate
import GibbsNumerics

/// Random views of images: what may change without making it another thing.
///
/// Each image is turned, scaled, sheared and shifted about its middle; then blurred, made lighter or darker and of more or less contrast; then a
/// rectangle is erased. Amounts are drawn evenly within their bounds, sizes and contrasts as sums of two such draws. What is left the same is all that
/// contrastive training can learn, so an amount must not turn one class into another: a 6 turned round is a 9.
///
/// - Source: Chen et al., *A Simple Framework for Contrastive Learning of Visual Representations*, ICML 2020, section 3, for greyscale images.
public struct ImageViews: Sendable, Hashable, Codable {
    /// Largest turn either way, degrees.
    public var rotation: Float
    /// Change of size: height and width are multiplied by (1 + scale)ᵉ, each by its own e in −1.5...1.5, of which −1...1 is the same for both and
    /// −0.5...0.5 their own. 0.1 is 0.87...1.15 times the size, and up to 1.1 times as high for its width or as wide for its height.
    public var scale: Float
    /// Largest shear either way: how far a line moves aside, a share of its height above or below the middle.
    public var shear: Float
    /// Largest shift either way, a share of each side.
    public var shift: Float
    /// Share of images that are turned left to right.
    public var flips: Float
    /// Change of contrast: brightness is multiplied by 1 + contrast · e, e in −1.25...1.25, and cut at 1. Black stays black, and with 0.75, the
    /// most there is, nothing else becomes so.
    public var contrast: Float
    /// Share of images that are blurred by one pixel.
    public var blurs: Float
    /// Largest share of an image that is erased, but for rounding to whole pixels; half of the images lose something.
    public var erasing: Float

    /// Views with these bounds; the defaults suit centred drawings and things, whose kinds differ by little.
    public init(rotation: Float = 5, scale: Float = 0.1, shear: Float = 0.05, shift: Float = 0.05, flips: Float = 0, contrast: Float = 0.2, blurs: Float = 0.3, erasing: Float = 0.1) {
        (self.rotation, self.scale, self.shear, self.shift) = (rotation, scale, shear, shift)
        (self.flips, self.contrast, self.blurs, self.erasing) = (flips, contrast, blurs, erasing)
    }

    /// - Throws: `GibbsError` with code `.usage`, naming the bound that makes no sense.
    func check() throws {
        let rules: [(Float, Float, String)] = [
            (rotation, 180, "turns of \(rotation) degrees"), (scale, 4, "a change of size of \(scale)"), (shear, 2, "a shear of \(shear)"), (shift, 1, "a shift of \(shift)"),
            (flips, 1, "a share of \(flips) turned left to right"), (contrast, 0.75, "a change of contrast of \(contrast)"), (blurs, 1, "a share of \(blurs) blurred"),
            (erasing, 0.9, "an erased share of \(erasing)"),
        ]
        for (value, most, text) in rules where !(0 ... most).contains(value) { throw GibbsError(.usage, "views with \(text)", advice: "give a number from 0 to " + String(format: "%g", most)) }
    }

    /// A view of every image; consumes `key`, image i its `folding(i)`.
    ///
    /// - Parameter images: Shape `[images, shape.pixels]`, 0...1, which views keep.
    /// - Complexity: Some 20 ns a pixel, in parallel over images.
    public func views(of images: Matrix, shape: ImageShape, key: Key) -> Matrix {
        var result = Matrix(rows: images.rows, columns: images.columns)
        result.values.withUnsafeMutableBufferPointer { out in
            let out = SharedPointer(out.baseAddress)
            parallelRanges(images.rows, minimum: 8) { rows in
                images.values.withUnsafeBufferPointer { from in
                    for row in rows { view(from.baseAddress! + row * images.columns, out.pointer! + row * images.columns, shape, key.folding(row)) }
                }
            }
        }
        return result
    }

    private func view(_ image: UnsafePointer<Float>, _ out: UnsafeMutablePointer<Float>, _ shape: ImageShape, _ key: Key) {
        let drawn = ViewDraws(key), size = drawn.spread(.size)
        warp(image, out, shape, ViewMap(turn: drawn.spread(.turn) * rotation * .pi / 180, height: pow(1 + scale, size + 0.5 * drawn.spread(.height)),
                                        width: pow(1 + scale, size + 0.5 * drawn.spread(.width)), shear: drawn.spread(.shear) * shear,
                                        down: drawn.spread(.down) * shift * Float(shape.height), across: drawn.spread(.across) * shift * Float(shape.width), isFlipped: drawn[.flip] < flips))
        if drawn[.blur] < blurs { blur(out, shape) }
        // The ground of drawings stays black: what is there becomes brighter or darker.
        let factor = 1 + drawn.spread(.contrast) * contrast + drawn.spread(.brightness) * contrast * 0.25
        for index in 0 ..< shape.pixels { out[index] = min(max(out[index] * factor, 0), 1) }
        if drawn[.erase] < 0.5 { erase(out, shape, drawn) }
    }

    /// The image seen through a map, by bilinear interpolation; black beyond its edges.
    private func warp(_ image: UnsafePointer<Float>, _ out: UnsafeMutablePointer<Float>, _ shape: ImageShape, _ map: ViewMap) {
        let (height, width) = (shape.height, shape.width), middle = (y: Float(height - 1) / 2, x: Float(width - 1) / 2)
        for r in 0 ..< height {
            for c in 0 ..< width {
                let (y, x) = map.source(Float(r) - middle.y, Float(c) - middle.x), (sy, sx) = (y + middle.y, x + middle.x)
                let top = Int(sy.rounded(.down)), left = Int(sx.rounded(.down)), fy = sy - Float(top), fx = sx - Float(left)
                var sum: Float = 0
                if top >= 0, left >= 0, top + 1 < height, left + 1 < width {
                    let at = image + top * width + left
                    sum = (at[0] * (1 - fx) + at[1] * fx) * (1 - fy) + (at[width] * (1 - fx) + at[width + 1] * fx) * fy
                } else {
                    for dy in 0 ... 1 { for dx in 0 ... 1 where (0 ..< height).contains(top + dy) && (0 ..< width).contains(left + dx) {
                        sum += image[(top + dy) * width + left + dx] * (dy == 1 ? fy : 1 - fy) * (dx == 1 ? fx : 1 - fx)
                    } }
                }
                out[r * width + c] = sum
            }
        }
    }

    /// Each pixel a mean of its neighbours with the weights 1, 2, 1 down and across.
    private func blur(_ x: UnsafeMutablePointer<Float>, _ shape: ImageShape) {
        func pass(_ count: Int, _ step: Int, _ base: Int) {
            var before: Float = 0
            for k in 0 ..< count {
                let at = base + k * step, here = x[at], after = k + 1 < count ? x[at + step] : 0
                x[at] = 0.25 * before + 0.5 * here + 0.25 * after
                before = here
            }
        }
        for r in 0 ..< shape.height { pass(shape.width, 1, r * shape.width) }
        for c in 0 ..< shape.width { pass(shape.height, shape.width, c) }
    }

    /// A rectangle of black, half to twice as high as it is wide.
    private func erase(_ x: UnsafeMutablePointer<Float>, _ shape: ImageShape, _ drawn: ViewDraws) {
        let area = drawn[.area] * erasing * Float(shape.pixels), side = area.squareRoot() * pow(2, drawn[.form] - 0.5)
        let height = min(shape.height, Int(side.rounded())), width = min(shape.width, Int((area / max(side, 1)).rounded()))
        let top = Int(drawn[.top] * Float(shape.height - height + 1)), left = Int(drawn[.left] * Float(shape.width - width + 1))
        for r in top ..< top + height { for c in left ..< left + width { x[r * shape.width + c] = 0 } }
    }
}

/// The random numbers of one view.
private struct ViewDraws {
    /// What each number is for. A new one goes to the end, so that the others stay what they are.
    enum Use: Int, CaseIterable {
        case turn, size, height, width, shear, down, across, flip, blur, contrast, brightness, erase, area, form, top, left
    }

    private let values: [Float]

    init(_ key: Key) { values = key.uniforms(Use.allCases.count) }

    /// Even in 0..<1.
    subscript(use: Use) -> Float { values[use.rawValue] }

    /// Even in −1..<1.
    func spread(_ use: Use) -> Float { 2 * self[use] - 1 }
}

/// Where a pixel of a view comes from, both counted from the middle.
private struct ViewMap {
    private let yy: Float, yx: Float, xy: Float, xx: Float, down: Float, across: Float

    init(turn: Float, height: Float, width: Float, shear: Float, down: Float, across: Float, isFlipped: Bool) {
        let (c, s) = (cos(turn), sin(turn)), side: Float = isFlipped ? -1 : 1
        (yy, yx) = (c / height, s / height)
        (xy, xx) = (side * (-s + shear * c) / width, side * (c + shear * s) / width)
        (self.down, self.across) = (down, across)
    }

    func source(_ r: Float, _ c: Float) -> (y: Float, x: Float) {
        let (y, x) = (r - down, c - across)
        return (yy * y + yx * x, xy * y + xx * x)
    }
}
