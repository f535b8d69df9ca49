import CommandDriver
import Testing

@Suite struct ReproducibilityTests {
    @Test(arguments: ["auto", "rbm", "gaussian", "memory", "categorical"])
    func sameKeySameFile(model: String) throws {
        let place = try Office.copy("calm.csv")
        func fit(_ name: String, key: String) throws -> [UInt8] {
            let outcome = try place.gibbs("fit", "table", "calm.csv", "--model", model, "--epochs", "2", "--label", "label", "--normal",
                                          "normal", "--key", key, "--out", name)
            #expect(outcome.status == 0, "\(outcome)")
            return try place.bytes(name)
        }
        let first = try fit("a.gibbs", key: "5")
        #expect(try fit("b.gibbs", key: "5") == first)
        #expect(try fit("c.gibbs", key: "6") != first)
    }

    @Test func simulationsByKey() throws {
        let place = try Workplace()
        func simulate(_ key: String) throws -> String { try place.gibbs("simulate", "connections", "--count", "500", "--key", key).output }
        #expect(try simulate("7") == simulate("7"))
        #expect(try simulate("7") != simulate("8"))
    }

    /// Neither the size of a chunk nor a second run changes a score, and scoring does not change the model.
    @Test func scoring() throws {
        let place = try Office.copy("office.gibbs", "today.csv")
        let model = try place.bytes("office.gibbs")
        let whole = try place.gibbs("score", "office.gibbs", "today.csv", "--explain").output
        #expect(try place.gibbs("score", "office.gibbs", "today.csv", "--explain", "--chunk", "17").output == whole)
        #expect(try place.bytes("office.gibbs") == model)
    }
}
