import GibbsCreate
import GibbsNumerics
import GibbsTestSupport
import Testing

/// What a person asks for of corrections, by a number, a kind or both.
@Suite struct CorrectionsTests {
    @Test func asked() throws {
        #expect(try Corrections.asked(steps: nil, kind: nil) == nil)
        #expect(try Corrections.asked(steps: nil, kind: .hmc) == Corrections(steps: 2, kind: .hmc))
        #expect(try Corrections.asked(steps: 5, kind: nil) == Corrections(steps: 5, kind: .mala))
        #expect(try Corrections.asked(steps: 5, kind: .langevin) == Corrections(steps: 5, kind: .langevin))
        #expect(try Corrections.asked(steps: 0, kind: nil) == Corrections(steps: 0))
        #expect(checkRefusal([.usage], "a kind, and none of it") { _ = try Corrections.asked(steps: 0, kind: .hmc) } == [])
    }
}
