import Foundation
import GibbsCore
import GibbsMachines
import GibbsNumerics

/// What a live stream is measured with: the schema of its events, the model of what comes next, and how hot an entity may run.
///
///     Sₜ = max(0, Sₜ₋₁ + gₜ),   gₜ = Σ_f ln p_T(x_f | …) − ln p(x_f | …),   p_T ∝ p^{1/T}
///
/// The score S of an entity is a CUSUM of log-likelihood ratios between the model at temperature T and at 1. Under the model each
/// exp(g) has mean one given the history, so a score climbs only when events are surprising again and again, more than the
/// history lets expect; twenty odd events raise it where one does not. What an entity scores is
///
///     max(S + max(0, g(day)), max_f w_f R_f)
///
/// with the gain g of its day (`StreamProfile`) and the evidence R that it is a stranger to its subjects (`StrangeRate`): several watchmen in one
/// number, weighed so that the long tail of one does not deafen the others.
///
/// - Source: CUSUM: Page, *Continuous inspection schemes*, Biometrika 1954; as a sum of e-values: Shin, Ramdas, Rinaldo,
///   *E-detectors*, 2022. The alternative at another temperature is this project's own.
public struct StreamModel: Sendable {
    /// How events become codes.
    public let schema: EventSchema
    /// What comes next.
    public let model: EventModel
    /// T of the alternative.
    public let temperature: Float
    /// What days look like.
    public let profile: StreamProfile
    /// How often events are strange to their subject, a field each; see `StrangeRate`.
    public internal(set) var strange: [StrangeRate] = []
    let scorers: [ChoiceScorer]
    /// Known names' hashes of every field, by code; for changes and gaps the codes of their fixed names.
    private let codes: [HashIndex], fixed: [[Int32]]
    private let encodings: [EventSchema.Encoding]
    /// Of every field: its column in a batch, and which of the columns of changes it is.
    let columns: [Int], changeColumns: [Int]
    /// Of every field: which of the columns of familiarity it is; and the subject's column in a batch, −1 where that is the entity.
    private let familiarColumns: [Int], subjectColumn: Int
    /// The hash of the name that makes habits; 0 where every event does.
    private let habitual: UInt64

    /// T unless told: the model as it would be with all its energies halved.
    public static let usualTemperature: Float = 2

    /// A stream's measure.
    ///
    /// - Throws: `GibbsError` with code `.unsuitableModel` when the schema's fields are not the model's, or `.usage` for a temperature
    ///   that is not above 1.
    public init(schema: EventSchema, model: EventModel, profile: StreamProfile, temperature: Float = usualTemperature, strange: [StrangeRate] = []) throws {
        try schema.check()
        guard schema.fields.map(\.name) == model.fields else {
            throw GibbsError(.unsuitableModel, "the schema has the fields \(schema.fields.map(\.name).joined(separator: ", ")) and the model \(model.fields.joined(separator: ", "))",
                             advice: "the file is damaged")
        }
        guard temperature > 1, temperature.isFinite else { throw GibbsError(.usage, "an alternative at temperature \(temperature)", advice: "give one above 1, such as 2") }
        guard strange.isEmpty || strange.map(\.field) == profile.strange.map({ schema.fields[$0].name }) else {
            throw GibbsError(.unsuitableModel, "strange events are counted in \(strange.map(\.field).joined(separator: ", "))", advice: "the file is damaged")
        }
        self.strange = strange
        (self.schema, self.model, self.profile, self.temperature) = (schema, model, profile, temperature)
        scorers = try model.choices.map { try ChoiceScorer($0) }
        let batchColumns = schema.columns
        columns = schema.fields.map { batchColumns.firstIndex(of: $0.column) ?? -1 }
        changeColumns = Self.numbered(.change, in: schema)
        familiarColumns = Self.numbered(.familiar, in: schema)
        subjectColumn = schema.subject.flatMap { batchColumns.firstIndex(of: $0) } ?? -1
        habitual = schema.habitual.map { ValueHash.of($0) } ?? 0
        encodings = schema.fields.map(\.encoding)
        codes = model.vocabularies.map { HashIndex($0.names.lazy.map(ValueHash.of)) }
        fixed = zip(schema.fields, model.vocabularies).map { field, vocabulary in
            return field.encoding.names.map { name in vocabulary.names.firstIndex(of: name).map(Int32.init) ?? Examples.unseen }
        }
    }

    /// Numbers the fields of one encoding; −1 for all others.
    static func numbered(_ encoding: EventSchema.Encoding, in schema: EventSchema) -> [Int] {
        var count = 0
        return schema.fields.map { field in
            guard field.encoding == encoding else { return -1 }
            count += 1
            return count - 1
        }
    }

    /// Columns of changes.
    var changeCount: Int { changeColumns.count { $0 >= 0 } }

    /// An empty table for entities of this model.
    func table(limit: Int) -> EntityTable { EntityTable(history: model.history, fields: schema.fields.count, changes: changeCount,
                                                            tallies: profile.tallies, dayColumns: profile.columns.count, limit: limit) }

    /// An empty table of the habits of subjects; `nil` where no field goes by them.
    func habits(limit: Int) -> EntityTable? {
        let count = familiarColumns.count { $0 >= 0 }
        return count == 0 ? nil : EntityTable(history: 0, fields: 0, changes: count, keepsDays: true, limit: limit)
    }

    /// Codes of an event with its context: those of the last N events, the last one's first, and then its own.
    var width: Int { (model.history + 1) * schema.fields.count }

    /// The codes of one event, given what its entity did before; the table then remembers it.
    ///
    /// - Parameters:
    ///   - out: Takes `width` codes.
    ///   - changes: Takes the place in `EventSchema.changeNames` of every field of changes.
    /// - Returns: Whether the clock went backwards, and whether a level of the entity's day changed.
    func encode(_ event: Int, of batch: EventBatch, row: Int, table: inout EntityTable, habits: inout EntityTable?, into out: UnsafeMutablePointer<Int32>,
                changes: inout [Int]) -> (isBackwards: Bool, isNewRow: Bool) {
        let time = batch.times[event], before = table.times[row], isFirst = table.events[row] == 0
        let latest = time.isNaN ? before : before.isNaN ? time : max(time, before)
        let past = model.history * encodings.count, code = out + past
        table.codes.withUnsafeBufferPointer { codes in for index in 0 ..< past { out[index] = Int32(codes[row * past + index]) } }
        if habits != nil { encodeHabits(event, of: batch, latest: latest, habits: &habits!, into: code) }
        let values = event * batch.columns.count
        for field in encodings.indices {
            switch encodings[field] {
            case .gap:
                code[field] = time.isNaN || before.isNaN && !isFirst ? Examples.missing : fixed[field][EventSchema.gap(isFirst ? nil : time - before)]
            case .name:
                let value = batch.values[values + columns[field]]
                code[field] = value == 0 ? Examples.missing : codes[field][value] ?? Examples.unseen
            case .change:
                let value = batch.values[values + columns[field]], column = changeColumns[field]
                changes[column] = value == 0 ? -1 : table.change(value, column: column, row: row)
                code[field] = value == 0 ? Examples.missing : fixed[field][changes[column]]
            case .familiar: break
            }
        }
        table.remember(code, row: row)
        table.events[row] &+= 1
        if !time.isNaN { table.times[row] = latest }
        return (time < before, profile.count(code, changes: changes, time: latest.isNaN ? 0 : latest, row: row, table: &table))
    }

    /// The codes of the fields that go by the habits of the event's subject.
    private func encodeHabits(_ event: Int, of batch: EventBatch, latest: Double, habits: inout EntityTable, into code: UnsafeMutablePointer<Int32>) {
        let width = batch.columns.count, day = latest.isNaN ? 0 : Int32(max(-1e9, min(1e9, (latest / 86_400).rounded(.down))))
        let subject = subjectColumn < 0 ? batch.entities[event] : batch.values[event * width + subjectColumn]
        let habit = subject == 0 ? -1 : habits.row(of: subject), keeps = habitual == 0 || columns[0] >= 0 && batch.values[event * width + columns[0]] == habitual
        for field in encodings.indices where encodings[field] == .familiar {
            let value = columns[field] < 0 ? batch.entities[event] : batch.values[event * width + columns[field]]
            code[field] = value == 0 || habit < 0 ? Examples.missing
                : fixed[field][habits.familiar(value, column: familiarColumns[field], row: habit, day: day, keeps: keeps)]
        }
    }

    /// The name of a code of a field.
    func name(_ code: Int, field: Int) -> String? {
        code >= 0 && code < model.vocabularies[field].names.count ? model.vocabularies[field].names[code]
            : code == model.vocabularies[field].names.count && field == 0 && model.hasEnd ? "(the end)" : nil
    }
}
