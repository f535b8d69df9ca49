import Foundation
import GibbsNumerics

/// A plot whose data have been checked, on its way to the page: sizes first, then shapes from back to front.
struct PlotDrawing {
    private static let barWidth = 11.0
    private let plot: Plot
    private let marks: [PlotMarks]
    private let hasGround: Bool
    /// The landscape whose colours the bar at the right explains.
    private let landscape: (ground: Landscape, ticks: Plot.Ticks, name: String)?
    private var frame: PlotFrame
    private var corner: Plot.Legend

    init(_ plot: Plot) throws {
        guard plot.width >= 120, plot.height >= 90, plot.width <= 10_000, plot.height <= 10_000 else {
            throw GibbsError(.usage, "a plot of \(plot.width) × \(plot.height) pixels", advice: "give between 120 × 90 and 10000 × 10000")
        }
        guard !plot.layers.isEmpty else {
            throw GibbsError(.unsuitableData, "a plot without layers", advice: "add at least one")
        }
        for layer in plot.layers { try layer.check() }
        self.plot = plot
        marks = try Self.marks(of: plot)
        hasGround = plot.layers.contains(where: \.isGround)
        landscape = try plot.layers.lazy.compactMap { layer -> (Landscape, Plot.Ticks, String)? in
            guard case .landscape(let ground) = layer.kind else { return nil }
            return try (ground, ground.ticks(count: 6), layer.name)
        }.first
        corner = plot.legend
        frame = try Self.frame(plot, marks, landscape.map { Self.barRoom($0.ticks, $0.name) } ?? 0)
        try placeLegend()
    }
}

// What is shown, and where it stands.
extension PlotDrawing {
    private static func marks(of plot: Plot) throws -> [PlotMarks] {
        let samples = plot.layers.compactMap { layer -> [Double]? in
            guard case .histogram(let values) = layer.kind else { return nil }
            return values
        }
        let bins = samples.isEmpty ? nil : try HistogramBins(sharedBy: samples, axis: plot.x, wanted: plot.bins)
        return zip(plot.layers, PlotStyle.assigned(to: plot.layers)).map { layer, style in
            guard case .histogram(let values) = layer.kind, let bins else {
                return PlotMarks(layer: layer, style: style, densities: [], bins: nil)
            }
            return PlotMarks(layer: layer, style: style, densities: bins.densities(values), bins: bins)
        }
    }

    /// From where to where the data go: the grounds where there are any, for what lies beyond them is cut off.
    private static func bounds(_ plot: Plot, _ marks: [PlotMarks]) -> (x: ClosedRange<Double>, y: ClosedRange<Double>) {
        let grounds = marks.filter(\.layer.isGround)
        var allX = [Double](), allY = [Double]()
        for mark in grounds.isEmpty ? marks : grounds {
            let (x, y) = mark.layer.coordinates
            if let bins = mark.bins {
                allX += [bins.edge(0), bins.edge(bins.count)]
                let heights = mark.densities.filter { $0 > 0 }
                allY += [plot.y.scale == .linear ? 0 : heights.min() ?? 1, heights.max() ?? 1]
            } else {
                for values in x { allX += [values.min()!, values.max()!] }
                for values in y {
                    // With x cut to a range, only what remains has to fit.
                    let visible = zip(x.first ?? [], values).filter { plot.x.range?.contains($0.0) ?? true }.map(\.1)
                    let fitted = visible.isEmpty ? values : visible
                    allY += [fitted.min()!, fitted.max()!]
                }
            }
        }
        func range(_ values: [Double], _ axis: Plot.Axis) -> ClosedRange<Double> {
            values.isEmpty ? (axis.scale == .linear ? 0 ... 1 : 1 ... 10) : values.min()! ... values.max()!
        }
        return (range(allX, plot.x), range(allY, plot.y))
    }

    /// The frame that leaves room for labels, and for `extra` pixels at the right. Labels below that collide become fewer.
    private static func frame(_ plot: Plot, _ marks: [PlotMarks], _ extra: Double) throws -> PlotFrame {
        let data = bounds(plot, marks), hasGround = marks.contains { $0.layer.isGround }
        let top = plot.title.isEmpty ? 12.0 : 32.0, height = plot.height - top - 45
        let yTicks = room(in: try plot.y.ticks(covering: data.y, count: Int(height / 42), isTight: hasGround), plot.y, data.y, marks)
        let left = 31 + (yTicks.labels.map { SVG.width(of: $0) }.max() ?? 0)
        var count = max(2, Int((plot.width - left - extra) / 65))
        while true {
            let xTicks = room(in: try plot.x.ticks(covering: data.x, count: count, isTight: hasGround), plot.x, data.x, marks)
            let right = max(14, SVG.width(of: xTicks.labels.last ?? "") / 2 + 6) + extra
            let area = Rectangle(left: left, top: top, width: max(plot.width - left - right, 20), height: max(height, 20))
            let frame = PlotFrame(plot, area: area, xTicks: xTicks, yTicks: yTicks, hasGround: hasGround)
            if frame.labelsFit || count <= 2 { return frame }
            count -= 1
        }
    }

    /// Dots do not sit on the axes: where data end with the axis, it goes on a little, unless its range was given.
    private static func room(in ticks: Plot.Ticks, _ axis: Plot.Axis, _ data: ClosedRange<Double>, _ marks: [PlotMarks]) -> Plot.Ticks {
        let hasDots = marks.contains { mark in
            switch mark.layer.kind {
            case .points, .errorBars: true
            default: false
            }
        }
        guard hasDots, axis.range == nil, !marks.contains(where: \.layer.isGround) else { return ticks }
        let scale = PlotScale(range: ticks.range, isLogarithmic: axis.scale == .logarithmic, start: 0, end: 1)
        return ticks.reaching(scale.value(at: scale(data.lowerBound) < 0.02 ? -0.03 : 0),
                              scale.value(at: scale(data.upperBound) > 0.98 ? 1.03 : 1))
    }

    private mutating func placeLegend() throws {
        guard let legend = PlotLegend(marks) else { corner = .none; return }
        if corner == .automatic {
            let frame = frame
            corner = legend.best(in: frame.area, avoiding: marks.flatMap { $0.anchors(in: frame) })
        }
        if corner == .right { frame = try Self.frame(plot, marks, barRoom + legend.width + 6) }
    }

    private var barRoom: Double { landscape.map { Self.barRoom($0.ticks, $0.name) } ?? 0 }

    private static func barRoom(_ ticks: Plot.Ticks, _ name: String) -> Double {
        14 + barWidth + 8 + (ticks.labels.map { SVG.width(of: $0) }.max() ?? 0) + (name.isEmpty && ticks.factor.isEmpty ? 0 : 18)
    }
}

// Shapes.
extension PlotDrawing {
    /// Everything from back to front, without the file around it.
    func svg() throws -> String {
        var inside = try grounds()
        inside += marks.filter { !$0.layer.isGround }.map { $0.svg(in: frame) }.joined()
        // An inner picture cuts off what leaves the frame, but for half a dot.
        let area = frame.area, room = hasGround ? 0.0 : 3.0
        let box = [area.left - room, area.top - room, area.width + 2 * room, area.height + 2 * room].map(SVG.number)
        var result = frame.lines
        result += "<svg x=\"\(box[0])\" y=\"\(box[1])\" width=\"\(box[2])\" height=\"\(box[3])\" "
        result += "viewBox=\"\(box.joined(separator: " "))\" overflow=\"hidden\">\n\(inside)</svg>\n"
        result += frame.axes(plot) + (try bar())
        if let legend = PlotLegend(marks), corner != .none {
            let outside = Rectangle(left: area.right + barRoom + 6, top: area.top, width: legend.width, height: legend.height)
            result += legend.svg(at: corner == .right ? outside : legend.frame(corner, in: area), isOver: hasGround)
        }
        return result
    }

    private func grounds() throws -> String {
        var result = ""
        for mark in marks {
            switch mark.layer.kind {
            case .image(let picture, let x, let y):
                let box = Rectangle(left: frame.x(x.lowerBound), top: frame.y(y.upperBound),
                                    width: frame.x(x.upperBound) - frame.x(x.lowerBound),
                                    height: frame.y(y.lowerBound) - frame.y(y.upperBound))
                // Squares of many dots stay sharp in viewers that smooth what they stretch.
                let factor = max(1, min(Int(2 * box.width) / picture.width, Int(2 * box.height) / picture.height, 64))
                result += try SVG.image(picture.scaled(by: factor), in: box)
            case .landscape(let ground): result += try drawn(ground)
            default: break
            }
        }
        return result
    }

    private func drawn(_ ground: Landscape) throws -> String {
        let range = try ground.ticks(count: 6).range
        var result = ground.isFilled ? try SVG.image(ground.ground(in: frame, range: range), in: frame.area) : ""
        for level in try ground.levels() {
            let paths = ContourLine.trace(ground.grid, at: level, xRange: ground.x, yRange: ground.y).map { line in
                SVG.path(zip(line.x, line.y).map { (frame.x($0), frame.y($1)) }) + (line.isClosed ? "Z" : "")
            }
            guard !paths.isEmpty else { continue }
            let stroke = ground.isFilled ? "#ffffff\" stroke-opacity=\"0.55" : Self.ink(of: level, ground, range).hex
            result += "<path d=\"\(paths.joined())\" fill=\"none\" stroke=\"\(stroke)\" stroke-width=\"\(ground.isFilled ? 0.8 : 1.3)\" "
                + "stroke-linejoin=\"round\"/>\n"
        }
        return result
    }

    /// Lines on white leave out the palest end of the colours.
    private static func ink(of level: Double, _ ground: Landscape, _ range: ClosedRange<Double>) -> Colour {
        let place = (level - range.lowerBound) / (range.upperBound - range.lowerBound)
        return ground.map(ground.map == .viridis ? min(max(place, 0), 1) * 0.88 : place)
    }

    /// The bar that says which colour is which value.
    private func bar() throws -> String {
        guard let (ground, ticks, name) = landscape else { return "" }
        let area = frame.area, box = Rectangle(left: area.right + 14, top: area.top, width: Self.barWidth, height: area.height)
        let height = max(Int(area.height.rounded()), 1), low = ticks.range.lowerBound, length = ticks.range.upperBound - low
        let colours = (0 ..< height).map { row in
            let value = low + length * (1 - (Double(row) + 0.5) / Double(height))
            return ground.isFilled ? ground.colour(value, in: ticks.range) : Self.ink(of: value, ground, ticks.range)
        }
        let picture = Picture(height: height, width: 1, channels: 3, pixels: colours.flatMap { [$0.red, $0.green, $0.blue] })
        var result = try SVG.image(picture, in: box) + SVG.rectangle(box, more: " fill=\"none\" stroke=\"\(SVG.ink)\" stroke-width=\"0.7\"")
        for (value, label) in zip(ticks.values, ticks.labels) {
            let place = box.bottom - (value - low) / length * box.height
            result += SVG.line(box.right, place, box.right + 4, place) + SVG.text(label, x: box.right + 7, y: place + 3.8)
        }
        let title = [name, ticks.factor].filter { !$0.isEmpty }.joined(separator: "  ")
        guard !title.isEmpty else { return result }
        let x = area.right + barRoom - 2, middle = area.top + area.height / 2
        return result + SVG.text(title, x: x, y: middle, size: 12, anchor: "middle",
                                 more: " transform=\"rotate(-90 \(SVG.number(x)) \(SVG.number(middle)))\"")
    }
}
