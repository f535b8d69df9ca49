import Foundation
import GibbsCore
import GibbsMachines
import GibbsNumerics

extension EventModel {
    /// The most names a field keeps; the rarest beyond count as never seen.
    public static let vocabularyLimit = 1_000

    /// Learns what follows what.
    ///
    /// - Parameters:
    ///   - sequences: Normal sessions.
    ///   - history: N, from 1 to `historyLimit`.
    ///   - hidden: Hidden units a field.
    ///   - hasEnd: Whether the end of a session is an event.
    ///   - method: How each machine learns.
    ///   - key: Feeds the starts and the orders.
    ///   - held: Which events, by their place among all, are held out to stop each machine early; none where `nil`.
    ///   - report: Sees the epochs of each field; what it throws ends the fit.
    /// - Throws: `GibbsError` with code `.usage` or `.unsuitableData`, the latter also when training diverges.
    /// - Complexity: `epochs × events × names × hidden` a field.
    public static func fitted(to sequences: EventSequences, history: Int = 5, hidden: Int = 64, hasEnd: Bool = true,
                              by method: MaximumLikelihood = .init(), key: Key, holding held: [Bool]? = nil,
                              report: (_ field: Int, Epoch<ConditionalRBM>) throws -> Void = { _, _ in }) throws -> EventModel {
        try check(history: history, hidden: hidden)
        guard sequences.eventCount > 0 else {
            throw GibbsError(.unsuitableData, "there is no event to learn from", advice: "give sessions with events")
        }
        let blank = blank(for: sequences, history: history, hasEnd: hasEnd), vocabularies = blank.vocabularies
        let coded = try blank.coded(sequences), sizes = categories(vocabularies, hasEnd: hasEnd)
        let choices = try sequences.fields.indices.map { field -> ConditionalRBM in
            let examples = Examples(coded, of: sequences, model: blank, field: field), rows = examples.choices.indices.filter { examples.choices[$0] >= 0 }
            let batch = Matrix(rows: rows.count, columns: 1, values: rows.map { Float(examples.choices[$0]) })
            let start = ConditionalRBM(visible: [.categorical(sizes[field])], context: context(vocabularies, history: history, field: field), hidden: hidden,
                                       spread: 0.1, key: key.folding(2 * field))
            if rows.isEmpty { return start }
            let apart = held.map { held in rows.indices.filter { examples.event(at: rows[$0]).map { held[$0] } ?? false } } ?? []
            let run = try start.withBiases(from: batch).training(on: batch, given: examples.contexts(rows), by: method, key: key.folding(2 * field + 1),
                                                                 held: apart.isEmpty || apart.count == rows.count ? nil : apart)
            let last = try run.finish { try report(field, $0); return true }
            if case .diverged(let reason) = last.ending {
                throw GibbsError(.unsuitableData, "the training of '\(sequences.fields[field])' diverged: \(reason)", advice: "learn more slowly")
            }
            return last.model
        }
        return EventModel(fields: sequences.fields, vocabularies: vocabularies, history: history, hasEnd: hasEnd, choices: choices)
    }

    /// Refuses what no file could hold, before memory is taken for it.
    static func check(history: Int, hidden: Int) throws {
        guard 1 ... historyLimit ~= history, hidden > 0 else {
            throw GibbsError(.usage, "a history of \(history) events and \(hidden) hidden units", advice: "give positive numbers, and a history up to \(historyLimit)")
        }
    }

    /// The names and codes of a model of these sessions, which has learned nothing yet.
    static func blank(for sequences: EventSequences, history: Int, hasEnd: Bool = true) -> EventModel {
        EventModel(fields: sequences.fields, vocabularies: sequences.fields.indices.map { vocabulary(sequences.codes[$0], names: sequences.names[$0]) },
                   history: history, hasEnd: hasEnd, choices: [])
    }

    private static func vocabulary(_ codes: [Int32], names: [String]) -> Vocabulary {
        var counts = [Int](repeating: 0, count: names.count)
        for code in codes where code >= 0 { counts[Int(code)] += 1 }
        let order = names.indices.filter { counts[$0] > 0 }.sorted { (counts[$1], names[$0]) < (counts[$0], names[$1]) }
        let kept = order.prefix(vocabularyLimit)
        return Vocabulary(names: kept.map { names[$0] }, counts: kept.map { counts[$0] }, rareCount: order.dropFirst(vocabularyLimit).reduce(0) { $0 + counts[$1] })
    }
}
