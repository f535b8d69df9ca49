import Foundation
import GibbsCore
import GibbsMachines
import GibbsNumerics

/// Settings of a fit on a log of events.
public struct StreamOptions: Sendable, Hashable {
    /// N, the events of an entity that are remembered.
    public var history = 3
    /// Hidden units a field.
    public var hidden = 32
    /// Passes over the events; `nil` for as many as make the last events of the fit less surprising, and some 4,000 steps at most.
    public var epochs: Int?
    /// T of the alternative; see `StreamModel`.
    public var temperature = StreamModel.usualTemperature
    /// Share of the days kept for calibration, the last ones, in whole weeks where the log has two; of the entities where it has less than four days.
    public var calibrationShare = 0.25
    /// Share of normal entity-days that may raise an alert; `nil` for one alert a day, where the entities bear it.
    public var falseAlarmRate: Double?
    /// The column that says whom an event is about, for fields of familiarity; `nil` for none.
    public var subject: String?
    /// Columns whose encoding is not to be chosen by the data.
    public var encodings: [String: EventSchema.Encoding] = [:]
    /// Number from which all randomness is derived.
    public var seed: UInt64 = 1

    /// The defaults.
    public init() {}
}

/// What a fit on a log of events made.
public struct StreamFit: Sendable {
    /// The measure of live events.
    public let measure: StreamModel
    /// The highest score of every entity-day held out; `nil` without such. Alerts begin at its `tailThreshold`.
    public let calibration: Calibration?
    /// Entities and events that the model learned from, and those it was calibrated on.
    public let entities: Int, events: Int, heldEntities: Int, heldEvents: Int
    /// Entity-days a day in the whole log; what one alert a day is a share of.
    public let entityDaysPerDay: Double
    /// Mean surprise of an event held out, nats: the model's, and that of n-grams of the first field beside the same field of the model.
    public let surprise: Double, firstSurprise: Double, baselineSurprise: Double
    /// What the owner of the log ought to know.
    public let remarks: [StreamRemark]

    /// Learns the events of the first days and calibrates on the rest; see `StreamOptions.calibrationShare`.
    ///
    /// - Parameters:
    ///   - log: Normal events.
    ///   - schema: Which columns; the encodings of fields that `options.encodings` leaves open are chosen: a column of more than 256
    ///     names, or of one for less than a hundred events, is taken as changes.
    ///   - report: Sees the epochs of every field.
    /// - Throws: `GibbsError` with code `.unsuitableData` or `.usage`.
    public static func fitted(to log: EventLog, entity: String, time: String?, options: StreamOptions = .init(),
                              report: (_ field: String, Epoch<ConditionalRBM>) throws -> Void = { _, _ in }) throws -> StreamFit {
        try EventModel.check(history: options.history, hidden: options.hidden)
        let schema = try EventSchema(of: log, entity: entity, time: time, options: options)
        guard options.calibrationShare > 0, options.calibrationShare < 1 else {
            throw GibbsError(.usage, "a calibration share of \(options.calibrationShare)", advice: "give a share above 0 and below 1, such as 0.25")
        }
        let split = log.held(share: options.calibrationShare)
        // While the habits of subjects are still being met, everything is new to them.
        let warm = options.subject == nil ? 0 : log.warmUp
        let fresh = log.sequences(schema) { split[$0] }
        guard !fresh.sessions.isEmpty || log.entities.count < 2 else {
            throw GibbsError(.unsuitableData, "no event is left for the calibration", at: .init(field: entity), advice: "give events of more entities, of four days or more, or a larger calibration share")
        }
        let (plain, fit) = try StreamModel.fitted(to: log, schema: schema, options: options, where: { !split[$0] && $0 >= warm }, report: report)
        let perDay = Double(log.entityDays) / max(1, log.days), days = log.entityDays { split[$0] }
        let rate = min(0.5, options.falseAlarmRate ?? cautious(1 / perDay, of: days))
        let measure = try plain.counting(plain.strangeRates(of: fit), on: log, where: split, rate: rate)
        let peaks = measure.peaks(of: log, where: split)
        let calibration = peaks.isEmpty ? nil : try Calibration(energies: peaks.map(\.score), falseAlarmRate: rate)
        let model = measure.model, surprises = try model.surprises(of: fresh).flatMap { $0 }, baseline = try NGramModel(fitting: fit, like: model)
        return StreamFit(
            measure: measure, calibration: calibration, entities: fit.sessions.count, events: fit.eventCount, heldEntities: fresh.sessions.count, heldEvents: fresh.eventCount,
            entityDaysPerDay: perDay, surprise: Statistics.mean(surprises.map { $0.reduce(0, +) }), firstSurprise: Statistics.mean(surprises.map { $0[0] }),
            baselineSurprise: Statistics.mean(try baseline.surprises(of: fresh, like: model).flatMap { $0 }),
            remarks: StreamRemark.all(on: log, peaks, calibration))
    }

    /// The share of the days to calibrate at when so many entity-days have to stand for all and no rate was asked for: the largest j / (n + 1) with which
    /// three calibrations of four keep the rate α.
    ///
    ///     P(Gamma(j, 1) > α n) = Σ_{i<j} e^{−αn} (αn)ⁱ / i! ≤ ¼,   j ≥ 1
    ///
    /// The rate above the j-th largest of n scores is j / (n + 1) in the mean only: on few days it may be twice as much.
    static func cautious(_ rate: Double, of days: Int) -> Double {
        let mean = rate * Double(days)
        // Beyond it the Gaussian is as good, and the sum's terms would vanish.
        if mean > 500 { return (mean - 0.674 * mean.squareRoot()) / Double(days + 1) }
        var term = exp(-mean), sum = term, j = 1
        while sum + term * mean / Double(j) <= 0.25 {
            term *= mean / Double(j)
            sum += term
            j += 1
        }
        return Double(j) / Double(days + 1)
    }
}

extension StreamModel {
    /// Learns some of a log's events: what comes next, and what days look like.
    ///
    /// - Parameter included: Which events; the others are history alone.
    /// - Returns: The measure, and the events that it learned from.
    /// - Throws: `GibbsError` with code `.unsuitableData` for events of less than two entities.
    static func fitted(to log: EventLog, schema: EventSchema, options: StreamOptions, where included: (Int) -> Bool,
                       report: (_ field: String, Epoch<ConditionalRBM>) throws -> Void) throws -> (measure: StreamModel, sessions: EventSequences) {
        let (sessions, numbers) = log.numberedSequences(schema, where: included), key = Key(options.seed)
        guard sessions.sessions.count >= 2 else {
            throw GibbsError(.unsuitableData, "\(log.entities.count) entities cannot teach what is normal", at: .init(field: schema.entity), advice: "give events of some dozens")
        }
        let held = options.epochs == nil ? log.lastEvents(where: included) : nil
        let model = try EventModel.fitted(to: sessions, history: options.history, hidden: options.hidden, hasEnd: false, by: Self.method(options.epochs, events: sessions.eventCount),
                                          key: key.folding(1), holding: held.map { held in numbers.map { held[$0] } }) {
            try report(schema.fields[$0].name, $1)
        }
        let profile = try StreamProfile.fitted(to: log, schema: schema, model: model, hidden: options.hidden, epochs: options.epochs, key: key.folding(2),
                                               where: included, holding: held, report: report)
        return (try StreamModel(schema: schema, model: model, profile: profile, temperature: options.temperature), sessions)
    }

    /// How a machine learns from so many events: some 4,000 steps, fewer where held-out events stop becoming less surprising.
    static func method(_ epochs: Int?, events: Int) -> MaximumLikelihood {
        var method = MaximumLikelihood(batchSize: 256)
        method.epochs = epochs ?? min(200, max(2, 4_000 * method.batchSize / max(1, events)))
        method.patience = max(2, method.epochs / 20)
        return method
    }
}
