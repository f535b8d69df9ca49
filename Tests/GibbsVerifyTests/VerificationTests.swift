import GibbsNumerics
import GibbsTestSupport
import GibbsVerify
import Testing

/// The suite as `gibbs verify` runs it.
@Suite struct VerificationTests {
    @Test(arguments: VerificationCheck.all.indices) func holds(index: Int) {
        let result = VerificationCheck.all[index].run(key: Key(101).folding(index))
        #expect(result.holds, "\(result.name): \(result.failures)")
        #expect(result.cases > 1 && result.deviation <= result.limit, "\(result)")
    }

    /// Limits in nats come from rounding, which no key may exceed.
    @Test func roundingHoldsForEveryKey() {
        for check in VerificationCheck.all where ["free energy, hidden means", "gradients", "descent by L-BFGS"].contains(check.name) {
            for seed in 0 ..< 1_000 {
                let result = check.run(key: Key(7).folding(seed))
                #expect(result.holds, "\(check.name), key \(seed): \(result.failures)")
            }
        }
    }

    @Test func namesAreDistinct() {
        #expect(Set(VerificationCheck.all.map(\.name)).count == VerificationCheck.all.count)
    }

    /// A check that throws, and one that compares nothing, have failed.
    @Test func silenceIsNoProof() {
        let thrown = VerificationCheck("thrown", against: "nothing", in: "nats") { _ in throw GibbsError(.usage, "no") }.run(key: Key(1))
        #expect(!thrown.holds && thrown.failures[0].message.contains("no") && thrown.deviation.isNaN)
        let silent = VerificationCheck("silent", against: "nothing", in: "nats") { _ in [] }.run(key: Key(1))
        #expect(!silent.holds && silent.cases == 0)
    }

    /// The comparison that is reported is the one nearest to its limit.
    @Test func tally() {
        let result = VerificationCheck("three", against: "limits", in: "nats") { _ in
            for (deviation, limit) in [(1.0, 10.0), (2, 3), (0, 0)] { _ = isWithin(deviation, limit: limit) }
            return []
        }.run(key: Key(1))
        #expect(result.holds && result.cases == 3 && result.deviation == 2 && result.limit == 3)
        let (holds, tally) = Tally.counting { isWithin(.nan, limit: 1) }
        #expect(!holds && tally.closest!.deviation.isNaN)
    }
}
