import Foundation
import GibbsCore
import GibbsData
import GibbsNumerics
import GibbsWatch
import Testing

/// From tables to batches: what is inferred, what is left out and why, and what a changed constant costs.
@Suite struct RecordEncoderTests {
    private func scale(_ encoder: RecordEncoder, _ name: String) throws -> NumberScale {
        let field = try #require(encoder.fields.first { $0.name == name })
        guard case .number(let scale) = field.encoding else { throw CancellationError() }
        return scale
    }

    private func vocabulary(_ encoder: RecordEncoder, _ name: String) throws -> Vocabulary {
        let field = try #require(encoder.fields.first { $0.name == name })
        guard case .category(let vocabulary) = field.encoding else { throw CancellationError() }
        return vocabulary
    }

    private func reason(_ encoder: RecordEncoder, _ name: String) -> String? {
        guard case .ignored(let reason)? = encoder.fields.first(where: { $0.name == name })?.encoding else { return nil }
        return reason
    }

    @Test func kindsAreInferred() throws {
        let table = Sample.mixed(400, key: Key(1)).adding(Column(name: "flag", booleans: (0 ..< 400).map { $0 % 3 == 0 }))
        let encoder = try RecordEncoder.fitted(to: table)
        #expect(encoder.fields.map(\.name) == table.columnNames)
        #expect(encoder.variables == [.real, .real, .real, .categorical(4), .categorical(5), .categorical(2), .real, .categorical(3)])
        #expect(try ["x", "y", "bytes", "limit"].map { try scale(encoder, $0).transform } == [.linear, .linear, .signedLog, .linear])
        #expect(encoder.types == ["x": .number, "y": .number, "bytes": .number, "colour": .category, "shape": .category, "version": .category,
                                  "limit": .number, "flag": .category])
    }

    /// The logarithm is taken where it makes a normal density more likely, and never for what is already even.
    @Test func signedLogarithmIsChosenByLikelihood() throws {
        let z = Key(2).normals(3000).map(Double.init)
        let table = Table(numbers: ["normal": z, "months": (0 ..< 3000).map { Double($0 % 12 + 1) },
                                    "amount": z.map { exp(4 + 2 * $0) }, "signed": z.map { $0 < 0 ? -exp(5 - 2 * $0) : exp(5 + 2 * $0) }])
        let encoder = try RecordEncoder.fitted(to: table)
        for name in ["normal", "months"] { #expect(try scale(encoder, name).transform == .linear, "\(name)") }
        for name in ["amount", "signed"] { #expect(try scale(encoder, name).transform == .signedLog, "\(name)") }
        // Standardised but for the prior scale, a hundredth of the range, which is below eight deviations here.
        let batch = try encoder.encode(table)
        for column in 0 ..< batch.columns {
            #expect(abs(Statistics.mean(batch.column(column))) < 1e-4)
            #expect((0.99 ... 1.0001).contains(Statistics.standardDeviation(batch.column(column))), "column \(column)")
        }
        // Encoding and decoding undo each other on both sides of zero.
        for name in ["amount", "signed", "normal"] {
            let scale = try scale(encoder, name)
            for x in [-1e5, -3, -0.5, 0, 0.5, 3, 1e5] where name != "normal" || abs(x) < 10 { #expect(abs(scale.decode(scale.encode(x)) - x) < 1e-4 * max(1, abs(x)), "\(name) \(x)") }
        }
    }

    /// The smallest change of a constant is small, whatever its size; a large change is large.
    @Test(arguments: [0.0, 1, -1, 42, 1e6, -1e9, 1e-12]) func constantsForgiveSmallChanges(value: Double) throws {
        let encoder = try RecordEncoder.fitted(to: Table(numbers: ["c": Array(repeating: value, count: 50)]))
        let scale = try scale(encoder, "c")
        #expect(abs(scale.encode(value)) < 1e-6)
        let size = max(1, abs(value))
        #expect(abs(scale.encode(value + 1e-6 * size)) < 1e-4)
        #expect(abs(scale.encode(value + 0.01 * size)) < 0.11)
        #expect(scale.encode(value + 10 * size) > 20)
    }

    /// Of two values seen, the rare one is news, and what lies between them is not stranger than both.
    @Test func twoValuedColumns() throws {
        let encoder = try RecordEncoder.fitted(to: Table(numbers: ["b": (0 ..< 1000).map { $0 == 7 ? 1 : 0 }]))
        let scale = try scale(encoder, "b")
        // The deviation of 0.03 alone would make the one 31 deviations; with the prior of 0.1 it is below ten.
        #expect((8 ... 10).contains(scale.encode(1)) && abs(scale.encode(0)) < 0.02)
        let even = try self.scale(RecordEncoder.fitted(to: Table(numbers: ["b": (0 ..< 1000).map { Double($0 % 2) }])), "b")
        #expect(abs(even.encode(1) - Float(0.5 / 0.26.squareRoot())) < 1e-5)
    }

    @Test func whatIsLeftOutAndWhy() throws {
        let rows = 100, start = 17.0
        let table = Table(columns: [
            Column(name: "x", numbers: Key(1).normals(rows).map(Double.init)),
            Column(name: "counter", numbers: (0 ..< rows).map { start + 3 * Double($0) }),
            Column(name: "session", texts: (0 ..< rows).map { "id-\($0)" }),
            Column(name: "time", texts: (0 ..< rows).map { "2026-03-02T08:\($0 / 60 + 10):\($0 % 60 + 10)Z" }),
            Column(name: "empty", numbers: Array(repeating: .nan, count: rows)),
            Column(name: "blank", texts: Array(repeating: nil, count: rows)),
            Column(name: "label", texts: (0 ..< rows).map { _ in "normal" }),
            Column(name: "date", texts: (0 ..< rows).map { "2026-03-0\($0 % 5 + 1)" }),
            Column(name: "jumpy", numbers: (0 ..< rows).map { Double($0 == 50 ? 0 : $0) }),
            Column(name: "gappy", numbers: (0 ..< rows).map { $0 == 50 ? .nan : Double($0) }),
        ])
        let encoder = try RecordEncoder.fitted(to: table, ignoring: ["label", "absent"])
        #expect(encoder.usedFields.map(\.name) == ["x", "jumpy", "gappy"])
        #expect(["counter", "session", "time", "date", "empty", "blank", "label"].map { reason(encoder, $0) } == [
            "it counts the rows", "it differs in nearly every row", "it looks like a date", "it looks like a date", "it holds no value", "it holds no value", "on request"])
        #expect(try RecordEncoder.fitted(to: table, keeping: ["date"]).usedFields.map(\.name).contains("date"))
        // Nine in ten different is still a category; few rows are no evidence of an identifier.
        let nine = Table(texts: ["t": (0 ..< 100).map { "n\($0 % 90)" }])
        #expect(try RecordEncoder.fitted(to: nine).variables == [.categorical(91)])
        #expect(try RecordEncoder.fitted(to: Table(texts: ["t": (0 ..< 19).map { "n\($0)" }])).variables == [.categorical(20)])
        expectError(.unsuitableData, "'session': it differs in nearly every row", advises: false) { try RecordEncoder.fitted(to: table.selecting(columns: ["session"])) }
        expectError(.unsuitableData, "no row") { try RecordEncoder.fitted(to: table.selecting(rows: [])) }
    }

    @Test func vocabulariesAreOrderedLimitedAndHonest() throws {
        let small = try vocabulary(RecordEncoder.fitted(to: Table(texts: ["t": ["b", "a", "c", "c", nil, "b", "d"]])), "t")
        #expect(small.names == ["b", "c", "a", "d"] && small.counts == [2, 2, 1, 1] && small.rareCount == 0 && small.unseen == 4)
        // Good–Turing: two of six were seen once.
        #expect(small.unseenProbability == 2.5 / 7)
        #expect(abs(small.probabilities.reduce(0, +) - 1) < 1e-12 && abs(small.probabilities[0] - (1 - 2.5 / 7) * 2 / 6) < 1e-12)
        // 1500 names twice each and one name thrice: the limit keeps 1000, alphabetically among equals.
        let texts = (0 ..< 3000).map { "n\(1000 + $0 % 1500)" } + ["n2499"]
        let large = try vocabulary(RecordEncoder.fitted(to: Table(texts: ["t": texts])), "t")
        #expect(large.names.count == RecordEncoder.vocabularyLimit && large.rareCount == 2 * 500 && large.names[0] == "n2499")
        #expect(large.unseenProbability == 1000.5 / 3002)
        let encoder = try RecordEncoder.fitted(to: Table(texts: ["t": texts]))
        #expect(try encoder.encode(Table(texts: ["t": ["n2499", "n2498", "new", nil]])).values.map { $0.isNaN ? -1 : $0 } == [0, 1000, 1000, -1])
        // Nothing but names seen once leaves them some probability.
        let once = Vocabulary(names: ["a"], counts: [1])
        #expect(once.probabilities.allSatisfy { $0 > 0 } && abs(once.probabilities.reduce(0, +) - 1) < 1e-12)
    }

    @Test func unseenMissingAndForeignCells() throws {
        let encoder = try RecordEncoder.fitted(to: Sample.mixed(300, key: Key(1)))
        let columns = ["x": TableValue.missing, "y": 5, "bytes": 100, "colour": "violet", "shape": .missing, "version": "v3", "limit": 100]
        let row = try encoder.encode(Table(record: columns))
        #expect(row[0, 0].isNaN && row[0, 4].isNaN && row[0, 3] == 3 && row[0, 5] == 0 && row[0, 6] == 0)
        #expect(encoder.text(row[0, 3], field: 3) == "(unseen)" && encoder.text(row[0, 5], field: 5) == "v3" && encoder.text(.nan, field: 0) == nil)
        #expect(encoder.text(row[0, 1], field: 1) == "5" && encoder.text(row[0, 2], field: 2).flatMap(Double.init).map { abs($0 - 100) < 0.1 } == true)
        // Numbers where a category was: compared as a person would write them.
        let codes = try RecordEncoder.fitted(to: Table(texts: ["port": ["443", "80", "443", "22"]]))
        #expect(try codes.encode(Table(numbers: ["port": [80, 443, 8080]])).values == [2, 0, 3])
        // Text where a number was is an error that names the field; a column without any value is not.
        expectError(.shapeMismatch, "'x'") { try encoder.encode(Sample.mixed(3, key: Key(2)).adding(Column(name: "x", texts: ["a", "b", "c"]))) }
        let empty = try encoder.encode(Sample.mixed(3, key: Key(2)).adding(Column(name: "x", texts: [nil, nil, nil])))
        #expect(empty.column(0).allSatisfy { $0.isNaN })
    }

    @Test func columnOrderAndExtraColumnsDoNotMatter() throws {
        let table = Sample.mixed(100, key: Key(1)), encoder = try RecordEncoder.fitted(to: table)
        let shuffled = try table.adding(Column(name: "extra", numbers: Array(repeating: 1, count: 100)))
            .selecting(columns: ["limit", "shape", "extra", "x", "version", "colour", "y", "bytes"])
        #expect(try encoder.encode(shuffled).values.map(\.bitPattern) == encoder.encode(table).values.map(\.bitPattern))
        expectError(.shapeMismatch, "2 of the model's 7", "'bytes'", "'shape'") { try encoder.encode(table.dropping(columns: ["shape", "bytes"])) }
    }

    @Test func codableRoundTrip() throws {
        let table = Sample.mixed(300, key: Key(4)).adding(Column(name: "counter", numbers: (0 ..< 300).map(Double.init)))
        let encoder = try RecordEncoder.fitted(to: table, ignoring: ["x"])
        let copy = try JSONDecoder().decode(RecordEncoder.self, from: JSONEncoder().encode(encoder))
        #expect(copy == encoder)
        #expect(try copy.encode(table).values.map(\.bitPattern) == encoder.encode(table).values.map(\.bitPattern))
    }

    /// A stored encoder that no table makes is refused when it is decoded, not when it is used.
    @Test func hostileEncodersAreRefused() throws {
        let good = RecordField(name: "f", encoding: .category(Vocabulary(names: ["a", "b"], counts: [2, 1])))
        func number(_ scale: Double) -> RecordField { RecordField(name: "n", encoding: .number(NumberScale(transform: .linear, centre: 0, scale: scale))) }
        func words(_ names: [String], _ counts: [Int], rare: Int = 0) -> RecordField {
            RecordField(name: "w", encoding: .category(Vocabulary(names: names, counts: counts, rareCount: rare)))
        }
        func decodes(_ fields: [RecordField]) throws -> Bool {
            let data = try JSONEncoder().encode(RecordEncoder(fields: fields))
            return (try? JSONDecoder().decode(RecordEncoder.self, from: data)) != nil
        }
        #expect(try decodes([good, number(1), words(["a"], [1], rare: 3)]))
        let bad: [(String, [RecordField])] = [
            ("a name twice", [words(["a", "a"], [1, 1])]), ("one count for two names", [words(["a", "b"], [1])]), ("a negative count", [words(["a"], [-1])]),
            ("counts beyond counting", [words(["a", "b"], [.max, .max])]), ("rare rows beyond counting", [words(["a"], [1], rare: .max)]),
            ("a negative rare count", [words(["a"], [1], rare: -1)]), ("a scale of zero", [number(0)]), ("a negative scale", [number(-1)]),
            ("a field twice", [good, good]), ("no field", []), ("no used field", [RecordField(name: "x", encoding: .ignored(reason: "on request"))]),
        ]
        for (name, fields) in bad { #expect(try !decodes(fields), "\(name)") }
    }

    /// One number beyond all measure is very strange, and no error for the other rows of its table.
    @Test func absurdNumbersStayFinite() throws {
        for scale in [NumberScale(transform: .linear, centre: 3, scale: 2), NumberScale(transform: .signedLog, centre: 3, scale: 2), NumberScale(fitting: [0, 0, 0])] {
            let values = [-Double.infinity, -1e300, -1e60, 1, 1e60, 1e300, .infinity].map(scale.encode)
            #expect(values.allSatisfy { $0.isFinite } && values == values.sorted() && scale.encode(.nan).isNaN)
            #expect(abs(values[6]) * abs(values[6]) < Float.infinity && values[0] < values[3] && values[3] < values[6])
        }
    }
}
