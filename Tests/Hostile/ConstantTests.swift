import CommandDriver
import Testing

/// Columns that never vary, in which the smallest change must not be the strangest thing ever seen.
@Suite struct ConstantTests {
    let place: Workplace

    init() throws { place = try Workplace() }

    static let models = ["auto", "rbm", "gaussian", "memory", "categorical"]

    @Test(arguments: models) func allConstant(model: String) throws {
        try place.file("data.csv", "size,kind\n" + String(repeating: "5,a\n", count: 100))
        try place.expectSuccess("fit", "table", "data.csv", "--model", model, "--out", "m.gibbs")
        try place.file("new.csv", "size,kind\n5,a\n5.0001,a\n7,a\n100,a\n")
        let scores = try place.expectSuccess("score", "m.gibbs", "new.csv", "--explain-all").energies
        #expect(scores.allSatisfy { $0.isFinite })
        #expect(abs(scores[1] - scores[0]) < 0.1, "a change by 0.002 % costs \(scores[1] - scores[0]) nats")
        #expect(scores[1] < scores[3], "\(scores)")
    }

    @Test(arguments: models) func oneConstant(model: String) throws {
        try place.file("data.csv", "size,offset\n" + (0 ..< 400).map { "\(20 + $0 * 37 % 11),1000\n" }.joined())
        try place.expectSuccess("fit", "table", "data.csv", "--model", model, "--out", "m.gibbs")
        try place.file("new.csv", "size,offset\n25,1000\n25,1000.001\n90,1000\n")
        let scored = try place.expectSuccess("score", "m.gibbs", "new.csv")
        let scores = try scored.energies, alerts = try scored.objects.map { $0["alert"] as? Bool }
        #expect(abs(scores[1] - scores[0]) < 0.1 && scores[2] > scores[1] + 1, "\(scores)")
        #expect(alerts == [false, false, true], "\(scores)")
    }
}
