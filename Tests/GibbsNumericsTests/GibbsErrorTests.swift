import GibbsNumerics
import Testing

/// How bad news reads.
@Suite struct GibbsErrorTests {
    @Test func descriptions() {
        let bare = GibbsError(.usage, "no rows")
        #expect("\(bare)" == "no rows")
        #expect("\(GibbsError(.usage, "no rows", advice: "give one"))" == "no rows; give one")
        let place = GibbsError.Place(file: "a.csv", line: 7, field: "age")
        #expect("\(bare.located(at: place))" == "a.csv:7: field 'age': no rows")
        #expect("\(bare.located(at: .init(file: "a.csv")))" == "a.csv: no rows")
        #expect("\(bare.located(at: .init(line: 7)))" == "line 7: no rows")
    }

    @Test func placesFillOnlyGaps() {
        let error = GibbsError(.malformedData, "x", at: .init(line: 3)).located(at: .init(file: "f", line: 9, field: "g"))
        #expect(error.place == .init(file: "f", line: 3, field: "g"))
        #expect(error.code == .malformedData)
    }
}
