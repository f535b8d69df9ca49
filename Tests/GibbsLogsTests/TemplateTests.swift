import Foundation
import GibbsLogs
import GibbsNumerics
import Testing

/// Drain: which messages share a template, and that what was learned is found again.
@Suite struct TemplateTests {
    private static func templates(_ change: (inout LogTemplates.Options) -> Void = { _ in }) throws -> LogTemplates {
        var options = LogTemplates.Options()
        change(&options)
        return try LogTemplates(options: options)
    }

    @Test func differencesBecomeWildcards() throws {
        var templates = try Self.templates()
        let first = try templates.learn("user alice logged in from home").found()
        #expect(first.isNew && first.template == 0 && first.parameters == [] && templates[0].text == "user alice logged in from home")
        // The second word is part of the path through the tree, so it tells templates apart.
        let other = try templates.learn("user bob logged in from home").found()
        #expect(other.template == 1)
        let same = try templates.learn("user alice logged out from work").found()
        #expect(!same.isNew && same.template == 0 && templates[0].text == "user alice logged <*> from <*>" && templates[0].count == 2)
        #expect(same.parameters == ["out", "work"])
    }

    /// Share of equal words, by hand: of 5 words 2, which is 0.4, and 1, which is less.
    @Test func similarity() throws {
        var templates = try Self.templates { $0.depth = 3 }
        _ = templates.learn("a b c d e")
        #expect(templates.learn("a b x y z")?.template == 0)
        #expect(templates.learn("a q r s t")?.template == 1)
        var strict = try Self.templates { $0.depth = 3; $0.similarity = 0.9 }
        _ = strict.learn("a b c d e")
        #expect(strict.learn("a b c d x")?.template == 1)
    }

    @Test func lengthsStayApart() throws {
        var templates = try Self.templates()
        _ = templates.learn("a b c")
        #expect(templates.learn("a b c d")?.template == 1 && templates.match("a b") == nil && templates.match("") == nil)
        #expect(templates.learn("")?.template == 2 && templates.match("")?.template == 2)
    }

    @Test func matchingChangesNothingAndCoversAllWords() throws {
        var templates = try Self.templates()
        _ = templates.learn("open file one now")
        _ = templates.learn("open file two now")
        let before = templates.all
        #expect(templates.match("open file three now")?.parameters == ["three"])
        #expect(templates.match("open file three later") == nil, "similar is not enough")
        #expect(templates.match("close file one now") == nil)
        #expect(templates.all == before)
    }

    /// A node full of children sends further words by the wildcard, where they merge; words with digits always go there.
    @Test func childrenAreBounded() throws {
        var templates = try Self.templates { $0.maximumChildren = 3 }
        for word in ["a", "b", "c", "d", "e", "f"] { _ = templates.learn("\(word) went to the market") }
        #expect(templates.all.map(\.text) == ["a went to the market", "b went to the market", "c went to the market", "<*> went to the market"])
        #expect(templates.all.map(\.count) == [1, 1, 1, 3])
        _ = templates.learn("x1 ran to the market")
        _ = templates.learn("x2 ran to the market")
        #expect(templates[4].text == "<*> ran to the market")
    }

    @Test func templatesAreBounded() throws {
        var templates = try Self.templates { $0.maximumTemplates = 2 }
        #expect(templates.learn("a") != nil && templates.learn("b c") != nil)
        #expect(templates.learn("d e f") == nil && templates.learn("g h i j") == nil && templates.refused == 2 && templates.count == 2)
        #expect(templates.learn("a")?.template == 0)
    }

    /// Whatever came in is found again afterwards, also when a later word opened a narrower path than the one it had taken.
    @Test func whatWasLearnedIsFound() throws {
        var state: UInt64 = 7
        func draw(_ n: Int) -> Int {
            state = state &* 6_364_136_223_846_793_005 &+ 1_442_695_040_888_963_407
            return Int(state >> 33) % n
        }
        let words = ["a", "b", "c", "d9", "e7", "f", "g", "h", "10.0.0.1", "17", "/tmp/x"]
        let messages = (0 ..< 4000).map { _ in (0 ..< draw(5)).map { _ in words[draw(words.count)] }.joined(separator: " ") }
        var templates = try Self.templates { $0.maximumChildren = 4 }
        for message in messages { #expect(templates.learn(message) != nil) }
        #expect(templates.all.map(\.count).reduce(0, +) == messages.count)
        for message in messages { #expect(templates.match(message) != nil, "'\(message)' is lost") }
        // And by what was written and read.
        let copy = try JSONDecoder().decode(LogTemplates.self, from: JSONEncoder().encode(templates))
        #expect(copy.all == templates.all && copy.options == templates.options)
        for message in messages { #expect(copy.match(message) == templates.match(message), "'\(message)'") }
        // Both go on learning alike.
        var (a, b) = (templates, copy)
        for message in ["a b c zz", "new words here", "e8 b f", "q q q q"] { #expect(a.learn(message) == b.learn(message)) }
    }

    @Test(arguments: ["\"depth\":2", "\"depth\":1000000", "\"similarity\":7", "\"maximumChildren\":0", "\"maximumTemplates\":0", "\"maximumTemplates\":1",
                      "\"count\":-1", "\"context\":-1", "\"context\":9", "\"refused\":-5", "\"text\":\"a  b\"", "\"text\":\"LONG\"", "\"text\":\"MANY\""])
    func hostileModels(change: String) throws {
        var templates = try Self.templates { $0.maximumTemplates = 50 }
        _ = templates.learn("one two")
        _ = templates.learn("three four five")
        let text = String(decoding: try JSONEncoder().encode(templates), as: UTF8.self), key = change.prefix { $0 != ":" }
        let value = change.dropFirst(key.count).replacing("LONG", with: String(repeating: "x", count: 1000)).replacing("MANY", with: String(repeating: "x ", count: 1000) + "x")
        let range = try #require(text.firstRange(of: try Regex(key + ":(\"[^\"]*\"|[-0-9.]+)")))
        let error = #expect(throws: GibbsError.self) {
            try JSONDecoder().decode(LogTemplates.self, from: Data(text.replacingCharacters(in: range, with: key + value).utf8))
        }
        #expect(error?.code == .unsuitableModel && error?.advice != nil)
    }

    @Test func badOptions() {
        for change: (inout LogTemplates.Options) -> Void in [{ $0.depth = 2 }, { $0.similarity = .nan }, { $0.similarity = 1.1 }, { $0.maximumChildren = 0 }, { $0.maximumTemplates = 0 }] {
            #expect(throws: GibbsError.self) { try Self.templates(change) }
        }
    }
}
