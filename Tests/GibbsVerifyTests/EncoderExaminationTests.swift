import GibbsNumerics
import GibbsVerify
import Testing

/// Embeddings that spread, and some that have collapsed.
@Suite struct EncoderExaminationTests {
    private static func spread(_ embeddings: Matrix) -> Finding { EncoderExamination.spread(of: embeddings, rows: "images") }

    /// Variances 2 and 1/2 are (5/2)² / (17/4) dimensions.
    @Test func dimension() {
        let found = EncoderExamination.dimension(of: Matrix([[2, 0], [-2, 0], [0, 1], [0, -1]]))
        #expect(abs(found.dimension - 25.0 / 17) < 1e-6 && abs(found.spread - 1) < 1e-6, "\(found)")
        let normal = EncoderExamination.dimension(of: Matrix(rows: 4000, columns: 8, values: Key(1).normals(32_000).map { $0 + 1 }))
        // Sampling errors of 36 covariances take 8 · 9 / 4000 of it.
        #expect(abs(normal.dimension - 8) < 0.05 && abs(normal.spread - 0.5) < 0.02, "\(normal)")
        #expect(EncoderExamination.dimension(of: Matrix(rows: 30, columns: 4)).dimension == 0)
    }

    @Test func sound() {
        let finding = Self.spread(Matrix(rows: 400, columns: 8, values: Key(2).normals(3200)))
        #expect(!finding.isWarning && finding.seen.contains(" of 8, over 400 images"), "\(finding)")
        #expect(Self.spread(Matrix(rows: 400, columns: 1, values: Key(3).normals(400))).verdict == .good, "one number has one direction")
        #expect(Self.spread(Matrix(rows: 400, columns: 2, values: Key(4).normals(800))).verdict == .good)
    }

    @Test func collapsed() {
        let along = Key(5).normals(400), noise = Key(6).normals(3200), direction = Key(7).normals(8)
        func warns(_ what: String, _ value: (_ row: Int, _ column: Int) -> Float) {
            let finding = Self.spread(Matrix(rows: 400, columns: 8, values: (0 ..< 3200).map { value($0 / 8, $0 % 8) }))
            #expect(finding.isWarning, "\(what): \(finding)")
        }
        warns("a point") { _, column in direction[column] }
        warns("a point to rounding") { row, column in direction[column] * (1 + 1e-6 * noise[8 * row + column]) }
        warns("zero") { _, _ in 0 }
        warns("a line") { row, column in along[row] * direction[column] }
        warns("nearly a line") { row, column in along[row] * direction[column] + 0.05 * noise[8 * row + column] }
        warns("no numbers") { _, _ in .nan }
        #expect(Self.spread(Matrix(rows: 400, columns: 2, values: along.flatMap { [$0, $0] })).isWarning)
        if case .unknown = Self.spread(Matrix(rows: 5, columns: 8)).verdict {} else { Issue.record("five tell nothing") }
    }
}
