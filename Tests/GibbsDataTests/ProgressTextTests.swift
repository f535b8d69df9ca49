import GibbsData
import Testing

/// What long work says of how far it has come.
@Suite struct ProgressTextTests {
    /// A fit that has done three thousandths in 39 seconds goes on for hours, which nobody counts in seconds.
    @Test func bars() {
        let bar = ProgressText.bar(0.003, after: 39.5, ProgressText.percent(0.003), note: "epoch 1")
        #expect(bar == "[" + String(repeating: "·", count: 24) + "] 0.3 %, 3.6 h left; epoch 1")
        #expect(ProgressText.bar(0.5, after: 30, "1/2 epochs") == "[" + String(repeating: "█", count: 12) + String(repeating: "·", count: 12) + "] 1/2 epochs, 30 s left")
        #expect(ProgressText.bar(1, after: 30, "100.0 % sampled") == "[" + String(repeating: "█", count: 24) + "] 100.0 % sampled")
    }

    @Test(arguments: [(0.4, "0 s"), (119.6, "120 s"), (121, "2 min"), (7_100, "118 min"), (7_300, "2.0 h"), (13_139, "3.6 h")]) func times(seconds: Double, text: String) {
        #expect(ProgressText.time(seconds) == text)
    }

    /// Nothing done yet tells no time left, and shares that are none trap nothing.
    @Test func oddShares() {
        #expect(!ProgressText.bar(0, after: 0, "").contains("left"))
        for share in [-1, 2, Double.nan, Double.infinity, -Double.infinity] { #expect(ProgressText.bar(share, after: 1, "").count == 27 && !ProgressText.percent(share).contains("n")) }
    }
}
