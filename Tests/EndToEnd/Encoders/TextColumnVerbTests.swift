import CommandDriver
import Foundation
import GibbsNumerics
import Testing

/// The encoder that `scripts/setup --text` gets, or nil where it was not run.
private let encoder: String? = {
    let environment = ProcessInfo.processInfo.environment
    let cache = environment["GIBBS_CACHE"] ?? (environment["XDG_CACHE_HOME"] ?? NSHomeDirectory() + "/.cache") + "/gibbs"
    return FileManager.default.fileExists(atPath: cache + "/minilm/model.safetensors") ? cache + "/minilm" : nil
}()

/// Messages of a caretaker, and others of the same people, things and places, of which something else is told.
private enum Messages {
    static let people = ["anna", "ben", "carl", "dora", "emil"], things = ["door", "window", "gate", "lamp"], places = ["hall", "office", "lab", "garage", "kitchen"]

    private static func mixed(_ count: Int, _ seed: UInt64, _ forms: [(String, String, String) -> String]) -> [String] {
        let u = Key(seed).uniforms(4 * count)
        func pick<Kind>(_ list: [Kind], _ at: Int) -> Kind { list[min(list.count - 1, Int(u[at] * Float(list.count)))] }
        return (0 ..< count).map { pick(forms, 4 * $0)(pick(people, 4 * $0 + 1), pick(things, 4 * $0 + 2), pick(places, 4 * $0 + 3)) }
    }

    static func normal(_ count: Int, seed: UInt64) -> [String] {
        mixed(count, seed, [{ "\($0) opened the \($1) of the \($2)" }, { "\($0) closed the \($1) of the \($2)" }, { "the \($1) of the \($2) was locked by \($0)" },
                            { "\($0) checked the \($1) in the \($2)" }])
    }

    static func alien(_ count: Int) -> [String] {
        mixed(count, 3, [{ "\($0) was shot at the \($1) of the \($2)" }, { "\($0) smashed the \($1) of the \($2) with an axe" }, { "fire at the \($1) of the \($2), \($0) is badly hurt" }])
    }

    /// A table of `hour,message`.
    static func table(_ messages: [String], seed: Int) -> String { "hour,message\n" + messages.enumerated().map { "\(8 + ($0 * 5 + seed) % 9),\"\($1)\"\n" }.joined() }
}

/// Tables with a column of sentences, by the program and a real encoder.
@Suite(.enabled(if: encoder != nil, "scripts/setup --text has not been run")) struct TextColumnVerbTests {
    let place: Workplace

    init() throws {
        place = try Workplace()
        for name in ["normal.csv", "fresh.csv", "alien.csv", "m.gibbs"] { try FileManager.default.copyItem(atPath: Self.fitted.get().place(name), toPath: place.place(name)) }
    }

    /// Fitted once for all tests.
    private static let fitted = Result {
        let place = try Workplace()
        atexit(removeAtExit)
        try place.file("normal.csv", Messages.table(Messages.normal(800, seed: 1), seed: 1))
        try place.file("fresh.csv", Messages.table(Messages.normal(400, seed: 2), seed: 2))
        try place.file("alien.csv", Messages.table(Messages.alien(60), seed: 3))
        let fit = try place.gibbs("fit", "table", "normal.csv", "--embed", "message", "--types", "hour=category", "--false-alarms", "0.02", "--out", "m.gibbs")
        #expect(fit.status == 0 && fit.errors == "" && fit.output.contains("read as texts, by embedding: message ("), "\(fit)")
        return place
    }

    fileprivate static func remove() { try? fitted.get().remove() }

    /// The promise holds on fresh messages, and those of another meaning alarm, by their column.
    @Test func alarms() throws {
        let fresh = try place.gibbs("score", "m.gibbs", "fresh.csv", "--alerts").lines.count
        // The rank of 200 records promises 2 %, give or take: of 400 fresh ones more than 25 would be a chance of one in a thousand.
        #expect(fresh <= 25, "\(fresh) false alarms of 400")
        let alerts = try place.gibbs("score", "m.gibbs", "alien.csv", "--alerts", "--explain", "--chunk", "7").objects
        // Their words are mostly those of every day: a few pass.
        #expect(alerts.count >= 45, "\(alerts.count) of 60")
        for alert in alerts {
            let reason = try #require((alert["reasons"] as? [[String: Any]])?.first), nearest = try #require(reason["nearest"] as? [String: Any])
            let value = try #require(reason["value"] as? String), cosine = try #require(nearest["cosine"] as? Double)
            #expect(reason["field"] as? String == "message" && (value.contains("shot") || value.contains("smashed") || value.contains("fire")))
            #expect(cosine > 0 && cosine < 0.95 && (nearest["text"] as? String)?.contains(" the ") == true && reason["expected"] is String)
        }
        let text = try place.gibbs("score", "m.gibbs", "alien.csv", "--alerts", "--explain", "--text", "--top", "1")
        #expect(text.output.contains("nearest it remembers, cosine 0.") && text.output.contains("above usual  message"), "\(text)")
    }

    /// Every verb that looks at records reads their texts; a model without its encoder can be inspected all the same.
    @Test func verbs() throws {
        try place.file("both.csv", "hour,message,kind\n" + (Messages.normal(60, seed: 4).map { "9,\($0),normal\n" } + Messages.alien(30).map { "9,\"\($0)\",alien\n" }).joined())
        let figures = try place.expectWorks(["evaluate", "m.gibbs", "both.csv", "--label", "kind", "--normal", "normal"]).object
        #expect((figures["auroc"] as? Double ?? 0) > 0.97, "\(figures)")
        #expect(try place.expectWorks(["calibrate", "m.gibbs", "fresh.csv", "--false-alarms", "0.05", "--out", "c.gibbs"]).output.contains("5 %"))
        #expect(try place.expectWorks(["verify", "m.gibbs", "--data", "fresh.csv"]).output.contains("records"))
        #expect(try place.expectWorks(["verify", "m.gibbs"]).output.contains("calibration"))
        #expect(try place.expectWorks(["plot", "energies", "m.gibbs", "alien.csv", "--out", "p.svg"]).output.contains("60 records"))
        let shown = try place.shell("GIBBS_CACHE=$PWD/none $GIBBS inspect m.gibbs")
        #expect(shown.status == 0 && shown.output.contains("message") && shown.output.contains(" text ") && shown.output.contains("such as '"), "\(shown)")
        let field = try #require((place.gibbs("inspect", "m.gibbs", "--json").object["fields"] as? [[String: Any]])?.last)
        #expect(field["type"] as? String == "text" && (field["textModel"] as? String)?.count == 16 && (field["components"] as? Int ?? 0) > 1)
    }

    /// An encoder in another folder is remembered; gone, it is asked for by name; another one is refused.
    @Test func whereTheEncoderIs() throws {
        let gone = try place.shell("GIBBS_CACHE=$PWD/none $GIBBS score m.gibbs fresh.csv")
        #expect(gone.status == 66 && gone.errors.contains("scripts/setup --text") && gone.errors.contains("--text-model") && gone.output == "", "\(gone)")
        try FileManager.default.createSymbolicLink(atPath: place.place("here"), withDestinationPath: encoder!)
        let here = try place.shell("GIBBS_CACHE=$PWD/none $GIBBS score m.gibbs fresh.csv --text-model here")
        #expect(try here.status == 0 && here.energies == place.gibbs("score", "m.gibbs", "fresh.csv").energies, "\(here)")
        let fit = try place.gibbs("fit", "table", "fresh.csv", "--embed", "message", "--text-model", "here", "--out", "h.gibbs")
        #expect(fit.status == 0, "\(fit)")
        #expect(try place.shell("GIBBS_CACHE=$PWD/none $GIBBS score h.gibbs alien.csv").status == 0)
        try FileManager.default.removeItem(atPath: place.place("here"))
        #expect(try place.gibbs("score", "h.gibbs", "alien.csv").status == 0, "the usual place has it as well")
        // The same but for a blank: another encoder.
        for name in ["tokenizer.json", "model.safetensors"] {
            try FileManager.default.createDirectory(atPath: place.place("other"), withIntermediateDirectories: true)
            try FileManager.default.createSymbolicLink(atPath: place.place("other/" + name), withDestinationPath: encoder! + "/" + name)
        }
        try place.file("other/config.json", String(contentsOfFile: encoder! + "/config.json", encoding: .utf8) + " ")
        let other = try place.gibbs("score", "m.gibbs", "fresh.csv", "--text-model", "other")
        #expect(other.status == 65 && other.errors.contains("m.gibbs: the text encoder in") && other.errors.contains("was fitted with") && other.output == "", "\(other)")
    }

    /// Long texts are cut and told of once; empty ones are missing.
    @Test func longAndEmptyTexts() throws {
        let long = String(repeating: "anna opened the door of the hall ", count: 80)
        try place.file("long.csv", "hour,message\n9,\(long)\n10,\(long)\n11,\(long) again\n9,\n")
        let scores = try place.gibbs("score", "m.gibbs", "long.csv", "--explain-all", "--chunk", "1")
        #expect(scores.status == 0 && scores.errors == "gibbs: 2 different texts were longer than the encoder reads, and cut\n", "\(scores)")
        let last = try #require(try scores.objects.last?["reasons"] as? [[String: Any]])
        #expect(last.contains { $0["field"] as? String == "message" && $0["value"] is NSNull })
    }
}

private func removeAtExit() { TextColumnVerbTests.remove() }
