import Foundation
import GibbsCreate
import GibbsNumerics

/// Random views of images: what may change without making it another thing.
///
/// Each image is turned, scaled, sheared and shifted about its middle; then blurred, made lighter or darker and of more or less contrast; then a
/// rectangle is erased. All amounts are drawn evenly within their bounds. What is left the same is all that contrastive training can learn, so an
/// amount must not turn one class into another: a 6 turned round is a 9.
///
/// - Source: Chen et al., *A Simple Framework for Contrastive Learning of Visual Representations*, ICML 2020, section 3, for greyscale images.
public struct ImageViews: Sendable, Hashable, Codable {
    /// Largest turn either way, degrees.
    public var rotation: Float
    /// Largest change of size either way, a share: 0.2 for 1/1.2...1.2; drawn for height and width with half of it apart.
    public var scale: Float
    /// Largest shear either way, a share of the height.
    public var shear: Float
    /// Largest shift either way, a share of each side.
    public var shift: Float
    /// Share of images that are turned left to right.
    public var flips: Float
    /// Largest change of contrast and of brightness either way, a share.
    public var contrast: Float
    /// Share of images that are blurred by one pixel.
    public var blurs: Float
    /// Largest share of an image that is erased; half of the images lose something.
    public var erasing: Float

    /// Views with these bounds; the defaults suit centred drawings and things.
    public init(rotation: Float = 15, scale: Float = 0.2, shear: Float = 0.15, shift: Float = 0.1, flips: Float = 0, contrast: Float = 0.4, blurs: Float = 0.3, erasing: Float = 0.2) {
        (self.rotation, self.scale, self.shear, self.shift) = (rotation, scale, shear, shift)
        (self.flips, self.contrast, self.blurs, self.erasing) = (flips, contrast, blurs, erasing)
    }

    /// - Throws: `GibbsError` with code `.usage`, naming the bound that makes no sense.
    func check() throws {
        let rules: [(Bool, String)] = [
            ((0 ... 180).contains(rotation), "turns of \(rotation) degrees"), ((0 ... 4).contains(scale), "a change of size of \(scale)"), ((0 ... 2).contains(shear), "a shear of \(shear)"),
            ((0 ... 1).contains(shift), "a shift of \(shift)"), ((0 ... 1).contains(flips), "a share of \(flips) turned left to right"), ((0 ... 1).contains(contrast), "a change of contrast of \(contrast)"),
            ((0 ... 1).contains(blurs), "a share of \(blurs) blurred"), ((0 ... 0.9).contains(erasing), "an erased share of \(erasing)"),
        ]
        for (holds, text) in rules where !holds { throw GibbsError(.usage, "views with \(text)", advice: "give a number within bounds") }
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
        let u = key.uniforms(16)
        func spread(_ index: Int) -> Float { 2 * u[index] - 1 }
        warp(image, out, shape, ViewMap(turn: spread(0) * rotation * .pi / 180, height: pow(1 + scale, spread(1) + 0.5 * spread(2)), width: pow(1 + scale, spread(1) + 0.5 * spread(3)),
                                        shear: spread(4) * shear, down: spread(5) * shift * Float(shape.height), across: spread(6) * shift * Float(shape.width), isFlipped: u[7] < flips))
        if u[8] < blurs { blur(out, shape) }
        let gain = 1 + spread(9) * contrast, offset = spread(10) * contrast * 0.25
        // Brightness of what is there: the black ground of drawings stays black.
        for index in 0 ..< shape.pixels { out[index] = min(max(out[index] * (gain + offset), 0), 1) }
        if u[11] < 0.5 { erase(out, shape, u) }
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

    /// A rectangle of black, of half to twice the height of a square of its area.
    private func erase(_ x: UnsafeMutablePointer<Float>, _ shape: ImageShape, _ u: [Float]) {
        let area = u[12] * erasing * Float(shape.pixels), side = area.squareRoot() * pow(2, u[13] - 0.5)
        let height = min(shape.height, Int(side.rounded())), width = min(shape.width, Int((area / max(side, 1)).rounded()))
        let top = Int(u[14] * Float(shape.height - height + 1)), left = Int(u[15] * Float(shape.width - width + 1))
        for r in top ..< top + height { for c in left ..< left + width { x[r * shape.width + c] = 0 } }
    }
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
