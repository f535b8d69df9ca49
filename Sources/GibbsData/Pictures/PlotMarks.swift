import Foundation
import GibbsNumerics

/// A layer on its way to the page.
struct PlotMarks {
    let layer: Plot.Layer
    let style: PlotStyle
    /// Shares per bin, for a histogram.
    let densities: [Double]
    let bins: HistogramBins?

    /// The shapes of this layer. Grounds are drawn elsewhere.
    func svg(in frame: PlotFrame) -> String {
        let colour = style.colour.hex
        switch layer.kind {
        case .histogram:
            let outline = SVG.path(steps(in: frame))
            return "<path d=\"\(outline)Z\" fill=\"\(colour)\" fill-opacity=\"0.3\"/>\n"
                + stroke(outline, width: 1.2)
        case .line(let x, let y): return stroke(SVG.path(Self.thinned(page(x, y, frame))), width: x.count > 2000 ? 0.8 : x.count > 500 ? 1.2 : 1.7)
        case .points(let x, let y): return dots(page(x, y, frame), frame)
        case .band(let x, let lower, let upper):
            let outline = Self.thinned(page(x, upper, frame)) + Self.thinned(page(x, lower, frame)).reversed()
            return "<path d=\"\(SVG.path(outline))Z\" fill=\"\(colour)\" fill-opacity=\"0.2\"/>\n"
        case .errorBars(let x, let y, let lower, let upper):
            let bars = zip(x, zip(lower, upper)).map { x, ends in
                let place = frame.x(x), low = frame.y(ends.0), high = frame.y(ends.1)
                return SVG.path([(place, low), (place, high)]) + SVG.path([(place - 3, low), (place + 3, low)])
                    + SVG.path([(place - 3, high), (place + 3, high)])
            }
            return "<path d=\"\(bars.joined())\" fill=\"none\" stroke=\"\(colour)\" stroke-width=\"1.2\"/>\n"
                + dots(page(x, y, frame), frame, size: 6, opacity: 1)
        case .vertical(let x): return stroke(SVG.path([(frame.x(x), frame.area.bottom), (frame.x(x), frame.area.top)]), width: 1.4)
        case .horizontal(let y): return stroke(SVG.path([(frame.area.left, frame.y(y)), (frame.area.right, frame.y(y))]), width: 1.4)
        case .landscape, .image: return ""
        }
    }

    /// Points of the page that a legend should not cover.
    func anchors(in frame: PlotFrame) -> [(x: Double, y: Double)] {
        switch layer.kind {
        case .histogram:
            let corners = steps(in: frame)
            return stride(from: 1, to: corners.count - 1, by: 2).flatMap { index -> [(x: Double, y: Double)] in
                let top = corners[index], next = corners[index + 1]
                return stride(from: 0.0, through: 1, by: 0.125).map { ((top.x + next.x) / 2, top.y + (frame.area.bottom - top.y) * $0) }
            }
        case .line(let x, let y): return Self.between(Self.thinned(page(x, y, frame)))
        case .points(let x, let y): return page(x, y, frame)
        case .band(let x, let lower, let upper), .errorBars(let x, _, let lower, let upper):
            return Self.between(page(x, lower, frame)) + Self.between(page(x, upper, frame))
        case .vertical(let x): return Self.between([(frame.x(x), frame.area.top), (frame.x(x), frame.area.bottom)])
        case .horizontal(let y): return Self.between([(frame.area.left, frame.y(y)), (frame.area.right, frame.y(y))])
        case .landscape, .image: return []
        }
    }

    private func page(_ x: [Double], _ y: [Double], _ frame: PlotFrame) -> [(x: Double, y: Double)] {
        zip(x, y).map { (frame.x($0), frame.y($1)) }
    }

    private func stroke(_ path: String, width: Double) -> String {
        "<path d=\"\(path)\" fill=\"none\" stroke=\"\(style.colour.hex)\" stroke-width=\"\(SVG.number(width))\" "
            + "stroke-linejoin=\"round\"\(style.dashes)/>\n"
    }

    /// From the ground up to the first bin, from bin to bin, and down again.
    private func steps(in frame: PlotFrame) -> [(x: Double, y: Double)] {
        guard let bins else { return [] }
        let ground = frame.area.bottom
        var result = [(x: frame.x(bins.edge(0)), y: ground)]
        for (index, density) in densities.enumerated() {
            let top = density > 0 ? frame.y(density) : ground
            result += [(frame.x(bins.edge(index)), top), (frame.x(bins.edge(index + 1)), top)]
        }
        return result + [(frame.x(bins.edge(densities.count)), ground)]
    }

    /// Round dots as lines without length, which is the shortest way to say them; over a picture they get a white rim.
    private func dots(_ places: [(x: Double, y: Double)], _ frame: PlotFrame, size: Double? = nil, opacity: Double? = nil) -> String {
        let size = size ?? (places.count > 2000 ? 2 : places.count > 300 ? 3 : frame.hasGround ? 4 : 5)
        let opacity = opacity ?? (places.count > 2000 ? 0.35 : places.count > 300 ? 0.55 : 0.8)
        let marks = Self.distinct(places, frame).map { "<path d=\"M\(SVG.number($0.x)) \(SVG.number($0.y))h0\"/>\n" }.joined()
        func group(_ colour: String, _ size: Double, _ opacity: Double) -> String {
            "<g fill=\"none\" stroke=\"\(colour)\" stroke-width=\"\(SVG.number(size))\" stroke-linecap=\"round\" "
                + "stroke-opacity=\"\(SVG.number(opacity))\">\n\(marks)</g>\n"
        }
        return frame.hasGround ? group("#ffffff", size + 1.4, 0.8) + group(style.colour.hex, size, 1)
            : group(style.colour.hex, size, opacity)
    }

    /// Points inside the frame; of very many, one for each pixel.
    private static func distinct(_ places: [(x: Double, y: Double)], _ frame: PlotFrame) -> [(x: Double, y: Double)] {
        let area = frame.area
        let inside = places.filter { $0.x >= area.left - 3 && $0.x <= area.right + 3 && $0.y >= area.top - 3 && $0.y <= area.bottom + 3 }
        guard inside.count > 20_000 else { return inside }
        var seen = Set<Int>()
        return inside.filter { seen.insert(Int($0.x) << 20 | Int($0.y)).inserted }
    }

    /// A long line from left to right with its first, lowest, highest and last point in each half pixel: it looks the same.
    static func thinned(_ points: [(x: Double, y: Double)]) -> [(x: Double, y: Double)] {
        guard points.count > 5000, zip(points, points.dropFirst()).allSatisfy({ $0.x <= $1.x }) else { return points }
        var result = [(x: Double, y: Double)](), start = 0
        while start < points.count {
            let column = (points[start].x * 2).rounded(.down)
            var end = start + 1, low = start, high = start
            while end < points.count, (points[end].x * 2).rounded(.down) == column {
                if points[end].y < points[low].y { low = end }
                if points[end].y > points[high].y { high = end }
                end += 1
            }
            for index in Set([start, low, high, end - 1]).sorted() { result.append(points[index]) }
            start = end
        }
        return result
    }

    /// Points of a line and some between them, so that long pieces count too.
    private static func between(_ points: [(x: Double, y: Double)]) -> [(x: Double, y: Double)] {
        guard points.count > 1 else { return points }
        let parts = max(1, 200 / points.count)
        return zip(points, points.dropFirst()).flatMap { a, b in
            (0 ... parts).map { part in
                let share = Double(part) / Double(parts)
                return (a.x + (b.x - a.x) * share, a.y + (b.y - a.y) * share)
            }
        }
    }
}
