import Foundation
import GibbsNumerics

/// How numbers of one axis become places on the page, and back.
struct PlotScale {
    let range: ClosedRange<Double>
    let isLogarithmic: Bool
    /// Where the range begins and ends on the page.
    let start: Double, end: Double

    /// Far outside stays within what renderers can count.
    func callAsFunction(_ value: Double) -> Double {
        let share = isLogarithmic
            ? (log(max(value, 1e-300)) - log(range.lowerBound)) / (log(range.upperBound) - log(range.lowerBound))
            : (value - range.lowerBound) / (range.upperBound - range.lowerBound)
        return min(max(start + share * (end - start), -20_000), 20_000)
    }

    func value(at place: Double) -> Double {
        let share = (place - start) / (end - start)
        if isLogarithmic { return range.lowerBound * pow(range.upperBound / range.lowerBound, share) }
        return range.lowerBound + share * (range.upperBound - range.lowerBound)
    }
}

/// The rectangle between the axes with its scales and ticks.
struct PlotFrame {
    let area: Rectangle
    let x: PlotScale, y: PlotScale
    let xTicks: Plot.Ticks, yTicks: Plot.Ticks
    /// Pictures are framed on all sides and have no lines behind them.
    let hasGround: Bool

    init(_ plot: Plot, area: Rectangle, xTicks: Plot.Ticks, yTicks: Plot.Ticks, hasGround: Bool) {
        (self.area, self.xTicks, self.yTicks, self.hasGround) = (area, xTicks, yTicks, hasGround)
        x = PlotScale(range: xTicks.range, isLogarithmic: plot.x.scale == .logarithmic, start: area.left, end: area.right)
        y = PlotScale(range: yTicks.range, isLogarithmic: plot.y.scale == .logarithmic, start: area.bottom, end: area.top)
    }

    /// Pale lines at the ticks of y, behind everything.
    var lines: String {
        guard !hasGround else { return "" }
        return yTicks.values.map { SVG.line(area.left, y($0), area.right, y($0), stroke: "#e9e9e9") }.joined()
    }

    /// Axes, ticks and their labels, before everything.
    func axes(_ plot: Plot) -> String {
        let corners = (area.left, area.top, area.right, area.bottom)
        let outline = hasGround
            ? SVG.rectangle(area, more: " fill=\"none\" stroke=\"\(SVG.ink)\"")
            : "<path d=\"\(SVG.path([(corners.0, corners.1), (corners.0, corners.3), (corners.2, corners.3)]))\" fill=\"none\" "
                + "stroke=\"\(SVG.ink)\"/>\n"
        var result = outline
        for place in xTicks.minor.map(x.callAsFunction) { result += SVG.line(place, corners.3, place, corners.3 + 2.5, width: 0.7) }
        for place in yTicks.minor.map(y.callAsFunction) { result += SVG.line(corners.0 - 2.5, place, corners.0, place, width: 0.7) }
        for (value, label) in zip(xTicks.values, xTicks.labels) {
            result += SVG.line(x(value), corners.3, x(value), corners.3 + 4)
            result += SVG.text(label, x: x(value), y: corners.3 + 16, anchor: "middle")
        }
        for (value, label) in zip(yTicks.values, yTicks.labels) {
            result += SVG.line(corners.0 - 4, y(value), corners.0, y(value))
            result += SVG.text(label, x: corners.0 - 7, y: y(value) + 3.8, anchor: "end")
        }
        return result + labels(plot)
    }

    private func labels(_ plot: Plot) -> String {
        var result = ""
        if !plot.title.isEmpty {
            result += SVG.text(plot.title, x: area.left, y: 19, size: 13, more: " font-weight=\"600\"")
        }
        let xLabel = [plot.x.label, xTicks.factor].filter { !$0.isEmpty }.joined(separator: "  ")
        result += SVG.text(xLabel, x: area.left + area.width / 2, y: area.bottom + 34, size: 12, anchor: "middle")
        let yLabel = [plot.y.label, yTicks.factor].filter { !$0.isEmpty }.joined(separator: "  ")
        let middle = area.top + area.height / 2
        result += SVG.text(yLabel, x: 15, y: middle, size: 12, anchor: "middle",
                           more: " transform=\"rotate(-90 15 \(SVG.number(middle)))\"")
        return result
    }

    /// Whether neighbouring labels below the axis keep apart.
    var labelsFit: Bool {
        let spans = zip(xTicks.values, xTicks.labels).map { value, label in (place: x(value), half: SVG.width(of: label) / 2) }
        return zip(spans, spans.dropFirst()).allSatisfy { $0.place + $0.half + 8 <= $1.place - $1.half }
    }
}
