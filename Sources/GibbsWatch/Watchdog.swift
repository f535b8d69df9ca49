import Foundation
import GibbsCore
import GibbsData
import GibbsNumerics

/// A watchdog on records: learns what normal ones look like, scores any by its energy, and raises an alert when a calibrated
/// p-value is at most the false-alarm rate.
///
///     let watchdog = try Watchdog.fitted(to: TableReader(path: "normal.csv").readAll())
///     for score in try watchdog.scores(of: TableReader(path: "today.csv").readAll()) where score.alert {
///         print(score.line, score.pValue, score.energy)
///     }
///
/// A value: scoring never changes it. Scores are exchangeable between processes and machines through its file.
public struct Watchdog: Sendable {
    /// From tables to batches.
    public let encoder: RecordEncoder
    /// The energy of the values that a record has.
    public let energy: PooledEnergy
    /// The energy of which fields it has; a record's score is the sum of the two.
    public let presence: PresenceEnergy
    /// Independent columns, fitted to the same records: what any joint model has to beat.
    public let baseline: PooledEnergy
    /// What energies mean; `nil` until calibrated.
    public internal(set) var calibration: Calibration?
    /// The record of lowest energy among up to 300 of those it was fitted to, encoded, shape `[1, fields]`; its missing values
    /// are filled from other records. The reference of attributions.
    public let reference: Matrix
    /// The conditional surprise that each used field has on average, over up to 300 of the records it was fitted to; nats.
    public let usualSurprise: [Float]
    /// Encoded values of each column that explanations compare with; of a field of text those of its examples, in step.
    public let candidates: [[Float]]
    /// How it came about.
    public let training: TrainingRecord
    /// Reads its fields of text; of no use where it has none. Files remember which encoder it was, not the encoder: see `reading(by:)`.
    public internal(set) var textModel: TextModel?

    /// How a watchdog came about: kept in its file, shown by `gibbs inspect`.
    public struct TrainingRecord: Sendable, Hashable, Codable {
        /// Digest of the data's bytes, where it was read from a file.
        public var digest: String?
        /// Records that the energy was fitted to.
        public var rows: Int
        /// Records held out of the fit for its calibration; `calibrated(on:falseAlarmRate:)` leaves this as it was.
        public var calibrationRows: Int
        /// The number of the key from which all randomness came.
        public var seed: UInt64
        /// The model asked for.
        public var model: String
        /// What was chosen, and why, in words.
        public var choice: String
        /// T at which energies become probabilities; 1.
        public var temperature: Double
        /// Passes over the records that were asked for; 1 unless the model is an RBM.
        public var epochs: Int
        /// The column that told normal records from others, where one did; `nil` in model files that do not tell.
        public var labelColumn: String?
        /// Its value that means normal.
        public var normalValue: String?
    }

    init(encoder: RecordEncoder, energy: PooledEnergy, presence: PresenceEnergy, baseline: PooledEnergy, calibration: Calibration?, reference: Matrix, usualSurprise: [Float],
         candidates: [[Float]], training: TrainingRecord) {
        self.encoder = encoder
        self.energy = energy
        self.presence = presence
        self.baseline = baseline
        self.calibration = calibration
        self.reference = reference
        self.usualSurprise = usualSurprise
        self.candidates = candidates
        self.training = training
    }
}

/// What a watchdog says of one record.
public struct RecordScore: Sendable, Hashable {
    /// Line of the source, or record number where it has no lines.
    public var line: Int
    /// Nats; near zero for normal records, higher is stranger.
    public var energy: Float
    /// Share of calibration energies at least this high, with the finite-sample +1; `nil` before calibration.
    public var pValue: Double?
    /// Whether the p-value is at most the false-alarm rate; false before calibration.
    public var alert: Bool
}

// MARK: - Texts

extension Watchdog {
    /// A copy that reads its fields of text by an encoder: the one it was fitted with, which a file remembers by its digest alone.
    ///
    /// - Throws: `GibbsError` with code `.unsuitableModel` when it is another one. Where the watchdog has no field of text any will do.
    public func reading(by texts: TextModel) throws -> Watchdog {
        var copy = self
        copy.textModel = encoder.textModel == nil ? nil : try encoder.checked(texts)
        return copy
    }

    /// A table as the model sees it, shape `[rows, encoder.variables.count]`; see `RecordEncoder.encode(_:texts:)`.
    ///
    /// - Throws: As that does.
    public func encode(_ table: Table) throws -> Matrix { try encoder.encode(table, texts: textModel) }

    /// The likest of the texts remembered, for every field of text that the row has.
    private func likest(_ table: Table, _ row: Int) throws -> [String: Explanation.Likeness] {
        guard let textModel else { return [:] }
        var result = [String: Explanation.Likeness]()
        for field in encoder.usedFields {
            guard case .text(let scale) = field.encoding, let text = try table.text(row: row, column: field.name) else { continue }
            let vectors = try textModel.vectors(of: [text] + scale.examples), own = Array(vectors.row(0)), length = dot(own, own).squareRoot()
            let cosines = scale.examples.indices.map { index in
                let other = Array(vectors.row(index + 1))
                return dot(own, other) / max(length * dot(other, other).squareRoot(), .leastNormalMagnitude)
            }
            guard length.isFinite, let best = cosines.indices.max(by: { cosines[$0] < cosines[$1] }) else { continue }
            result[field.name] = Explanation.Likeness(text: scale.examples[best], cosine: cosines[best])
        }
        return result
    }

    private func dot(_ a: [Float], _ b: [Float]) -> Float {
        var sum: Float = 0
        for (x, y) in zip(a, b) { sum += x * y }
        return sum
    }
}

// MARK: - Scores

extension Watchdog {
    /// The energy of every row, nats: that of the values it has and that of which fields it has.
    ///
    /// - Throws: `GibbsError` with code `.shapeMismatch` when the table lacks a field or one is of another type. Unseen
    ///   categories, missing values, absurd numbers and extra columns are no error. `.unsuitableModel` when it has fields of text and
    ///   no encoder; what the encoder throws.
    /// - Complexity: For memories `rows · patterns · fields`, for machines one product a thousand rows or so.
    public func energies(of table: Table) throws -> [Float] {
        try energies(of: encode(table), values: energy)
    }

    /// The energy of every row under the baseline of independent columns, nats.
    ///
    /// - Throws: As `energies(of:)`.
    public func baselineEnergies(of table: Table) throws -> [Float] {
        try energies(of: encode(table), values: baseline)
    }

    private func energies(of batch: Matrix, values: PooledEnergy) throws -> [Float] {
        zip(try values.energies(of: presence.knownValues(of: batch)), presence.energies(of: batch)).map { $0 + $1 }
    }

    /// Energy, p-value and alert of every row, in order.
    ///
    /// - Throws: As `energies(of:)`.
    public func scores(of table: Table) throws -> [RecordScore] {
        zip(table.lines, try energies(of: table)).map { line, energy in
            RecordScore(line: line, energy: energy, pValue: calibration?.pValue(of: energy), alert: calibration?.alerts(on: energy) ?? false)
        }
    }

    /// Why a row has its energy. The same row gives the same explanation: the orders of its shares come from a fixed key.
    ///
    /// Traps on a row outside the table.
    /// - Throws: As `energies(of:)`.
    /// - Complexity: Some sixty energies a field.
    public func explanation(of table: Table, row: Int) throws -> Explanation {
        var explanation = try explanation(ofEncoded: encode(table.selecting(rows: [row])))
        explanation.outside = outside(table, row)
        let likest = try likest(table, row)
        // The encoded record knows neither a new name nor a text; the table does.
        for index in explanation.reasons.indices {
            let field = explanation.reasons[index].field
            explanation.reasons[index].nearest = likest[field]
            guard explanation.reasons[index].isUnseen || likest[field] != nil else { continue }
            explanation.reasons[index].value = try table.text(row: row, column: field)
            // Of a text no example may be more ordinary than itself.
            if explanation.reasons[index].expected == nil { explanation.reasons[index].expected = explanation.reasons[index].value }
        }
        return explanation
    }

    /// The numbers of a row that lie beyond those of the fit, as written in the table.
    private func outside(_ table: Table, _ row: Int) -> [Explanation.Outside] {
        encoder.usedFields.compactMap { field in
            guard case .number(let scale) = field.encoding, let seen = scale.seen, case .numbers(let values)? = table[field.name]?.storage,
                  !values[row].isNaN, !seen.contains(values[row]) else { return nil }
            return Explanation.Outside(field: field.name, value: values[row], seen: seen)
        }
    }

    /// Why an encoded record has its energy; shape `[1, encoder.variables.count]`. What it does not tell is which values lie
    /// outside those of the fit: codes are rounded; nor what a text was.
    public func explanation(ofEncoded batch: Matrix) throws -> Explanation {
        let explainer = Explainer(energy: energy, presence: presence, reference: reference, usual: usualSurprise, candidates: candidates, fields: encoder.columns)
        return try explainer.explanation(of: batch, encoder: encoder, key: Key(0))
    }
}

extension Watchdog {
    /// A reader of records whose columns are read with the types the watchdog was fitted with: a code such as 00017 that was
    /// text then stays text.
    ///
    /// - Throws: `GibbsError` with code `.usage` when nothing tells the format, or when the options give a column another type than the fit.
    public func reader(path: String, options: TableOptions = .init()) throws -> TableReader {
        try TableReader(path: path, options: encoder.reading(options))
    }

    /// The same of bytes in memory, such as those of a request; see `TableReader.init(bytes:name:options:)`.
    ///
    /// - Throws: As `reader(path:options:)`.
    public func reader(bytes: [UInt8], name: String, options: TableOptions = .init()) throws -> TableReader {
        try TableReader(bytes: bytes, name: name, options: encoder.reading(options))
    }
}

// MARK: - Calibration

extension Watchdog {
    /// A copy calibrated on normal records that it was not fitted to.
    ///
    /// Whether they are normal and fresh cannot be checked: records that the fit has seen make the promise too bold.
    /// - Throws: `GibbsError` with code `.unsuitableData` when there are too few records for the rate, naming the number
    ///   needed, `.usage` for a rate that is not between 0 and 1, and as `energies(of:)`.
    public func calibrated(on table: Table, falseAlarmRate: Double) throws -> Watchdog {
        var copy = self
        let energies = try energies(of: table)
        guard !energies.contains(where: \.isNaN) else {
            throw GibbsError(.unsuitableModel, "the model gives normal records energies that are no numbers", advice: "its file is damaged; fit it again")
        }
        copy.calibration = try Calibration(energies: energies, falseAlarmRate: falseAlarmRate)
        return copy
    }

    /// A copy that alerts at another rate, by the calibration it has.
    ///
    /// - Throws: `GibbsError` with code `.unsuitableData` when it has none, or too few records for the rate; `.usage` for a rate
    ///   that is not between 0 and 1.
    public func alerting(at falseAlarmRate: Double) throws -> Watchdog {
        guard let calibration else {
            throw GibbsError(.unsuitableData, "the watchdog is not calibrated", advice: "run gibbs calibrate with normal records")
        }
        var copy = self
        copy.calibration = try calibration.with(falseAlarmRate: falseAlarmRate)
        return copy
    }
}
