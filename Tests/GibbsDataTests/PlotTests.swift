import Foundation
#if canImport(FoundationXML)
import FoundationXML
#endif
import GibbsData
import GibbsNumerics
import Testing

/// What an XML parser finds in a drawing.
private final class Drawing: NSObject, XMLParserDelegate {
    var elements = [(name: String, attributes: [String: String])]()
    var texts = [String]()
    private var isText = false

    init?(_ svg: String) {
        super.init()
        let parser = XMLParser(data: Data(svg.utf8))
        parser.delegate = self
        guard parser.parse() else { return nil }
    }

    func parser(_: XMLParser, didStartElement name: String, namespaceURI _: String?, qualifiedName _: String?, attributes: [String: String]) {
        elements.append((name, attributes))
        isText = name == "text"
        if isText { texts.append("") }
    }

    func parser(_: XMLParser, didEndElement _: String, namespaceURI _: String?, qualifiedName _: String?) { isText = false }

    func parser(_: XMLParser, foundCharacters text: String) { if isText { texts[texts.count - 1] += text } }

    /// The points of every path in that colour, however it is used.
    func paths(_ colour: String, _ attribute: String = "stroke") -> [[(x: Double, y: Double)]] {
        elements.filter { $0.name == "path" && $0.attributes[attribute] == colour }.map { element in
            element.attributes["d"]!.split { "MLZ".contains($0) }.map { pair in
                let numbers = pair.split(separator: " ").compactMap { Double($0) }
                return (numbers[0], numbers[1])
            }
        }
    }
}

private let blue = "#0072b2", red = "#d55e00"

@Suite struct PlotTests {
    let pad = Scratchpad()

    private func drawing(_ plot: Plot, sourceLocation: SourceLocation = #_sourceLocation) throws -> Drawing {
        try #require(try Drawing(plot.svg), "not well-formed", sourceLocation: sourceLocation)
    }

    /// One of each layer.
    private var rich: Plot {
        let x = (0 ..< 50).map(Double.init), y = x.map { sin($0 / 8) }
        return Plot("a < b & \"c\" > 'd' \u{1}\u{0}é", x: "</svg>", y: "<script>", layers: [
            .contours(Matrix([[0, 1, 2], [1, 3, 1], [0, 2, 5]]), x: 0 ... 50, y: -2 ... 2, name: "energy & more"),
            .image(noise(height: 4, width: 4, channels: 3), x: 10 ... 20, y: 0 ... 1),
            .histogram(y, name: "h<"), .line(x: x, y: y, name: "l&"), .points(x: x, y: y, name: "p\""),
            .band(x: x, lower: y.map { $0 - 1 }, upper: y, name: "l&"), .errorBars(x: x, y: y, error: x.map { _ in 0.1 }, name: "e"),
            .vertical(20.0, name: "v"), .horizontal(Float(0.5), name: "o"),
        ])
    }

    @Test func drawingIsWellFormedWhateverTheTextsSay() throws {
        let drawn = try drawing(rich)
        #expect(drawn.texts.contains("a < b & \"c\" > 'd'   é"))
        for text in ["</svg>", "<script>", "energy & more", "h<", "l&", "p\"", "e", "v", "o"] { #expect(drawn.texts.contains(text), "\(text)") }
        #expect(!drawn.elements.contains { $0.name == "script" })
        #expect(drawn.texts.count { $0 == "l&" } == 1, "layers of one name share an entry")
        #expect(drawn.elements.count { $0.name == "image" } == 3)
        for legend in [Plot.Legend.topLeft, .topRight, .bottomLeft, .bottomRight, .right, .none] {
            var plot = rich
            plot.legend = legend
            #expect(try drawing(plot).texts.contains("l&") == (legend != .none))
        }
        // Beside the axes, a legend has room of its own.
        let aside = try drawing(Plot(layers: [.line(x: [0.0, 1], y: [0.0, 1], name: "name")], legend: .right))
        let name = try #require(aside.texts.firstIndex(of: "name")), axes = try #require(aside.paths("#222222").first { $0.count == 3 })
        let place = try #require(Double(aside.elements.filter { $0.name == "text" }[name].attributes["x"]!))
        #expect(place > axes[2].x + 20 && place < 460 - 20)
    }

    @Test func fileIsTheText() throws {
        try rich.write(to: pad.place("a.svg"))
        #expect(try String(contentsOfFile: pad.place("a.svg"), encoding: .utf8) == rich.svg)
        expectError(.cannotWrite, "no/where") { try rich.write(to: pad.place("no/where/a.svg")) }
        expectError(.unsuitableData, "b.svg") { try Plot().write(to: pad.place("b.svg")) }
        #expect(pad.names == ["a.svg"])
    }

    /// A line from the first to the last tick spans the axes, and numbers in between stand in proportion.
    @Test func numbersStandWhereTheTicksSay() throws {
        let drawn = try drawing(Plot(layers: [.line(x: [0.0, 50, 100], y: [-2.0, 0, 2])]))
        let line = try #require(drawn.paths(blue).first)
        #expect(abs(line[1].x - (line[0].x + line[2].x) / 2) < 0.02 && abs(line[1].y - (line[0].y + line[2].y) / 2) < 0.02)
        func place(_ label: String, _ part: String) throws -> Double {
            let index = try #require(drawn.texts.firstIndex(of: label), "no tick \(label)")
            return try #require(Double(drawn.elements.filter { $0.name == "text" }[index].attributes[part]!))
        }
        #expect(try abs(place("0", "x") - line[0].x) < 0.02 && abs(place("100", "x") - line[2].x) < 0.02)
        #expect(try abs(place("−2", "y") - 3.8 - line[0].y) < 0.02 && abs(place("2", "y") - 3.8 - line[2].y) < 0.02)
    }

    /// Densities have area one whatever the size of the sample, over bins that are shared.
    @Test func histogramsCompare() throws {
        var dice = Dice(3)
        let few = (0 ..< 200).map { _ in Double.random(in: 0 ... 1, using: &dice) + Double.random(in: 0 ... 1, using: &dice) }
        let many = (0 ..< 5000).map { _ in Float.random(in: 1 ... 3, using: &dice) }
        var plot = Plot(x: .init(range: 0 ... 3), y: .init(range: 0 ... 1), layers: [.histogram(few, name: "few"), .histogram(many, name: "many")])
        plot.bins = 30
        let drawn = try drawing(plot)
        let outlines = try [blue, red].map { try #require(drawn.paths($0, "fill").first) }
        #expect(outlines[0].map(\.x).min() == outlines[1].map(\.x).min())
        // The axes' own path: top left, bottom left, bottom right.
        let axes = try #require(drawn.paths("#222222").first { $0.count == 3 })
        let unit = (axes[1].y - axes[0].y) * (axes[2].x - axes[1].x) / 3
        for outline in outlines {
            let area = outline.indices.dropLast().reduce(0.0) { sum, i in
                sum + (outline[i + 1].x - outline[i].x) * (axes[1].y - (outline[i].y + outline[i + 1].y) / 2)
            }
            #expect(abs(area / unit - 1) < 0.01)
        }
    }

    @Test func layersOfOneNameShareAColour() throws {
        let x = [1.0, 2, 3]
        let drawn = try drawing(Plot(layers: [
            .line(x: x, y: x, name: "a"), .line(x: x, y: [3.0, 2, 1], name: "b"), .band(x: x, lower: x, upper: [2.0, 3, 4], name: "a"),
            .vertical(2.0, name: "b"),
        ]))
        #expect(drawn.paths(blue, "fill").count == 1)
        #expect(drawn.elements.count { $0.attributes["stroke"] == red && $0.attributes["stroke-dasharray"] != nil } == 2)
    }

    /// A spike one record wide is still there after thinning, and the file is small.
    @Test func longLinesKeepTheirExtremes() throws {
        let count = 200_000
        var y = [Double](repeating: 0, count: count)
        (y[77_777], y[123_456]) = (1, -1)
        let svg = try Plot(y: .init(range: -1 ... 1), layers: [.line(x: (0 ..< count).map(Double.init), y: y)]).svg
        #expect(svg.utf8.count < 60_000)
        let line = try #require(Drawing(svg)?.paths(blue).first), places = line.map(\.y)
        let axes = try #require(Drawing(svg)?.paths("#222222").first { $0.count == 3 })
        #expect(places.min() == axes[0].y && places.max() == axes[1].y)
    }

    @Test func contoursAreDrawnWhereTheFunctionIs() throws {
        var grid = Matrix(rows: 41, columns: 41)
        for r in 0 ..< 41 { for c in 0 ..< 41 { grid[r, c] = Float(hypot(Double(c - 20), Double(r - 20))) / 10 } }
        let layer = Plot.Layer.contours(grid, x: -2 ... 2, y: -2 ... 2, levels: [1], isFilled: false)
        let drawn = try drawing(Plot(layers: [layer, .line(x: [0.0, 1], y: [0.0, 0]), .line(x: [0.0, 0], y: [0.0, 1])]))
        let rays = try ["#d55e00", "#56b4e9"].map { try #require(drawn.paths($0).first) }
        let circle = try #require(drawn.elements.first { $0.name == "path" && $0.attributes["d"]!.hasSuffix("Z") && $0.attributes["fill"] == "none" })
        let points = circle.attributes["d"]!.split { "MLZ".contains($0) }.map { $0.split(separator: " ").map { Double($0)! } }
        let centre = rays[0][0], across = rays[0][1].x - centre.x, up = centre.y - rays[1][1].y
        #expect(points.count > 40)
        for point in points { #expect(abs(hypot((point[0] - centre.x) / across, (point[1] - centre.y) / up) - 1) < 0.1) }
    }

    /// A cosine ends at 1 though rounding puts it a hair beyond, and a circle at 360 degrees.
    @Test func axesEndWhereTheirValuesDo() throws {
        let cosine = try Plot.Axis(limits: -1 ... 1).ticks(covering: 0.2 ... 1.0000001)
        #expect(cosine.range == 0.2 ... 1 && cosine.values.last == 1 && cosine.labels.count == cosine.values.count, "\(cosine)")
        #expect(try Plot.Axis().ticks(covering: 0.2 ... 1.0000001).range.upperBound > 1.1)
        let degrees = try Plot.Axis(range: 0 ... 360, step: 90).ticks(covering: 0 ... 360)
        #expect(degrees.range == 0 ... 360 && degrees.labels == ["0", "90", "180", "270", "360"], "\(degrees)")
        #expect(try Plot.Axis(limits: 5 ... 6).ticks(covering: 0 ... 1).range == 0 ... 1, "an axis would be empty")
        for step in [0, -1, 1e-9, Double.nan] { #expect(try (2 ... 20).contains(Plot.Axis(step: step).ticks(covering: 0 ... 1).values.count), "\(step)") }
    }

    /// Panels of shares name their rows and columns: all of them, or where they would collide, some.
    @Test func sharePanels() throws {
        func panels(_ count: Int, names: [String]) -> SharePanels {
            SharePanels("a < b", panels: (0 ..< 3).map { SharePanels.Panel("head \($0)", Matrix(rows: count, columns: count, repeating: 0.5)) }, names: names, columns: 2, scale: "share")
        }
        func names(_ count: Int) -> [String] { (0 ..< count).map { "t\($0)" } }
        let few = try #require(try Drawing(panels(4, names: names(4)).svg)), many = try #require(try Drawing(panels(200, names: names(200)).svg))
        for text in ["a < b", "head 0", "head 2", "share", "0", "0.5", "1"] { #expect(few.texts.contains(text), "\(text)") }
        #expect(few.texts.count { $0 == "t3" } == 6 && few.elements.count { $0.name == "image" } == 4)
        #expect((60 ... 6 * 27).contains(many.texts.count { $0.hasPrefix("t") }), "\(many.texts)")
        let width = try #require(Double(few.elements[0].attributes["width"]!))
        for image in few.elements where image.name == "image" {
            let (left, side) = try (#require(Double(image.attributes["x"]!)), #require(Double(image.attributes["width"]!)))
            #expect(left > 8 && left + side < width - 40)
        }
        #expect(try panels(1, names: ["abcdefghijkl"]).svg.contains("abcdefghi…"))
        expectError(.unsuitableData, "no panels") { try panels(0, names: []).svg }
        expectError(.shapeMismatch, "4 × 4 shares for 3 names") { try panels(4, names: names(3)).svg }
        var none = panels(4, names: names(4))
        none.columns = 0
        expectError(.usage, "0 columns") { try none.svg }
        try panels(4, names: names(4)).write(to: pad.place("shares.svg"))
        #expect(pad.names == ["shares.svg"])
    }

    @Test func panelsStandSideBySideAndStacked() throws {
        let plot = Plot("p", layers: [.line(x: [1.0, 2], y: [1.0, 2])], width: 300, height: 200)
        func size(_ panels: PlotPanels) throws -> [String?] {
            let drawn = try #require(try Drawing(panels.svg))
            #expect(drawn.texts.count { $0 == "p" } == panels.plots.count)
            return [drawn.elements[0].attributes["width"], drawn.elements[0].attributes["height"]]
        }
        #expect(try size(Plot.sideBySide([plot, plot, plot])) == ["924", "200"])
        #expect(try size(Plot.stacked([plot, plot])) == ["300", "412"])
        #expect(try size(PlotPanels([plot, plot, plot], columns: 2, gap: 0)) == ["600", "400"])
        expectError(.unsuitableData, "no plots") { try Plot.sideBySide([]).svg }
        expectError(.usage, "0 columns") { try PlotPanels([plot], columns: 0).svg }
    }
}
