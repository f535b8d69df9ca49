import Foundation
import GibbsNumerics

/// A plot as a vector graphic: layers of data over two axes, on white, in colours that colour-blind readers can tell apart.
///
/// Layers with one name share one colour and one entry of the legend, so that a line and its band, or a histogram and its
/// mean, belong together. Text is drawn in Helvetica or what stands in for it. Sizes are CSS pixels; as SVG, any scale is sharp.
public struct Plot: Sendable {
    /// Where the names of layers are listed.
    public enum Legend: Sendable, Hashable {
        /// In the corner where it covers least, or else to the right of the axes.
        case automatic
        /// Inside, in that corner.
        case topLeft, topRight, bottomLeft, bottomRight
        /// To the right of the axes.
        case right
        /// Nowhere.
        case none
    }

    /// Stands above the axes; empty for none.
    public var title: String
    /// The axis from left to right.
    public var x: Axis
    /// The axis from bottom to top.
    public var y: Axis
    /// What is drawn, from back to front; landscapes and images always lie behind the rest.
    public var layers: [Layer]
    /// Where the names of layers are listed; nothing is when no layer has a name.
    public var legend: Legend
    /// Bins of every histogram in this plot; nil for what the data suggest.
    public var bins: Int?
    /// Pixels from left to right, labels and legend included.
    public var width: Double
    /// Pixels from top to bottom, title and labels included.
    public var height: Double

    /// A plot of these layers; one of 460 × 320 fills a column of a page.
    public init(_ title: String = "", x: Axis = "", y: Axis = "", layers: [Layer] = [], legend: Legend = .automatic,
                bins: Int? = nil, width: Double = 460, height: Double = 320) {
        (self.title, self.x, self.y, self.layers, self.legend, self.bins) = (title, x, y, layers, legend, bins)
        (self.width, self.height) = (width, height)
    }

    /// This plot as a whole SVG file.
    ///
    /// - Throws: `.unsuitableData` for no layers, layers without data or with values that are not finite, and axes that
    ///   cannot show them; `.shapeMismatch` for x and y of different lengths; `.usage` for sides below 120 × 90 or above
    ///   10 000, or counts of bins outside `1...1000`. Data outside a given range are no error and are cut off.
    /// - Complexity: One pass over the data for each layer. Lines of more than 5000 points are thinned to what can be seen.
    public var svg: String {
        get throws { try PlotPanels([self], columns: 1).svg }
    }

    /// Writes this plot as an SVG file, complete or not at all.
    ///
    /// - Throws: As `svg`, and `.cannotWrite`.
    public func write(to path: String) throws { try PlotPanels([self], columns: 1).write(to: path) }

    /// Plots from left to right in one file.
    public static func sideBySide(_ plots: [Plot]) -> PlotPanels { PlotPanels(plots, columns: max(plots.count, 1)) }

    /// Plots from top to bottom in one file.
    public static func stacked(_ plots: [Plot]) -> PlotPanels { PlotPanels(plots, columns: 1) }
}

/// Several plots in one file, from left to right and then down; rows are as high as their highest plot.
public struct PlotPanels: Sendable {
    /// The plots in reading order.
    public var plots: [Plot]
    /// Plots side by side.
    public var columns: Int
    /// Pixels between plots.
    public var gap: Double

    /// Plots in rows of `columns`.
    public init(_ plots: [Plot], columns: Int, gap: Double = 12) { (self.plots, self.columns, self.gap) = (plots, columns, gap) }

    /// All plots as one SVG file.
    ///
    /// - Throws: As `Plot.svg`; `.unsuitableData` for no plots, `.usage` for columns that are not positive or a gap that is
    ///   negative or not finite.
    public var svg: String {
        get throws {
            guard !plots.isEmpty else { throw GibbsError(.unsuitableData, "no plots to show", advice: "give at least one") }
            guard columns > 0, gap >= 0, gap.isFinite else {
                throw GibbsError(.usage, "panels in \(columns) columns with a gap of \(gap)",
                                 advice: "give a positive number of columns and a gap of 0 or more")
            }
            var body = "", width = 0.0, top = 0.0
            for start in stride(from: 0, to: plots.count, by: columns) {
                let row = plots[start ..< min(start + columns, plots.count)]
                var left = 0.0
                for plot in row {
                    let drawn = try PlotDrawing(plot).svg()
                    body += left == 0 && top == 0 ? drawn
                        : "<g transform=\"translate(\(SVG.number(left)) \(SVG.number(top)))\">\n\(drawn)</g>\n"
                    left += plot.width + gap
                }
                width = max(width, left - gap)
                top += row.map(\.height).max()! + gap
            }
            let title = plots.map(\.title).filter { !$0.isEmpty }.joined(separator: "; ")
            return SVG.document(width: width, height: top - gap, title: title, body: body)
        }
    }

    /// Writes all plots as one SVG file, complete or not at all.
    ///
    /// - Throws: As `svg`, and `.cannotWrite`.
    public func write(to path: String) throws {
        do {
            try OutputFile.write(Array(svg.utf8), to: path)
        } catch let error as GibbsError {
            throw error.located(at: .init(file: path))
        }
    }
}
