import GibbsNumerics

extension Picture {
    /// A contact sheet of pictures of one size on white, from left to right and then down.
    ///
    /// - Parameters:
    ///   - pictures: At least one; where some are grey and some are not, all become coloured.
    ///   - columns: Pictures side by side; as near to a square sheet as can be unless told.
    ///   - gap: Pixels of the sheet between pictures.
    ///   - scale: Each pixel becomes a square of that side.
    ///   - rowLabels: Printed to the left of the rows, from the top; there may be fewer than rows. Letters beyond ASCII
    ///     appear as question marks.
    /// - Throws: `.unsuitableData` for no pictures, `.shapeMismatch` for different sizes, `.usage` for counts that are not
    ///   positive or a negative gap, `.limitExceeded` beyond `largestPixelCount`.
    public static func grid(of pictures: [Picture], columns: Int? = nil, gap: Int = 2, scale: Int = 1, rowLabels: [String] = [])
        throws -> Picture {
        try sheet(of: pictures, columns: columns, gap: gap, scale: scale, isFramed: false, labels: rowLabels)
    }

    /// Refuses what `grid` would refuse of so many pictures of one size, before they are made.
    ///
    /// - Parameters:
    ///   - count: Pictures.
    ///   - height: Pixels of one from top to bottom.
    ///   - width: Pixels of one from left to right.
    ///   - columns: Pictures side by side.
    ///   - gap: Pixels of the sheet between pictures.
    ///   - scale: Each pixel becomes a square of that side.
    /// - Throws: `.usage` for counts that are not positive or a negative gap, `.limitExceeded` beyond `largestPixelCount`.
    public static func checkSheet(of count: Int, height: Int, width: Int, columns: Int, gap: Int = 2, scale: Int = 1) throws {
        guard count > 0, height > 0, width > 0, columns > 0, gap >= 0, scale > 0 else {
            throw GibbsError(.usage, "a sheet of \(count) images of \(height) × \(width) in \(columns) columns with gap \(gap) and scale \(scale)",
                             advice: "give positive numbers, and a gap of 0 or more")
        }
        _ = try SheetLayout(count: count, columns: columns, height: height, width: width, gap: gap, scale: scale, frame: 0, labels: [])
    }

    private static func sheet(of pictures: [Picture], columns: Int?, gap: Int, scale: Int, isFramed: Bool, labels: [String]) throws -> Picture {
        guard let first = pictures.first else {
            throw GibbsError(.unsuitableData, "no images to show", advice: "give at least one")
        }
        for other in pictures where other.height != first.height || other.width != first.width {
            throw GibbsError(.shapeMismatch, "images of \(first.height) × \(first.width) and \(other.height) × \(other.width) pixels",
                             advice: "show images of one size")
        }
        let columns = columns ?? squarest(pictures.count, height: first.height, width: first.width)
        guard columns > 0, gap >= 0, scale > 0 else {
            throw GibbsError(.usage, "a sheet of \(columns) columns with gap \(gap) and scale \(scale)",
                             advice: "give positive columns and scale, and a gap of 0 or more")
        }
        let layout = try SheetLayout(count: pictures.count, columns: columns, height: first.height, width: first.width,
                                     gap: gap, scale: scale, frame: isFramed ? 1 : 0, labels: labels)
        let isGrey = pictures.allSatisfy { $0.channels == 1 }
        var sheet = Picture(height: layout.height, width: layout.width, channels: isGrey ? 1 : 3,
                            pixels: [UInt8](repeating: 255, count: layout.height * layout.width * (isGrey ? 1 : 3)))
        for (index, picture) in pictures.enumerated() {
            let (row, column) = layout.corner(index)
            let tile = (isGrey ? picture : picture.coloured).scaled(by: scale)
            sheet.place(isFramed ? tile.framed(Colour(190, 190, 190)) : tile, row: row, column: column)
        }
        layout.drawLabels(labels, on: &sheet)
        return sheet
    }

    /// The usual picture of samples: a contact sheet of the images in a matrix, one a row.
    ///
    /// - Parameters:
    ///   - images: Shape `[images, height * width]` for grey or `[images, 3 * height * width]` for colours, 0 is black
    ///     and 1 is white.
    ///   - height: Pixels of one image from top to bottom.
    ///   - width: Pixels of one image from left to right.
    ///   - columns: Images side by side; as near to a square sheet as can be unless told.
    ///   - gap: Pixels of the sheet between images, which are white.
    ///   - scale: Each pixel becomes a square of that side.
    ///   - rowLabels: Printed to the left of the rows, as above.
    /// - Throws: As above, and `.shapeMismatch` unless the matrix fits the sides. Values outside `0...1` are no error and
    ///   are clipped; `nan` is shown as mid grey.
    public static func grid(of images: Matrix, height: Int, width: Int, columns: Int? = nil, gap: Int = 2, scale: Int = 1,
                            rowLabels: [String] = []) throws -> Picture {
        let pictures = try (0 ..< images.rows).map { try Picture(images.row($0), height: height, width: width) }
        return try grid(of: pictures, columns: columns, gap: gap, scale: scale, rowLabels: rowLabels)
    }

    /// The images of a matrix in one row, as `grid`.
    ///
    /// - Throws: As `grid`.
    public static func strip(of images: Matrix, height: Int, width: Int, gap: Int = 2, scale: Int = 1) throws -> Picture {
        try grid(of: images, height: height, width: width, columns: max(images.rows, 1), gap: gap, scale: scale)
    }

    /// Signed weights as images: blue below zero, white at zero, red above.
    ///
    /// Each tile is scaled by its own largest magnitude, so that weak filters can be seen beside strong ones; a tile of
    /// zeros is white. Tiles are framed by a thin grey line, because zero is as white as the paper.
    ///
    /// - Parameters:
    ///   - weights: Shape `[filters, height * width]`. Weights `[visible, hidden]` have to be transposed first.
    ///   - height: Pixels of one filter from top to bottom.
    ///   - width: Pixels of one filter from left to right.
    ///   - columns: Filters side by side; as near to a square sheet as can be unless told.
    ///   - gap: Pixels of the sheet between frames.
    ///   - scale: Each weight becomes a square of that side.
    ///   - rowLabels: Printed to the left of the rows, as in `grid`.
    /// - Throws: As `grid`. `nan` is no error and shown as mid grey.
    public static func filters(of weights: Matrix, height: Int, width: Int, columns: Int? = nil, gap: Int = 3, scale: Int = 3,
                               rowLabels: [String] = []) throws -> Picture {
        let tiles = try (0 ..< weights.rows).map { index in
            let row = weights.row(index)
            guard try channels(of: row.count, height: height, width: width) == 1 else {
                throw GibbsError(.shapeMismatch, "\(row.count) weights for filters of \(height) × \(width)",
                                 advice: "give \(height * width) weights a row")
            }
            return filter(row, height: height, width: width)
        }
        return try sheet(of: tiles, columns: columns, gap: gap, scale: scale, isFramed: true, labels: rowLabels)
    }

    private static func filter(_ weights: ArraySlice<Float>, height: Int, width: Int) -> Picture {
        let largest = weights.reduce(Float(0)) { $1.isNaN ? $0 : max($0, abs($1)) }
        let pixels = weights.flatMap { weight -> [UInt8] in
            // Infinity over infinity would hide that there is a sign; zero over zero is no trouble but white.
            let place = weight.isInfinite ? (weight < 0 ? -1 : 1) : weight == 0 ? 0 : weight / largest
            let colour = ColourMap.diverging((Double(place) + 1) / 2)
            return [colour.red, colour.green, colour.blue]
        }
        return Picture(height: height, width: width, channels: 3, pixels: pixels)
    }

    /// One pixel more on each side of a coloured picture.
    private func framed(_ colour: Colour) -> Picture {
        var result = Picture(height: height + 2, width: width + 2, colour: colour)
        result.place(self, row: 1, column: 1)
        return result
    }

    private static func squarest(_ count: Int, height: Int, width: Int) -> Int {
        let side = (Double(count) * Double(height) / Double(width)).squareRoot()
        return min(max(Int(side.rounded(.up)), 1), count)
    }
}

/// Where things stand on a contact sheet.
private struct SheetLayout {
    let height: Int, width: Int
    private let columns: Int, tileHeight: Int, tileWidth: Int, gap: Int
    private let labelScale: Int, left: Int

    init(count: Int, columns: Int, height: Int, width: Int, gap: Int, scale: Int, frame: Int, labels: [String]) throws {
        // Any side beyond this is refused below, so that nothing overflows before.
        let far = Picture.largestPixelCount
        guard count <= far, columns <= far, gap <= far, scale <= far, height * scale <= far, width * scale <= far else {
            throw Self.tooLarge
        }
        let rows = (count + columns - 1) / columns, longest = labels.prefix(rows).map(PictureText.width(of:)).max() ?? 0
        (self.columns, self.gap, tileHeight, tileWidth) = (columns, gap, height * scale + 2 * frame, width * scale + 2 * frame)
        labelScale = max(1, min(3, tileHeight / 20))
        left = longest > 0 ? (longest + 2 * PictureText.step) * labelScale : 0
        self.height = max(rows * (tileHeight + gap) - gap, longest > 0 ? PictureText.height * labelScale : 0)
        self.width = left + columns * (tileWidth + gap) - gap
        guard self.height <= far / self.width else { throw Self.tooLarge }
    }

    /// The first pixel of the tile with that index.
    func corner(_ index: Int) -> (row: Int, column: Int) {
        (index / columns * (tileHeight + gap), left + index % columns * (tileWidth + gap))
    }

    func drawLabels(_ labels: [String], on sheet: inout Picture) {
        for (row, label) in labels.enumerated() where row * (tileHeight + gap) < height {
            let end = left - PictureText.step * labelScale
            // Letters without what hangs below the line are seven pixels high.
            let top = row * (tileHeight + gap) + max(0, (tileHeight - 7 * labelScale) / 2)
            PictureText.draw(label, row: top, column: end - PictureText.width(of: label) * labelScale, scale: labelScale, on: &sheet)
        }
    }

    private static var tooLarge: GibbsError {
        GibbsError(.limitExceeded, "a sheet of more than \(Picture.largestPixelCount) pixels",
                   advice: "lower the scale or show fewer images")
    }
}
