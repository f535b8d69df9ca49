import GibbsNumerics

extension Plot {
    /// Something drawn over the axes. Made by the functions below; whether the data can be shown is said when the plot is drawn.
    ///
    /// A name that is not empty appears in the legend, and layers with one name share its colour. All values must be finite.
    public struct Layer: Sendable {
        enum Kind: Sendable {
            case histogram([Double])
            case line(x: [Double], y: [Double])
            case points(x: [Double], y: [Double])
            case band(x: [Double], lower: [Double], upper: [Double])
            case errorBars(x: [Double], y: [Double], lower: [Double], upper: [Double])
            case vertical(Double)
            case horizontal(Double)
            case landscape(Landscape)
            case image(Picture, x: ClosedRange<Double>, y: ClosedRange<Double>)
        }

        let kind: Kind
        let name: String

        /// How values are spread: their share per unit of x, so that the area is 1 and samples of different sizes compare.
        ///
        /// All histograms of a plot have the same bins. On a logarithmic axis bins are equal ratios and the share is per
        /// factor of ten.
        public static func histogram(_ values: [some BinaryFloatingPoint], name: String = "") -> Layer {
            Layer(kind: .histogram(values.map { Double($0) }), name: name)
        }

        /// A line through points in the order given.
        public static func line(x: [some BinaryFloatingPoint], y: [some BinaryFloatingPoint], name: String = "") -> Layer {
            Layer(kind: .line(x: x.map { Double($0) }, y: y.map { Double($0) }), name: name)
        }

        /// Points, translucent so that crowds look darker; smaller where there are many.
        public static func points(x: [some BinaryFloatingPoint], y: [some BinaryFloatingPoint], name: String = "") -> Layer {
            Layer(kind: .points(x: x.map { Double($0) }, y: y.map { Double($0) }), name: name)
        }

        /// A translucent band between two lines, such as mean ± standard error.
        public static func band(x: [some BinaryFloatingPoint], lower: [some BinaryFloatingPoint], upper: [some BinaryFloatingPoint],
                                name: String = "") -> Layer {
            Layer(kind: .band(x: x.map { Double($0) }, lower: lower.map { Double($0) }, upper: upper.map { Double($0) }), name: name)
        }

        /// Points with a bar from y − error to y + error.
        public static func errorBars(x: [some BinaryFloatingPoint], y: [some BinaryFloatingPoint], error: [some BinaryFloatingPoint],
                                     name: String = "") -> Layer {
            let y = y.map { Double($0) }, error = error.map { Double($0) }
            // A count that differs is kept, so that the check finds it when the plot is drawn.
            let fits = y.count == error.count
            return Layer(kind: .errorBars(x: x.map { Double($0) }, y: y, lower: fits ? zip(y, error).map { $0 - $1 } : error,
                                          upper: fits ? zip(y, error).map { $0 + $1 } : error), name: name)
        }

        /// A dashed line from bottom to top: an exact answer, a threshold.
        public static func vertical(_ x: some BinaryFloatingPoint, name: String = "") -> Layer {
            Layer(kind: .vertical(Double(x)), name: name)
        }

        /// A dashed line from left to right.
        public static func horizontal(_ y: some BinaryFloatingPoint, name: String = "") -> Layer {
            Layer(kind: .horizontal(Double(y)), name: name)
        }

        /// A function of two variables, such as an energy: colours, lines of equal value, and a bar that says which is which.
        ///
        /// - Parameters:
        ///   - grid: The function where rows and columns cross, at least 2 × 2: row 0 at the lower end of `y`, column 0 at
        ///     the lower end of `x`, the last ones at the upper ends.
        ///   - x: From the first column to the last.
        ///   - y: From the first row to the last.
        ///   - levels: The values whose lines are drawn; round ones unless told.
        ///   - range: The values that the colours tell apart; those outside look like its ends. All unless told, which
        ///     steep walls can make dull.
        ///   - isFilled: Colour the ground, or only the lines.
        ///   - map: Colours from the lowest to the highest value.
        ///   - name: Stands beside the bar, with its unit.
        public static func contours(_ grid: Matrix, x: ClosedRange<Double>, y: ClosedRange<Double>, levels: [Double]? = nil,
                                    range: ClosedRange<Double>? = nil, isFilled: Bool = true, map: ColourMap = .viridis,
                                    name: String = "") -> Layer {
            Layer(kind: .landscape(Landscape(grid: grid, x: x, y: y, wantedLevels: levels, wantedRange: range, isFilled: isFilled,
                                             map: map)), name: name)
        }

        /// A picture stretched over a part of the plot, its first row at the top.
        public static func image(_ picture: Picture, x: ClosedRange<Double>, y: ClosedRange<Double>) -> Layer {
            Layer(kind: .image(picture, x: x, y: y), name: "")
        }
    }
}

extension Plot.Layer {
    /// Layers that the rest is drawn over.
    var isGround: Bool {
        switch kind {
        case .landscape, .image: true
        default: false
        }
    }

    /// All numbers of this layer along x and along y; a histogram has its heights only once it has bins.
    var coordinates: (x: [[Double]], y: [[Double]]) {
        switch kind {
        case .histogram(let values): ([values], [])
        case .line(let x, let y), .points(let x, let y): ([x], [y])
        case .band(let x, let lower, let upper): ([x], [lower, upper])
        case .errorBars(let x, let y, let lower, let upper): ([x], [y, lower, upper])
        case .vertical(let x): ([[x]], [])
        case .horizontal(let y): ([], [[y]])
        case .landscape(let ground): ([ground.x.ends], [ground.y.ends])
        case .image(_, let x, let y): ([x.ends], [y.ends])
        }
    }

    /// Refuses what cannot be drawn.
    ///
    /// - Throws: `.unsuitableData` for nothing or numbers that are not finite, `.shapeMismatch` for different lengths.
    func check() throws {
        let (x, y) = coordinates, all = x + y, place = GibbsError.Place(field: name.isEmpty ? nil : name)
        let count = all[0].count
        guard all.allSatisfy({ $0.count == count }) || x.isEmpty || y.isEmpty else {
            let counts = all.map { "\($0.count)" }.joined(separator: ", ")
            throw GibbsError(.shapeMismatch, "coordinates of different lengths (\(counts))", at: place,
                             advice: "give as many values for each")
        }
        guard count > 0 else { throw GibbsError(.unsuitableData, "no data to plot", at: place, advice: "leave the layer out") }
        let broken = all.reduce(0) { $0 + $1.count { !$0.isFinite } }
        guard broken == 0 else {
            throw GibbsError(.unsuitableData, "\(broken) of \(count * all.count) numbers to plot are not finite", at: place,
                             advice: "leave those records out")
        }
        let far = all.reduce(0) { $0 + $1.count { abs($0) > 1e300 } }
        guard far == 0 else {
            throw GibbsError(.unsuitableData, "\(far) of \(count * all.count) numbers to plot are beyond ±1e300", at: place,
                             advice: "plot their logarithms")
        }
        if case .landscape(let ground) = kind { try ground.check(at: place) }
        if case .image(_, let x, let y) = kind { try Landscape.checkSides(x, y, at: place) }
    }
}

extension ClosedRange<Double> {
    var ends: [Double] { [lowerBound, upperBound] }
}
