import GibbsCore
import GibbsNumerics
import GibbsTestSupport
import Testing

/// Variables: which values fit them, and their text in model files.
@Suite struct VariableTests {
    static let variables: [Variable] = [.real, .binary, .categorical(3)]

    @Test func fittingBatches() throws {
        try Matrix([[-1e30, 0, 0], [0, 1, 2], [.nan, .nan, .nan], [3, 0.25, 1]]).check(against: Self.variables)
        try Matrix(rows: 0, columns: 3).check(against: Self.variables)
    }

    @Test func unfittingBatches() {
        for row: [Float] in [[.infinity, 0, 0], [-.infinity, 0, 0], [0, -0.01, 0], [0, 1.01, 0], [0, .infinity, 0],
                             [0, 0, -1], [0, 0, 3], [0, 0, 1.5], [0, 0, .infinity]] {
            #expect(checkRefusal([.unsuitableData], "\(row)") { try Matrix([[0, 0, 0], row]).check(against: Self.variables) } == [])
        }
        for columns in [0, 2, 4] {
            #expect(checkRefusal([.shapeMismatch], "\(columns) columns") { try Matrix(rows: 1, columns: columns).check(against: Self.variables) } == [])
        }
    }

    @Test func errorsNameThePlace() {
        let error = #expect(throws: GibbsError.self) { try Matrix([[0, 0, 0], [0, 0, 7]]).check(against: Self.variables) }
        #expect(error?.message.contains("row 1, column 2") == true)
    }

    @Test func states() {
        #expect([Variable.real, .binary, .categorical(3), .categorical(1)].map(\.stateCount) == [nil, 2, 3, 1])
    }

    @Test func widths() {
        #expect(Self.variables.map(\.expandedWidth) == [1, 1, 3])
    }

    @Test(arguments: [
        ([.real], "r"), ([.binary, .binary, .binary], "3*b"), ([.categorical(7), .categorical(7), .real, .binary], "2*c7 r b"),
        ([.categorical(2), .categorical(3)], "c2 c3"), (Array(repeating: .binary, count: 784), "784*b"), ([], ""),
    ] as [([Variable], String)]) func texts(variables: [Variable], text: String) throws {
        #expect(variables.text == text)
        #expect(try [Variable](text: text) == variables)
    }

    @Test(arguments: [
        "x", "c", "c0", "c-3", "c1.5", "c99999999999999999999", "0*b", "-1*b", "*b", "3*", "3*4*b", "3b", "rb", "10000001*b", "c10000001",
        "r 9223372036854775807*b", "10000000*b b",
    ]) func hostileTexts(text: String) {
        #expect(checkRefusal([.unsuitableModel], "'\(text)'") { _ = try [Variable](text: text) } == [])
    }
}
