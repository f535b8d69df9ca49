import GibbsCore
import GibbsCreate
import GibbsNumerics
import GibbsTestSupport
import Testing

/// Figures, tables and sheets of energies on foreign images, for an energy so plain that everything is known: brightness.
@Suite struct NoveltyTests {
    static let shape = ImageShape(height: 2, width: 2)

    /// Images of one grey each, evenly between two levels.
    static func greys(_ count: Int, _ range: ClosedRange<Float>) -> Matrix {
        Matrix(rows: count, columns: 4, values: (0 ..< 4 * count).map { range.lowerBound + (range.upperBound - range.lowerBound) * Float($0 / 4) / Float(count - 1) })
    }

    static func trial() throws -> NoveltyTrial { try NoveltyTrial(images: greys(500, 0.4 ... 0.6), test: greys(100, 0.4 ... 0.6), shape: shape, falseAlarmRate: 0.1) }
    static let sets = [NoveltySet("brighter", greys(50, 0.7 ... 0.9)), NoveltySet("darker", greys(80, 0 ... 0.3)), NoveltySet("alike", greys(100, 0.4 ... 0.6))]
    static func brightness(_ images: Matrix) -> [Float] { (0 ..< images.rows).map { images[$0, 0] } }

    @Test func figures() throws {
        let found = try Self.trial().judged("brightness", on: Self.sets) { Self.brightness($0) }
        #expect(found.name == "brightness" && found.figures.map(\.set) == ["brighter", "darker", "alike"] && found.figures.map(\.images) == [50, 80, 100])
        #expect(found.figures.map(\.auroc) == [1, 0, 0.5] && found.figures.map(\.caught).prefix(2) == [1, 0])
        #expect(abs(found.figures[0].averagePrecision - 1) < 1e-9 && found.figures[0].falsePositiveRate == 0 && found.figures[1].falsePositiveRate == 1)
        #expect(found.figures.allSatisfy { abs($0.falseAlarms - 0.1) < 0.08 } && abs(found.figures[2].caught - found.figures[2].falseAlarms) < 1e-9)
        // What is no number is as foreign as can be.
        let lost = try Self.trial().judged("lost", on: Self.sets) { images in Self.brightness(images).map { $0 < 0.35 ? .nan : $0 } }
        #expect(lost.figures[1].auroc == 1)
    }

    /// Few of many images, from all over the set, and as many as the calibration needs.
    @Test func someOfThem() throws {
        var asked = [Int]()
        let found = try Self.trial().judged("some", on: Self.sets, most: 5) { images in
            asked.append(images.rows)
            return Self.brightness(images)
        }
        #expect(asked == [9, 5, 5, 5, 5] && found.own.rows == [0, 20, 40, 60, 80] && found.foreign[1].rows == [0, 16, 32, 48, 64])
    }

    @Test func tableOverKeys() throws {
        let trial = try Self.trial(), shifted = [NoveltySet("brighter", Self.greys(50, 0.5 ... 0.5)), Self.sets[1], Self.sets[2]]
        var table = NoveltyTable()
        table.add([try trial.judged("brightness", on: Self.sets) { Self.brightness($0) }, try trial.judged("brightness", on: shifted) { Self.brightness($0) }])
        table.add([try trial.judged("distance", on: Self.sets) { Self.brightness($0).map { abs($0 - 0.5) } }])
        #expect(table.models == ["brightness", "distance"] && table.sets == ["brighter", "darker", "alike"] && table.cells.count == 6)
        let cell = try #require(table.cell("brightness", "brighter"))
        #expect(cell.auroc.values == [1, 0.5] && cell.auroc.mean == 0.75 && abs(cell.auroc.deviation! - 0.125.squareRoot()) < 1e-12)
        #expect(table.cell("distance", "darker")?.auroc.deviation == nil && table.cell("distance", "darker")?.auroc.mean == 1)
        #expect(table.worst(of: "brightness")?.set == "darker" && table.worst(of: "distance")?.set == "alike")
        #expect(table.safest?.model == "distance" && table.worst(of: "nothing") == nil)
    }

    /// Twelve places a row: foreign images from the lowest energy on, no more than four of a set, then own ones from the highest on.
    @Test func sheet() throws {
        let found = try Self.trial().judged("b", on: Self.sets) { Self.brightness($0) }
        let sheet = try NoveltySheet.picture(of: [found, found], test: Self.greys(100, 0.4 ... 0.6), sets: Self.sets, shape: Self.shape, scale: 1)
        // Tiles of two pixels and gaps of two; labels to the left.
        #expect(sheet.height == 4 * 4 - 2)
        let left = sheet.width - (12 * 4 - 2)
        func tile(_ row: Int, _ column: Int) -> Float { Float(sheet[4 * row, left + 4 * column].green) / 255 }
        let places = (0 ..< 12).map { tile(0, $0) }
        for (found, exact) in zip(places, Self.greys(80, 0 ... 0.3).column(0).prefix(4) + Self.greys(100, 0.4 ... 0.6).column(0).prefix(4) + Self.greys(50, 0.7 ... 0.9).column(0).prefix(4)) {
            #expect(abs(found - exact) < 0.003)
        }
        for (found, exact) in zip((0 ..< 12).map { tile(1, $0) }, Self.greys(100, 0.4 ... 0.6).column(0).reversed()) { #expect(abs(found - exact) < 0.003) }
        #expect(tile(2, 0) == tile(0, 0))
    }
}
