/// Colour and dashes of one layer.
struct PlotStyle: Hashable {
    var colour: Colour
    /// As an attribute of a stroke; empty for an unbroken line.
    var dashes: String

    /// One style a layer: layers of one name share a colour; once the colours are used up they come again with dashes.
    /// Markers take the colour of the data they are named like, and dark grey else.
    static func assigned(to layers: [Plot.Layer]) -> [PlotStyle] {
        // Red and pale blue stand out from viridis, which has neither.
        let colours = layers.contains(where: \.isGround) ? [1, 5, 3, 4, 0, 2].map { Colour.series[$0] } : Colour.series
        let dashes = ["", " stroke-dasharray=\"7 3\"", " stroke-dasharray=\"2 2.5\""]
        var known = [String: Int](), count = 0
        for layer in layers where !layer.isGround && !layer.isMarker && !layer.name.isEmpty && known[layer.name] == nil {
            known[layer.name] = count
            count += 1
        }
        var markers = [String: Int]()
        return layers.map { layer in
            if layer.isMarker, known[layer.name] == nil {
                let turn = markers[layer.name] ?? markers.count
                markers[layer.name] = turn
                return PlotStyle(colour: Colour(UInt32(0x444444)), dashes: [" stroke-dasharray=\"5 3\"", " stroke-dasharray=\"1.5 2.5\"",
                                                                            " stroke-dasharray=\"8 3 1.5 3\""][turn % 3])
            }
            let index = known[layer.name] ?? (layer.isGround ? 0 : count)
            if known[layer.name] == nil, !layer.isGround { count += 1 }
            let turn = dashes[index / colours.count % dashes.count]
            return PlotStyle(colour: colours[index % colours.count], dashes: layer.isMarker ? " stroke-dasharray=\"5 3\"" : turn)
        }
    }
}

extension Plot.Layer {
    var isMarker: Bool {
        switch kind {
        case .vertical, .horizontal: true
        default: false
        }
    }
}

/// The names of layers beside small samples of how they are drawn.
struct PlotLegend {
    private static let row = 16.0, sample = 22.0, pad = 7.0
    /// Names in the order of the layers, each with all its marks.
    private let entries: [(name: String, marks: [PlotMarks])]
    let width: Double
    let height: Double

    /// Nil where no layer has a name.
    init?(_ marks: [PlotMarks]) {
        var entries = [(name: String, marks: [PlotMarks])]()
        for mark in marks where !mark.layer.name.isEmpty && !mark.layer.isGround {
            if let index = entries.firstIndex(where: { $0.name == mark.layer.name }) {
                entries[index].marks.append(mark)
            } else {
                entries.append((mark.layer.name, [mark]))
            }
        }
        guard !entries.isEmpty else { return nil }
        self.entries = entries
        width = (entries.map { SVG.width(of: $0.name) }.max() ?? 0) + Self.sample + 3 * Self.pad
        height = Double(entries.count) * Self.row + Self.pad
    }

    /// Where this legend stands in a corner of the area.
    func frame(_ corner: Plot.Legend, in area: Rectangle) -> Rectangle {
        let isLeft = corner == .topLeft || corner == .bottomLeft, isTop = corner == .topLeft || corner == .topRight
        return Rectangle(left: isLeft ? area.left + 8 : area.right - width - 4, top: isTop ? area.top + 2 : area.bottom - height - 6,
                         width: width, height: height)
    }

    /// The corner that covers fewest of the points, or `.right` where each would hide something that matters.
    func best(in area: Rectangle, avoiding points: [(x: Double, y: Double)]) -> Plot.Legend {
        guard width < area.width * 0.6, height < area.height * 0.6 else { return .right }
        let corners: [Plot.Legend] = [.topRight, .topLeft, .bottomRight, .bottomLeft]
        let hits = corners.map { corner -> Int in
            let box = frame(corner, in: area)
            return points.count { $0.x > box.left - 3 && $0.x < box.right + 3 && $0.y > box.top - 3 && $0.y < box.bottom + 3 }
        }
        let least = hits.min()!
        return least * 100 <= points.count ? corners[hits.firstIndex(of: least)!] : .right
    }

    func svg(at box: Rectangle, isOver ground: Bool) -> String {
        var result = SVG.rectangle(box, more: " rx=\"3\" fill=\"#ffffff\" fill-opacity=\"\(ground ? 0.9 : 0.8)\"")
        for (index, entry) in entries.enumerated() {
            let middle = box.top + Self.pad / 2 + (Double(index) + 0.5) * Self.row
            for mark in entry.marks { result += Self.sample(of: mark, x: box.left + Self.pad, y: middle) }
            result += SVG.text(entry.name, x: box.left + 2 * Self.pad + Self.sample - 1, y: middle + 3.8)
        }
        return result
    }

    private static func sample(of mark: PlotMarks, x: Double, y: Double) -> String {
        let colour = mark.style.colour.hex, box = Rectangle(left: x, top: y - 5, width: sample, height: 10)
        switch mark.layer.kind {
        case .histogram: return SVG.rectangle(box, more: " fill=\"\(colour)\" fill-opacity=\"0.3\" stroke=\"\(colour)\" stroke-width=\"1.2\"")
        case .band: return SVG.rectangle(box, more: " fill=\"\(colour)\" fill-opacity=\"0.2\"")
        case .line: return SVG.line(x, y, x + sample, y, stroke: colour, width: 1.7, more: mark.style.dashes)
        case .vertical, .horizontal: return SVG.line(x, y, x + sample, y, stroke: colour, width: 1.4, more: mark.style.dashes)
        case .points: return dot(x + sample / 2, y, colour)
        case .errorBars:
            return SVG.line(x + sample / 2, y - 6, x + sample / 2, y + 6, stroke: colour, width: 1.2) + dot(x + sample / 2, y, colour)
        case .landscape, .image: return ""
        }
    }

    private static func dot(_ x: Double, _ y: Double, _ colour: String) -> String {
        "<circle cx=\"\(SVG.number(x))\" cy=\"\(SVG.number(y))\" r=\"2.8\" fill=\"\(colour)\"/>\n"
    }
}
