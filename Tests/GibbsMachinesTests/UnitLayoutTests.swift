import GibbsCore
import GibbsMachines
import Testing

/// Where units stand in the weights.
@Suite struct UnitLayoutTests {
    @Test func mixedColumns() {
        let layout = UnitLayout(Small.mixed)
        #expect(layout.realColumns == [1, 3] && layout.binaryColumns == [2, 5] && layout.groupColumns == [0, 4] && layout.binaryRows == 2 ..< 4)
        #expect(layout.groupOffsets == [4, 7, 9] && layout.width == 9 && layout.realCount == 2 && layout.binaryCount == 2 && layout.groupCount == 2)
        #expect(layout.rows(ofGroup: 0) == 4 ..< 7 && layout.rows(ofGroup: 1) == 7 ..< 9)
        #expect(UnitLayout([.binary, .real]).width == 2 && UnitLayout([.categorical(5)]).groupOffsets == [0, 5])
    }

    /// A whole number beyond 2²⁴ is not exact in single precision.
    @Test func asManyCategoriesAsCanBeToldApart() async {
        #expect(UnitLayout([.categorical(UnitLayout.categoryLimit)]).width == 1 << 24)
        await #expect(processExitsWith: .failure) { _ = UnitLayout([.categorical(UnitLayout.categoryLimit + 1)]) }
    }
}
