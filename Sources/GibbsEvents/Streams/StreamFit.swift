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
    /// Passes over the events; `nil` for 20, or as many as make some 4,000 steps where the events are few or many.
    public var epochs: Int?
    /// T of the alternative; see `StreamModel`.
    public var temperature = StreamModel.usualTemperature
    /// Share of the entities kept for calibration.
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
    /// The highest score of every entity-day of the entities held out; `nil` without such.
    public let calibration: Calibration?
    /// Entities and events that the model learned from, and those it was calibrated on.
    public let entities: Int, events: Int, heldEntities: Int, heldEvents: Int
    /// Entity-days a day in the whole log; what one alert a day is a share of.
    public let entityDaysPerDay: Double
    /// Mean surprise of an event held out, nats: the model's, and that of n-grams of the first field beside the same field of the model.
    public let surprise: Double, firstSurprise: Double, baselineSurprise: Double

    /// Learns the events of three quarters of the entities and calibrates on the rest.
    ///
    /// - Parameters:
    ///   - log: Normal events.
    ///   - schema: Which columns; the encodings of fields that `options.encodings` leaves open are chosen: a column of more than 256
    ///     names, or of one for less than twenty events, is taken as changes.
    ///   - report: Sees the epochs of every field.
    /// - Throws: `GibbsError` with code `.unsuitableData` or `.usage`.
    public static func fitted(to log: EventLog, entity: String, time: String?, options: StreamOptions = .init(),
                              report: (_ field: String, Epoch<ConditionalRBM>) throws -> Void = { _, _ in }) throws -> StreamFit {
        let schema = EventSchema(entity: entity, time: time, subject: options.subject, fields: try fields(of: log, entity: entity, hasTime: time != nil, options: options))
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
        let (measure, fit) = try StreamModel.fitted(to: log, schema: schema, options: options, where: { !split[$0] && $0 >= warm }, report: report)
        let peaks = measure.peaks(of: log, where: split).map(\.score)
        let perDay = Double(log.entityDays) / max(1, log.days)
        let rate = options.falseAlarmRate ?? max(1 / perDay, 1 / Double(peaks.count + 1))
        let calibration = peaks.isEmpty ? nil : try Calibration(energies: peaks, falseAlarmRate: min(rate, 0.5))
        let model = measure.model, surprises = try model.surprises(of: fresh).flatMap { $0 }, baseline = try NGramModel(fitting: fit, like: model)
        return StreamFit(
            measure: measure, calibration: calibration, entities: fit.sessions.count, events: fit.eventCount, heldEntities: fresh.sessions.count, heldEvents: fresh.eventCount,
            entityDaysPerDay: perDay, surprise: Statistics.mean(surprises.map { $0.reduce(0, +) }), firstSurprise: Statistics.mean(surprises.map { $0[0] }),
            baselineSurprise: Statistics.mean(try baseline.surprises(of: fresh, like: model).flatMap { $0 }))
    }

    static func fields(of log: EventLog, entity: String, hasTime: Bool, options: StreamOptions) throws -> [EventSchema.Field] {
        for name in options.encodings.keys where !log.columns.contains(name) {
            throw GibbsError(.usage, "there is no field '\(name)'", advice: "the fields are \(log.columns.joined(separator: ", "))")
        }
        guard let first = log.columns.first else { throw GibbsError(.usage, "events without a field", advice: "name the column that says what happened") }
        var fields = log.columns.enumerated().map { column, name in
            let isNames = log.names[column].count <= 256 && log.names[column].count * 20 <= max(200, log.count)
            let encoding = options.encodings[name] ?? (name == first || isNames ? .name : .change)
            return EventSchema.Field(name: name, column: name, encoding: encoding)
        }
        if let subject = options.subject, hasTime {
            let columns = log.columns.dropFirst().filter { $0 != subject } + (subject == entity ? [] : [entity])
            fields += columns.map { .init(name: "\($0) to \(subject)", column: $0, encoding: .familiar) }
        }
        if hasTime { fields.append(.init(name: log.columns.contains("gap") ? "time since the last" : "gap", column: "", encoding: .gap)) }
        return fields
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
        let sessions = log.sequences(schema, where: included), key = Key(options.seed)
        guard sessions.sessions.count >= 2 else {
            throw GibbsError(.unsuitableData, "\(log.entities.count) entities cannot teach what is normal", at: .init(field: schema.entity), advice: "give events of some dozens")
        }
        var method = MaximumLikelihood(batchSize: 256)
        method.epochs = options.epochs ?? min(200, max(3, 4_000 * method.batchSize / max(1, sessions.eventCount)))
        let model = try EventModel.fitted(to: sessions, history: options.history, hidden: options.hidden, hasEnd: false, by: method, key: key.folding(1)) {
            try report(schema.fields[$0].name, $1)
        }
        let profile = try StreamProfile.fitted(to: log, schema: schema, model: model, hidden: options.hidden, epochs: options.epochs, key: key.folding(2),
                                               where: included, report: report)
        return (try StreamModel(schema: schema, model: model, profile: profile, temperature: options.temperature), sessions)
    }

    /// The highest score of every day of every entity, and where in the log it was reached.
    struct Peak: Sendable { var entity: Int32, day: Int, score: Float, event: Int }

    /// Runs a monitor without a threshold over a log; scores begin at zero with the first event that counts, as they do when a watch
    /// begins.
    ///
    /// - Parameter counted: Which events' scores count.
    func peaks(of log: EventLog, where counted: [Bool]) -> [Peak] {
        var monitor = StreamMonitor(self, calibration: nil, limit: max(1, log.entities.count)), result = [Peak]()
        collect(log, from: &monitor, counted, begin: counted.firstIndex(of: true) ?? log.count, &result)
        return result
    }

    /// The same of a log that follows what a monitor has seen; all of it counts.
    func peaks(of log: EventLog, from start: StreamMonitor?) -> [Peak] {
        var monitor = start ?? StreamMonitor(self, calibration: nil, limit: max(1, log.entities.count)), result = [Peak]()
        monitor.stopAlerting()
        collect(log, from: &monitor, [Bool](repeating: true, count: log.count), begin: 0, &result)
        return result
    }

    private func collect(_ log: EventLog, from monitor: inout StreamMonitor, _ counted: [Bool], begin: Int, _ result: inout [Peak]) {
        var open = [Int32: Int]()
        for range in [0 ..< begin, begin ..< log.count] {
            monitor.forgive()
            log.batches(of: 4_096, in: range) { batch, events in
                monitor.observe(batch) { score in
                    let event = events[score.index], entity = log.entity[event], day = log.day(event)
                    guard counted[event] else { return }
                    if let place = open[entity], result[place].day == day {
                        if score.score > result[place].score { (result[place].score, result[place].event) = (score.score, event) }
                    } else {
                        open[entity] = result.count
                        result.append(Peak(entity: entity, day: day, score: score.score, event: event))
                    }
                }
            }
        }
    }
}

extension EventLog {
    /// The day of an event, counted from 1970 in UTC; 0 where the time is unknown.
    public func day(_ event: Int) -> Int { times[event].isNaN ? 0 : Int((times[event] / 86_400).rounded(.down)) }

    /// Different pairs of an entity and a day.
    public var entityDays: Int {
        var seen = Set<UInt64>()
        for event in 0 ..< count where entity[event] >= 0 { seen.insert(UInt64(entity[event]) << 32 | UInt64(UInt32(truncatingIfNeeded: day(event)))) }
        return seen.count
    }

    /// The events of the first eighth of the days, at least one and not of less than four days: their number.
    var warmUp: Int {
        guard days >= 4, let first = times.first(where: { !$0.isNaN }) else { return 0 }
        let begin = first + max(1, days / 8) * 86_400
        return times.firstIndex { $0 >= begin } ?? 0
    }

    /// Which events are held out of a fit: those of the last days where there are four or more, because the entities of tomorrow are
    /// mostly those of today; else those of some entities.
    func held(share: Double) -> [Bool] {
        let known = (0 ..< count).filter { !times[$0].isNaN }.map(day)
        if let first = known.min(), let last = known.max(), last - first >= 3, known.count == count {
            let least = last + 1 - max(1, Int((share * Double(last + 1 - first)).rounded()))
            return (0 ..< count).map { day($0) >= least }
        }
        let limit = UInt64(min(1, max(0, share)) * 0x1p32), chosen = entities.map { (ValueHash.of($0) &* 0x9E37_79B9_7F4A_7C15) >> 32 < limit }
        return entity.map { $0 >= 0 && chosen[Int($0)] }
    }

    /// Every entity's events as a session, with the fields of a schema; a session's name is its entity's place. Events that are not
    /// included are remembered by the encoding and left out of the sessions.
    package func sequences(_ schema: EventSchema, where included: (Int) -> Bool) -> EventSequences {
        let coder = EventCoder(schema, columns: columns)
        var table = EntityTable(history: 0, fields: 0, changes: coder.changeCount, limit: max(1, entities.count)), habits = coder.habits(limit: max(1, count))
        var symbols = [UInt64](repeating: 0, count: schema.fields.count)
        var events = [[[String?]]](repeating: [], count: entities.count), found = [[Int]](repeating: [], count: entities.count)
        batches(of: 4_096) { batch, numbers in
            for (index, event) in numbers.enumerated() where entity[event] >= 0 {
                let who = Int(entity[event]), row = table.row(of: batch.entities[index])
                _ = coder.encode(index, of: batch, row: row, table: &table, habits: &habits, into: &symbols)
                guard included(event) else { continue }
                events[who].append(symbols.indices.map { field in
                    if symbols[field] == 0 { return nil }
                    switch coder.encodings[field] {
                    case .name:
                        let column = coder.columns[field]
                        return column < 0 ? entities[who] : names[column][Int(codes[column][event])]
                    case .change, .familiar, .gap: return coder.encodings[field].names[Int(symbols[field]) - 1]
                    }
                })
                found[who].append(lines[event])
            }
        }
        var result = EventSequences(fields: schema.fields.map(\.name))
        for who in entities.indices where !events[who].isEmpty { result.add(id: String(who), events: events[who], lines: found[who]) }
        return result
    }
}

extension StreamModel {
    /// A monitor that has seen a log, as it would be had it watched all along; scores begin at zero.
    public func monitor(after log: EventLog, calibration: Calibration?, limit: Int = StreamMonitor.usualLimit) -> StreamMonitor {
        var monitor = StreamMonitor(self, calibration: calibration, limit: limit)
        log.batches(of: 4_096) { batch, _ in _ = monitor.observe(batch) }
        monitor.forgive()
        return monitor
    }
}
