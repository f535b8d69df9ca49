import GibbsCore
import GibbsMachines
import GibbsNumerics
import Testing

@Suite struct IndicatorGroupsTests {
    /// A one-hot field of three, a lone column, a field of four of which the last is "none", and two unrelated columns.
    static let rows: Matrix = {
        let draws = Key(1).uniforms(5 * 400)
        return Matrix((0 ..< 400).map { row -> [Float] in
            let u = draws[5 * row ..< 5 * row + 5].map { $0 }
            let first = Int(u[0] * 3), second = Int(u[1] * 4)
            return [0, 1, 2].map { $0 == first ? 1 : 0 } + [u[2] < 0.4 ? 1 : 0] + [0, 1, 2].map { $0 == second ? 1 : 0 } + [u[3] < 0.5 ? 1 : 0, u[4] < 0.5 ? 1 : 0]
        })
    }()

    @Test func findsFields() throws {
        let found = try IndicatorGroups.found(in: Self.rows)
        #expect(found.groups.map(\.columns) == [0 ..< 3, 3 ..< 4, 4 ..< 7, 7 ..< 8, 8 ..< 9])
        #expect(found.variables == [.categorical(3), .binary, .categorical(4), .binary, .binary])
        let (encoded, fits) = found.encoded(Self.rows)
        #expect(fits.allSatisfy { $0 })
        try encoded.check(against: found.variables)
        // No two rows that differ become the same.
        #expect(Set((0 ..< 400).map { Array(Self.rows.row($0)) }).count == Set((0 ..< 400).map { Array(encoded.row($0)) }).count)
        let strange = Matrix([[1, 1, 0, 0, 0, 0, 0, 0, 0], [0, 0, 0, 0, 0, 0, 0, 0, 0], [0, 1, 0, 0, 0, 0, 0, 1, 1]])
        #expect(found.encoded(strange).fits == [false, false, true])
    }

    /// Rare columns that happen never to meet are no group.
    @Test func chanceIsNoGroup() throws {
        var rows = Matrix(rows: 100, columns: 2)
        rows[0, 0] = 1
        rows[1, 1] = 1
        #expect(try IndicatorGroups.found(in: rows).groups.count == 2)
        #expect(throws: GibbsError.self) { _ = try IndicatorGroups.found(in: Matrix(rows: 1, columns: 1, repeating: 0.5)) }
    }
}
