import CommandDriver
import Testing

/// `gibbs verify` on what it cannot examine.
@Suite struct VerifyTests {
    let place: Workplace

    init() throws { place = try .fitted() }

    @Test func noModel() throws {
        try place.expectRefusal(66, "nosuch.gibbs", by: ["verify", "nosuch.gibbs"])
        try place.expectRefusal(65, "data.csv", by: ["verify", "data.csv"])
        try place.expectRefusal(64, "no model", by: ["verify", "--data", "data.csv"])
        try place.expectRefusal(64, "no model", by: ["verify", "--label", "label"])
        try place.expectRefusal(64, by: ["verify", "--key", "x"])
    }

    @Test func recordsThatDoNotFit() throws {
        try place.expectRefusal(66, "nosuch.csv", by: ["verify", "m.gibbs", "--data", "nosuch.csv"])
        try place.expectRefusal(65, "m.gibbs", by: ["verify", "m.gibbs", "--data", "m.gibbs", "--format", "csv"])
        try place.expectRefusal(64, "--label", by: ["verify", "m.gibbs", "--data", "data.csv", "--normal", "normal"])
        try place.expectRefusal(65, "'nosuch'", by: ["verify", "m.gibbs", "--data", "data.csv", "--label", "nosuch", "--normal", "normal"])
        try place.file("few.csv", "size,kind\n25,a\n")
        try place.expectRefusal(65, "few.csv", "1 record", by: ["verify", "m.gibbs", "--data", "few.csv"])
        try place.file("other.csv", "size\n25\n26\n")
        try place.expectRefusal(65, "other.csv", "kind", by: ["verify", "m.gibbs", "--data", "other.csv"])
        try place.file("empty.csv", "size,kind\n")
        try place.expectRefusal(65, "empty.csv", "0 records", by: ["verify", "m.gibbs", "--data", "empty.csv"])
    }

    /// Two records are little to go by, and no error.
    @Test func fewRecords() throws {
        try place.file("two.csv", "size,kind\n25,a\n26,b\n")
        let outcome = try place.gibbs("verify", "m.gibbs", "--data", "two.csv")
        #expect(outcome.status == 0, "\(outcome)")
    }
}
