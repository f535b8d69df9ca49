import Foundation
import GibbsData
import GibbsNumerics
import Testing

/// Data that cannot be drawn, and odd ones that can.
@Suite struct PlotRefusalTests {
    private func refuse(_ code: GibbsError.Code, _ part: String, _ layers: Plot.Layer..., x: Plot.Axis = "", y: Plot.Axis = "",
                        sourceLocation: SourceLocation = #_sourceLocation) {
        expectError(code, part, sourceLocation: sourceLocation) { try Plot(x: x, y: y, layers: layers).svg }
    }

    @Test func dataThatCannotBeDrawn() {
        let none = [Double](), one = [1.0], two = [1.0, 2]
        expectError(.unsuitableData, "without layers") { try Plot().svg }
        refuse(.unsuitableData, "no data", .histogram(none))
        refuse(.unsuitableData, "field 'run'", .line(x: none, y: none, name: "run"))
        refuse(.unsuitableData, "1 of 4", .line(x: two, y: [1, .nan]))
        refuse(.unsuitableData, "1 of 2", .histogram([Float.infinity, 2]))
        refuse(.unsuitableData, "1 of 1", .vertical(Double.nan))
        refuse(.shapeMismatch, "2, 1", .points(x: two, y: one))
        refuse(.shapeMismatch, "2, 2, 1", .band(x: two, lower: two, upper: one))
        refuse(.shapeMismatch, "different lengths", .errorBars(x: two, y: two, error: one))
        refuse(.shapeMismatch, "different lengths", .errorBars(x: one, y: one, error: two))
        let unit = 0.0 ... 1
        refuse(.unsuitableData, "1 × 3", .contours(Matrix([[1, 2, 3]]), x: unit, y: unit))
        refuse(.unsuitableData, "1 of 4", .contours(Matrix([[1, 2], [3, .nan]]), x: unit, y: unit))
        refuse(.unsuitableData, "no area", .contours(Matrix([[1, 2], [3, 4]]), x: 1 ... 1, y: unit))
        refuse(.unsuitableData, "levels", .contours(Matrix([[1, 2], [3, 4]]), x: unit, y: unit, levels: [.nan]))
        refuse(.unsuitableData, "range", .contours(Matrix([[1, 2], [3, 4]]), x: unit, y: unit, range: 2 ... 2))
        refuse(.unsuitableData, "not finite", .image(noise(height: 1, width: 1, channels: 1), x: 0 ... .infinity, y: unit))
    }

    @Test func axesThatCannotShowThem() {
        let line = Plot.Layer.line(x: [-1.0, 2], y: [0.0, 2])
        refuse(.unsuitableData, "'steps' cannot show -1", line, x: .init("steps", scale: .logarithmic))
        refuse(.unsuitableData, "cannot show 0", line, y: .init(scale: .logarithmic))
        refuse(.unsuitableData, "cannot show -1", .histogram([-1.0, 3]), x: .init(scale: .logarithmic))
        refuse(.unsuitableData, "cannot go", line, x: .init(range: 1 ... 1))
        refuse(.unsuitableData, "cannot go", line, y: .init(range: 0 ... .infinity))
        refuse(.unsuitableData, "'steps' cannot show -1", line, x: .init("steps", range: -1 ... 1, scale: .logarithmic))
        refuse(.unsuitableData, "cannot go", .histogram([1.0, 2]), x: .init(range: 0 ... .infinity))
        refuse(.unsuitableData, "2 of 4 numbers", .line(x: [-1e308, 1e308], y: [0, 1]))
        for bins in [0, -4, 1001] {
            expectError(.usage, "\(bins) bins") { try Plot(layers: [.histogram([1.0, 2])], bins: bins).svg }
        }
        for side in [0, -5, 1e9, Double.nan] { expectError(.usage, "pixels") { try Plot(layers: [line], width: side).svg } }
    }

    @Test func oddDataAreDrawn() throws {
        let flat = [3.0, 3, 3], log = Plot.Axis(scale: .logarithmic)
        let plots = [
            Plot(layers: [.line(x: flat, y: flat)]), Plot(layers: [.points(x: [0.0], y: [0.0])]), Plot(layers: [.histogram(flat)]),
            Plot(x: .init(range: 0 ... 5), layers: [.histogram(flat)]), Plot(x: .init(range: 0 ... 5), layers: [.line(x: flat, y: flat)]),
            Plot(layers: [.histogram([1e300, -1e300])]), Plot(layers: [.histogram([0.0])]), Plot(layers: [.vertical(1.0)]),
            Plot(layers: [.line(x: [0, 5e-324], y: [0, 1e-310])]), Plot(layers: [.line(x: [1e15, 1e15 + 1], y: [1, 1 + 1e-15])]),
            Plot(x: log, y: log, layers: [.line(x: [1e-290, 1e290], y: [3.0, 3])]),
            Plot(x: log, y: log, layers: [.histogram([1.0, 10, 100, 1e6])]), Plot(x: log, layers: [.histogram([2.0, 2])]),
            Plot(x: .init(range: 0 ... 1e-9), layers: [.line(x: [-1e300, 1e300], y: [-1e300, 1e300])]),
            Plot(x: .init(range: 10 ... 20), layers: [.histogram([1.0, 2]), .points(x: [1.0], y: [1.0])]),
            Plot(layers: [.contours(Matrix(rows: 2, columns: 2, repeating: 4), x: 0 ... 1, y: 0 ... 1)]),
            Plot(layers: [.contours(Matrix([[-3e38, 3e38], [0, 1]]), x: -1e300 ... 1e300, y: 0 ... 1e-300)]),
            Plot(layers: [.line(x: [1.0, 2], y: [1.0, 2], name: String(repeating: "long ", count: 50))]),
            Plot(String(repeating: "long ", count: 50), layers: [.line(x: [1.0, 2], y: [1.0, 2])], width: 120, height: 90),
            Plot(layers: (0 ..< 40).map { .line(x: [0.0, 1], y: [0.0, Double($0)], name: "series \($0)") }),
        ]
        for (index, plot) in plots.enumerated() {
            let svg = try plot.svg
            #expect(!svg.contains("nan") && !svg.contains("inf"), "plot \(index)")
        }
    }

    @Test func hugeCrowdsStaySmall() throws {
        var dice = Dice(8)
        let x = (0 ..< 200_000).map { _ in Float.random(in: 0 ... 1, using: &dice) }, y = x.map { _ in Float.random(in: 0 ... 1, using: &dice) }
        #expect(try Plot(layers: [.points(x: x, y: y)]).svg.utf8.count < 3_000_000)
    }
}

@Suite struct PlotTickTests {
    @Test func ticksCoverTheDataAndAreRound() throws {
        var dice = Dice(11)
        for _ in 0 ..< 2000 {
            let low = Double.random(in: -1 ... 1, using: &dice) * pow(10, Double.random(in: -8 ... 8, using: &dice))
            let high = low + pow(10, Double.random(in: -8 ... 8, using: &dice))
            let ticks = try Plot.Axis().ticks(covering: low ... high), values = ticks.values
            let step = values[1] - values[0], slack = step * 1e-6
            guard high - low > 1.1e-9 * max(abs(low), abs(high)) else { continue }
            #expect(values.first! <= low + slack && values.last! >= high - slack, "\(low) \(high)")
            #expect(values.first! > low - step - slack && values.last! < high + step + slack, "no more than needed: \(low) \(high)")
            #expect((3 ... 15).contains(values.count), "\(low) \(high): \(values.count)")
            #expect(ticks.labels.count == values.count && Set(ticks.labels).count == values.count, "\(ticks.labels)")
            let lead = step / pow(10, log10(step * 1.0000001).rounded(.down))
            #expect([1, 2, 2.5, 5, 10].contains { abs($0 - lead) < 1e-3 }, "step \(step)")
        }
    }

    @Test func labels() throws {
        func labels(_ range: ClosedRange<Double>, _ scale: Plot.Axis.Scale = .linear) throws -> [String] {
            let ticks = try Plot.Axis(scale: scale).ticks(covering: range)
            return ticks.labels + (ticks.factor.isEmpty ? [] : [ticks.factor])
        }
        #expect(try labels(0 ... 1) == ["0.0", "0.2", "0.4", "0.6", "0.8", "1.0"])
        #expect(try labels(-3 ... 2) == ["−3", "−2", "−1", "0", "1", "2"])
        #expect(try labels(0 ... 40_000) == ["0", "10\u{2009}000", "20\u{2009}000", "30\u{2009}000", "40\u{2009}000"])
        #expect(try labels(0 ... 6e6) == ["0", "1", "2", "3", "4", "5", "6", "×10⁶"])
        #expect(try labels(0 ... 2e-5) == ["0.0", "0.5", "1.0", "1.5", "2.0", "×10⁻⁵"])
        #expect(try labels(1 ... 1e5, .logarithmic) == ["1", "10", "100", "1000", "10⁴", "10⁵"])
        #expect(try labels(3 ... 40, .logarithmic) == ["2", "5", "10", "20", "50"])
        #expect(try labels(1e-12 ... 1e12, .logarithmic).count < 8)
    }

    @Test func givenRangesAreKept() throws {
        let ticks = try Plot.Axis(range: 0.3 ... 9.7).ticks(covering: -100 ... 100)
        #expect(ticks.range == 0.3 ... 9.7 && ticks.values == [2, 4, 6, 8])
        let tight = try Plot.Axis().ticks(covering: 0.3 ... 9.7, isTight: true)
        #expect(tight == ticks)
    }
}
