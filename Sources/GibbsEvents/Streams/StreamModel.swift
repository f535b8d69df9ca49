import Foundation
import GibbsCore
import GibbsMachines
import GibbsNumerics

/// What a live stream is measured with: the schema of its events, the model of what comes next, and how hot an entity may run.
///
///     Sₜ = max(0, Sₜ₋₁ 2^{−Δt/h} + gₜ),   gₜ = Σ_f ln p_T(x_f | …) − ln p(x_f | …),   p_T ∝ p^{1/T}
///
/// The score S of an entity is a CUSUM of log-likelihood ratios between the model at temperature T and at 1, of which half is forgotten in the time h, a
/// day: what was odd the week before last is no evidence today, and scores of quiet weeks stay where a calibration of days has seen them. Under the fitted model
/// each exp(g) has mean one given the history, so a score climbs only when events are surprising again and again, more than the history lets expect; twenty
/// odd events raise it where one does not. That is true of the run S alone, and of a fitted model, not of the stream: what an alert means is told by the
/// calibration on normal days, not by an e-value. What an entity scores is
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
    /// The time by which what an entity scored is worth half, seconds; `nil` for never, as in models of earlier versions.
    public let halfLife: Double?
    /// What days look like.
    public let profile: StreamProfile
    /// How often events are strange to their subject, a field each; see `StrangeRate`.
    public internal(set) var strange: [StrangeRate] = []
    let scorers: [ChoiceScorer]
    /// Known names' hashes of every field, by code; for changes and gaps the codes of their fixed names.
    private let codes: [HashIndex], fixed: [[Int32]]
    private let coder: EventCoder

    /// T unless told: the model as it would be with all its energies halved.
    public static let usualTemperature: Float = 2
    /// h unless told: a day.
    public static let usualHalfLife: Double = 86_400

    /// A stream's measure.
    ///
    /// - Throws: `GibbsError` with code `.unsuitableModel` when the schema's fields are not the model's, or `.usage` for a temperature
    ///   that is not above 1.
    public init(schema: EventSchema, model: EventModel, profile: StreamProfile, temperature: Float = usualTemperature, halfLife: Double? = usualHalfLife, strange: [StrangeRate] = []) throws {
        try schema.check()
        guard schema.fields.map(\.name) == model.fields else {
            throw GibbsError(.unsuitableModel, "the schema has the fields \(schema.fields.map(\.name).joined(separator: ", ")) and the model \(model.fields.joined(separator: ", "))",
                             advice: "the file is damaged")
        }
        guard temperature > 1, temperature.isFinite else { throw GibbsError(.usage, "an alternative at temperature \(temperature)", advice: "give one above 1, such as 2") }
        guard halfLife.map({ $0 > 0 && $0.isFinite }) ?? true else { throw GibbsError(.usage, "scores that are worth half after \(halfLife!) s", advice: "give a positive time, such as a day") }
        self.halfLife = halfLife
        guard strange.isEmpty || strange.map(\.field) == profile.strange.map({ schema.fields[$0].name }) else {
            throw GibbsError(.unsuitableModel, "strange events are counted in \(strange.map(\.field).joined(separator: ", "))", advice: "the file is damaged")
        }
        self.strange = strange
        (self.schema, self.model, self.profile, self.temperature) = (schema, model, profile, temperature)
        scorers = try model.choices.map { try ChoiceScorer($0) }
        coder = EventCoder(schema, columns: schema.columns)
        codes = model.vocabularies.map { HashIndex($0.names.lazy.map(ValueHash.of)) }
        fixed = zip(schema.fields, model.vocabularies).map { field, vocabulary in
            return field.encoding.names.map { name in vocabulary.names.firstIndex(of: name).map(Int32.init) ?? Examples.unseen }
        }
    }

    /// An empty table for entities of this model.
    func table(limit: Int) -> EntityTable { EntityTable(history: model.history, fields: schema.fields.count, changes: coder.changeCount,
                                                            tallies: profile.tallies, dayColumns: profile.columns.count, limit: limit) }

    /// An empty table of the habits of subjects; `nil` where no field goes by them.
    func habits(limit: Int) -> EntityTable? { coder.habits(limit: limit) }

    /// Room for coding one event.
    struct Scratch: Sendable {
        /// Its symbols, a field each; see `EventCoder`.
        fileprivate var symbols: [UInt64]
        /// The place in `EventSchema.changeNames` of every field of changes; −1 where missing.
        fileprivate var changes: [Int]
        /// Of every field of fixed names: the code that tells which of them the event has, where the model has not met it; 0 for all others. See `plain`.
        fileprivate(set) var plain: [Int32]
    }

    /// Such room.
    var scratch: Scratch { Scratch(symbols: [UInt64](repeating: 0, count: schema.fields.count), changes: [Int](repeating: -1, count: coder.changeCount), plain: [Int32](repeating: 0, count: schema.fields.count)) }

    /// A code below all that mean something to a machine, by which a name of an encoding or a level that the model has not met can still be told to people.
    static func plain(_ place: Int) -> Int32 { Examples.unseen - 1 - Int32(place) }

    /// The name behind such a code.
    static func plain(_ code: Int, of names: [String]) -> String? {
        let place = Int(Examples.unseen) - 1 - code
        return names.indices.contains(place) ? names[place] : nil
    }

    /// Whether there are fixed names that it has not met.
    var hasPlain: Bool { fixed.contains { $0.contains(Examples.unseen) } }

    /// Codes of an event with its context: those of the last N events, the last one's first, and then its own.
    var width: Int { (model.history + 1) * schema.fields.count }

    /// The codes of one event, given what its entity did before; the table then remembers it.
    ///
    /// - Parameters:
    ///   - out: Takes `width` codes.
    /// - Returns: Whether the clock went backwards, whether a level of the entity's day changed, and the share of its score that time has left.
    func encode(_ event: Int, of batch: EventBatch, row: Int, table: inout EntityTable, habits: inout EntityTable?, into out: UnsafeMutablePointer<Int32>,
                scratch: inout Scratch) -> (isBackwards: Bool, isNewRow: Bool, kept: Float) {
        let past = model.history * fixed.count, code = out + past
        table.codes.values.withUnsafeBufferPointer { codes in for index in 0 ..< past { out[index] = Int32(codes[row * past + index]) } }
        let moment = coder.encode(event, of: batch, row: row, table: &table, habits: &habits, into: &scratch.symbols)
        for field in fixed.indices {
            let symbol = scratch.symbols[field]
            switch coder.encodings[field] {
            case .name: code[field] = symbol == 0 ? Examples.missing : codes[field][symbol] ?? Examples.unseen
            case .change:
                scratch.changes[coder.numbers[field]] = Int(symbol) - 1
                code[field] = symbol == 0 ? Examples.missing : fixed[field][Int(symbol) - 1]
            case .familiar, .gap: code[field] = symbol == 0 ? Examples.missing : fixed[field][Int(symbol) - 1]
            }
            scratch.plain[field] = code[field] == Examples.unseen && coder.encodings[field] != .name ? Self.plain(Int(symbol) - 1) : 0
        }
        table.remember(code, row: row)
        let kept = halfLife.map { Float(exp2(-moment.elapsed / $0)) } ?? 1
        return (moment.isBackwards, profile.count(code, plain: scratch.plain, changes: scratch.changes, time: moment.latest.isNaN ? 0 : moment.latest, row: row, table: &table), kept)
    }

    /// The name of a code of a field.
    func name(_ code: Int, field: Int) -> String? {
        code >= 0 && code < model.vocabularies[field].names.count ? model.vocabularies[field].names[code]
            : code == model.vocabularies[field].names.count && field == 0 && model.hasEnd ? "(the end)" : nil
    }
}
