import GibbsNumerics

/// Square tables of shares as one vector graphic: a panel a table, a cell a colour from 0 to 1, names along both sides, and a scale at the right.
///
/// Names that would collide are thinned, and long ones cut to ten letters. Text is drawn as in `Plot`.
public struct SharePanels: Sendable {
    /// One table.
    public struct Panel: Sendable {
        /// Stands above it.
        public var title: String
        /// 0...1, shape `[names, names]`, row 0 at the top; what is beyond is clipped.
        public var shares: Matrix

        /// A table with its title.
        public init(_ title: String, _ shares: Matrix) { (self.title, self.shares) = (title, shares) }
    }

    /// Stands above all panels.
    public var title: String
    /// From left to right and then down.
    public var panels: [Panel]
    /// Of the rows from the top, and of the columns from the left.
    public var names: [String]
    /// Panels side by side.
    public var columns: Int
    /// Stands beside the scale.
    public var scale: String

    /// Panels in rows of `columns`.
    public init(_ title: String, panels: [Panel], names: [String], columns: Int, scale: String) {
        (self.title, self.panels, self.names, self.columns, self.scale) = (title, panels, names, columns, scale)
    }

    /// Pixels of a letter of a name, and from one name to the next.
    private static let letter = 8.0, pitch = 9.0

    /// All panels as one SVG file.
    ///
    /// - Throws: `GibbsError` with code `.unsuitableData` for no panels or names, `.usage` for columns that are not positive, `.shapeMismatch` for a table of another shape than the names.
    /// - Complexity: A picture of `names²` cells a panel.
    public var svg: String {
        get throws {
            guard !panels.isEmpty, !names.isEmpty else { throw GibbsError(.unsuitableData, "no panels to show", advice: "give at least one, and its names") }
            guard columns > 0 else { throw GibbsError(.usage, "panels in \(columns) columns", advice: "give a positive number") }
            for panel in panels where panel.shares.rows != names.count || panel.shares.columns != names.count {
                throw GibbsError(.shapeMismatch, "\(panel.shares.rows) × \(panel.shares.columns) shares for \(names.count) names", advice: "give a row and a column a name")
            }
            let shown = names.map { name -> String in name.count > 10 ? String(name.prefix(9)) + "…" : name }, room = 8 + (shown.map { SVG.width(of: $0, size: Self.letter) }.max() ?? 0)
            let side = min(max(96, Self.pitch * Double(names.count)), 240), step = (right: room + side + 12, down: side + room + 22), across = min(columns, panels.count)
            var body = SVG.text(title, x: 8, y: 19, size: 13, more: " font-weight=\"600\"")
            for (index, panel) in panels.enumerated() {
                let corner = (left: Double(index % columns) * step.right + room, top: Double(index / columns) * step.down + 46)
                body += try Self.drawn(panel, shown, in: Rectangle(left: corner.left, top: corner.top, width: side, height: side))
            }
            let left = Double(across) * step.right
            body += try bar(Rectangle(left: left + 8, top: 46, width: 11, height: side))
            let rows = (panels.count + columns - 1) / columns
            return SVG.document(width: left + 76, height: Double(rows) * step.down + 34, title: title, body: body)
        }
    }

    /// Writes all panels as one SVG file, complete or not at all.
    ///
    /// - Throws: As `svg`, and `.cannotWrite`.
    public func write(to path: String) throws { try GibbsError.naming(path) { try OutputFile.write(Array(svg.utf8), to: path) } }

    private static func drawn(_ panel: Panel, _ names: [String], in box: Rectangle) throws -> String {
        let count = names.count, cell = box.width / Double(count), every = max(1, Int((pitch / cell - 1e-9).rounded(.up)))
        let picture = Picture(height: count, width: count, channels: 3, pixels: panel.shares.values.flatMap { pixel(Double($0)) })
        // Squares of many dots stay sharp in viewers that smooth what they stretch.
        var result = try SVG.image(picture.scaled(by: max(1, Int(2 * box.width) / count)), in: box) + outline(box)
        result += SVG.text(panel.title, x: box.left, y: box.top - 4, size: 9, more: " font-weight=\"600\"")
        for index in stride(from: 0, to: count, by: every) {
            let place = (Double(index) + 0.5) * cell + 2.8, x = box.left + place, y = box.bottom + 4
            result += SVG.text(names[index], x: box.left - 4, y: box.top + place, size: letter, anchor: "end")
            result += SVG.text(names[index], x: x, y: y, size: letter, anchor: "end", more: " transform=\"rotate(-90 \(SVG.number(x)) \(SVG.number(y)))\"")
        }
        return result
    }

    /// The scale, 1 at the top.
    private func bar(_ box: Rectangle) throws -> String {
        let height = 100, picture = Picture(height: height, width: 1, channels: 3, pixels: (0 ..< height).flatMap { Self.pixel(1 - (Double($0) + 0.5) / Double(height)) })
        var result = try SVG.image(picture, in: box) + Self.outline(box)
        for (value, label) in [(0.0, "0"), (0.5, "0.5"), (1.0, "1")] {
            let place = box.bottom - value * box.height
            result += SVG.line(box.right, place, box.right + 4, place) + SVG.text(label, x: box.right + 7, y: place + 3.8)
        }
        let x = box.right + 42, middle = box.top + box.height / 2
        return result + SVG.text(scale, x: x, y: middle, size: 10, anchor: "middle", more: " transform=\"rotate(-90 \(SVG.number(x)) \(SVG.number(middle)))\"")
    }

    private static func outline(_ box: Rectangle) -> String { SVG.rectangle(box, more: " fill=\"none\" stroke=\"\(SVG.ink)\" stroke-width=\"0.7\"") }

    private static func pixel(_ share: Double) -> [UInt8] {
        let colour = ColourMap.viridis(share)
        return [colour.red, colour.green, colour.blue]
    }
}
