import GibbsData
import GibbsLandscapes
import GibbsNumerics

extension TextAttention {
    /// The weights of all heads: a row of tiles a layer, a tile a head; in each a row a looking token, a column a token looked at, dark for 0
    /// and bright for 1; a white margin around. `panels(_:)` has labels.
    ///
    /// - Throws: `.limitExceeded` for a sheet of too many pixels.
    public func picture() throws -> Picture {
        let count = tokens.count, scale = max(1, 96 / count)
        let tiles = layers.flatMap { layer in
            let weights = layer.weights
            return (0 ..< layer.heads).map { head in
                let pixels = weights.values[head * count * count ..< (head + 1) * count * count].flatMap { weight -> [UInt8] in
                    let colour = ColourMap.viridis(Double(weight))
                    return [colour.red, colour.green, colour.blue]
                }
                return Picture(height: count, width: count, channels: 3, pixels: pixels)
            }
        }
        return try Picture.grid(of: tiles, columns: layers.first?.heads, gap: 4, scale: scale, rowLabels: layers.indices.map { "layer \($0)" }).inMargin(12)
    }

    /// The weights of all heads with labels: a row of panels a layer, a panel a head, in each a row a looking token and a column a token looked at.
    ///
    /// - Parameter title: Stands above all.
    public func panels(_ title: String) -> SharePanels {
        let count = tokens.count
        let panels = layers.enumerated().flatMap { index, layer -> [SharePanels.Panel] in
            let weights = layer.weights
            return (0 ..< layer.heads).map { SharePanels.Panel("layer \(index), head \($0)", weights.slice($0 * count ..< ($0 + 1) * count)) }
        }
        return SharePanels(title, panels: panels, names: tokens, columns: layers.first?.heads ?? 1, scale: "share of a token's attention")
    }
}

extension TemperatureSweep {
    /// Three plots over the temperature: tokens looked at, heat capacity, and the angle by which the vector has moved.
    ///
    /// - Parameter title: Stands above the first.
    public func plots(_ title: String) -> PlotPanels {
        let t = points.map { Double($0.temperature) }, axis = Plot.Axis("T of all heads", scale: .logarithmic)
        func lines(_ values: (Point) -> [Double]) -> [Plot.Layer] {
            (0 ..< (points.first?.effectiveTokens.count ?? 0)).map { layer in .line(x: t, y: points.map { values($0)[layer] }, name: "layer \(layer)") }
        }
        return PlotPanels([
            Plot(title, x: axis, y: "tokens looked at, exp(S)", layers: lines(\.effectiveTokens) + [.vertical(1.0, name: "as trained")]),
            Plot("heat capacity", x: axis, y: "C = d⟨E⟩/dT", layers: lines(\.heatCapacities), legend: .none),
            Plot("the text's vector", x: axis, y: Plot.Axis("cosine to T = 1", limits: -1 ... 1), layers: [.line(x: t, y: points.map(\.cosine))], legend: .none),
        ], columns: 3)
    }
}
