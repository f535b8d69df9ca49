import Foundation
import GibbsCore
import GibbsData
import GibbsNumerics
import GibbsWatch
import Testing

/// From texts to columns: the formula, what repeats, what is missing, and what few texts give.
@Suite struct TextScaleTests {
    private func scale(_ watchdog: Watchdog) throws -> TextScale {
        let field = try #require(watchdog.encoder.usedFields.first { $0.name == "message" })
        guard case .text(let scale) = field.encoding else { throw CocoaError(.coderInvalidValue) }
        return scale
    }

    @Test func coordinatesByTheFormula() throws {
        let table = MadeUpTexts.records(400, key: Key(1)), watchdog = try Watchdog.fitted(to: table, options: MadeUpTexts.options()), scale = try scale(watchdog)
        #expect(watchdog.encoder.columns == [0 ..< 1, 1 ..< 1 + scale.columns, 1 + scale.columns ..< 2 + scale.columns])
        #expect(watchdog.encoder.columnNames == ["level"] + Array(repeating: "message", count: scale.columns) + ["shift"])
        #expect((2 ... 16).contains(scale.components.count) && scale.explained >= 0.9 && scale.explained < 1)
        let batch = try watchdog.encode(table)
        for row in stride(from: 0, to: 400, by: 37) {
            let text = try #require(try table.text(row: row, column: "message")), vector = MadeUpTexts.vector(text)
            let centred = zip(vector, scale.mean).map { Double($0) - Double($1) }
            var rest = centred
            for (k, component) in scale.components.enumerated() {
                let along = zip(component, centred).reduce(0) { $0 + Double($1.0) * $1.1 }
                #expect(abs(Double(batch[row, 1 + k]) - along / Double(scale.scale)) < 1e-4)
                for (index, value) in component.enumerated() { rest[index] -= along * Double(value) }
            }
            let off = rest.reduce(0) { $0 + $1 * $1 }.squareRoot()
            #expect(abs(Double(batch[row, scale.columns]) - (off - scale.rest.centre) / scale.rest.scale) < 1e-2)
        }
        // The first direction has a deviation of one over the rows of the fit, the others less.
        let deviations = (0 ..< scale.components.count).map { Statistics.standardDeviation(batch.column(1 + $0)) }
        #expect(abs(deviations[0] - 1) < 0.1 && deviations.dropFirst().allSatisfy { $0 < 1.1 })
    }

    /// Every different text is read once, in fit, score and explanation together.
    @Test func readOnce() throws {
        final class Seen: @unchecked Sendable { var texts = [String]() }
        let seen = Seen(), texts = ["a b", "b c", "c d", "a d"], table = Table(texts: ["message": (0 ..< 200).map { texts[$0 % 4] }])
        let watchdog = try Watchdog.fitted(to: table, options: MadeUpTexts.options(texts: MadeUpTexts.model { seen.texts += $0 }))
        _ = try watchdog.scores(of: table)
        _ = try watchdog.explanation(of: table, row: 3)
        #expect(seen.texts.sorted() == texts.sorted())
    }

    /// Without a text, or with one that holds no word, the field is missing: once, not once a column.
    @Test func missing() throws {
        let table = MadeUpTexts.records(300, key: Key(2)), watchdog = try Watchdog.fitted(to: table, options: MadeUpTexts.options()), columns = watchdog.encoder.columns[1]
        let gaps = MadeUpTexts.records(3, key: Key(3)).with(.missing, row: 0, column: "message").with("123 --", row: 1, column: "message")
        let batch = try watchdog.encode(gaps)
        for k in columns { #expect(batch[0, k].isNaN && batch[1, k].isNaN && !batch[2, k].isNaN) }
        let presence = watchdog.presence
        #expect(presence.missing[columns.lowerBound] > 4 && columns.dropFirst().allSatisfy { presence.missing[$0] == 0 && presence.known[$0] == 0 && presence.new[$0] == 0 })
        for row in 0 ..< 2 {
            let reason = try #require(watchdog.explanation(of: gaps, row: row).reasons.first { $0.field == "message" })
            #expect(reason.value == nil && reason.nearest == nil && reason.expected != nil)
            #expect(abs(reason.surprise - (presence.missing[columns.lowerBound] - presence.known[columns.lowerBound])) < 1e-5)
        }
        #expect(try !watchdog.scores(of: MadeUpTexts.records(1, key: Key(4)))[0].alert)
    }

    /// A single text has no direction; another one still stands out.
    @Test func oneText() throws {
        let table = Table(texts: ["message": Array(repeating: "all is well", count: 200)]), watchdog = try Watchdog.fitted(to: table, options: MadeUpTexts.options()), scale = try scale(watchdog)
        #expect(scale.components.isEmpty && scale.columns == 1 && scale.examples == ["all is well"])
        #expect(try watchdog.scores(of: Table(texts: ["message": ["all is well", "nothing works here"]])).map(\.alert) == [false, true])
    }

    @Test func refusals() throws {
        let table = MadeUpTexts.records(100, key: Key(5))
        expectError(.usage, "'message'", "no text encoder") { try Watchdog.fitted(to: table, options: MadeUpTexts.options(texts: nil)) }
        expectError(.unsuitableData, "'message'", "no text to learn from") {
            try Watchdog.fitted(to: table.adding(Column(name: "message", texts: Array(repeating: "123", count: 100))), options: MadeUpTexts.options())
        }
        var absent = MadeUpTexts.options()
        absent.embedding = ["massage"]
        expectError(.unsuitableData, "massage", "'message'") { try Watchdog.fitted(to: table, options: absent) }
        let wide = TextModel(identity: .init(digest: "wide", width: 5000)) { Matrix(rows: $0.count, columns: 5000) }
        expectError(.limitExceeded, "5000") { try Watchdog.fitted(to: table, options: MadeUpTexts.options(texts: wide)) }
        let narrow = TextModel(identity: .init(digest: "narrow", width: 4)) { Matrix(rows: $0.count, columns: 3) }
        expectError(.unsuitableModel, "vectors of 3 numbers") { try Watchdog.fitted(to: table, options: MadeUpTexts.options(texts: narrow)) }
    }
}
