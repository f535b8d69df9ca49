import Foundation
import GibbsCore
import GibbsMachines
import GibbsNumerics

/// Watches a stream: scores every event given its entity's history, keeps a running score an entity, and raises alerts.
///
/// A value that `observe` moves on; the model in it never changes. Entities are known by a hash of their name, each with a state
/// of constant size, at most `limit` of them.
public struct StreamMonitor: Sendable {
    /// What has been seen.
    public struct Counters: Sendable, Hashable, Codable {
        /// Events scored.
        public var events = 0
        /// Events without an entity, passed over.
        public var withoutEntity = 0
        /// Events earlier than their entity's last one; how long they were in coming is unknown.
        public var backwards = 0
        /// Events left out because they repeated their entity's last one.
        public var duplicates = 0
        /// Alerts raised.
        public var alerts = 0

        /// Nothing yet.
        public init() {}
    }

    /// What one event cost.
    public struct EventScore: Sendable, Hashable {
        /// Its place in the batch.
        public var index: Int
        /// −ln p given the history, and the gain, nats, summed over the fields.
        public var surprise: Float, gain: Float
        /// The score of its entity after it: the running one with the gain of the day, or the evidence that it is a stranger; see `StreamModel`.
        public var score: Float
        /// Whether it raised an alert.
        public var alerts: Bool
    }

    /// What the stream is measured with.
    public let measure: StreamModel
    /// What scores mean; `nil` alerts never.
    public private(set) var calibration: Calibration?
    /// What has been seen.
    public internal(set) var counters = Counters()
    /// Whether an event that equals its entity's last one in time and values is left out.
    public var dropsDuplicates = false
    /// Frequencies that follow the stream; `nil` while nothing is learned.
    public internal(set) var frequencies: Frequencies?
    var table: EntityTable
    /// What the subjects of events are used to, where fields go by it.
    var habits: EntityTable?
    var scorers: [ChoiceScorer]
    private var threshold: Float
    private var work = Work()

    /// Entities held unless told.
    public static let usualLimit = 1_000_000
    /// A score is kept below this many thresholds, so that an entity can become quiet again.
    static let ceiling: Float = 10

    /// A monitor of no entity yet.
    public init(_ measure: StreamModel, calibration: Calibration?, limit: Int = usualLimit) {
        (self.measure, self.calibration) = (measure, calibration)
        table = measure.table(limit: limit)
        habits = measure.habits(limit: limit)
        scorers = measure.scorers
        threshold = Self.threshold(of: calibration)
    }

    private static func threshold(of calibration: Calibration?) -> Float { calibration.map { max($0.tailThreshold, 0.01) } ?? .infinity }

    /// Decides by another calibration from now on; what entities did, and their scores, stay.
    package mutating func decide(by calibration: Calibration?) {
        self.calibration = calibration
        threshold = Self.threshold(of: calibration)
    }

    /// Entities held, and those that had to make room.
    public var entityCount: Int { table.count }
    /// Entities that had to make room for others.
    public var droppedEntities: Int { table.dropped }

    /// Room for one batch, kept from batch to batch.
    private struct Work: Sendable {
        /// Of every event scored: its entity's row, its place in the batch, and its codes behind those of its context.
        var rows: [Int32] = [], events: [Int32] = [], codes: [Int32] = []
        /// By field and event, and the scores of all names by field.
        var surprises: [Float] = [], gains: [Float] = [], entropies: [Float] = [], scores: [[Float]] = []
        /// The rows of days that changed, and the place of the event that changed each.
        var days: [Int32] = [], dayPlaces: [Int] = []
        var profile = StreamProfile.Work()
        /// By event, where such are counted: the events of its entity's day, and the strange ones among them by field.
        var totals: [UInt32] = [], strange: [UInt16] = []
        /// By event: the share of its entity's score that time has left, and whether it begins its entity's day.
        var kept: [Float] = [], begins: [Bool] = []
        /// By event and field, where the model has not met all fixed names: `StreamModel.Scratch.plain`.
        var plain: [Int32] = []
    }

    /// Takes in events.
    ///
    /// - Parameters:
    ///   - batch: With the columns of the schema.
    ///   - each: Sees every event that was scored, in order.
    /// - Returns: The alerts that the events raised, in order.
    /// - Complexity: `events × fields × (history × fields + names) × hidden`.
    @discardableResult
    public mutating func observe(_ batch: EventBatch, each: (EventScore) -> Void) -> [StreamAlert] {
        precondition(batch.columns == measure.schema.columns, "a batch of other columns than the schema's")
        var found = [StreamAlert]()
        // Of no more events than entities are held, none makes room for another whose event is still to be scored; and what is learned counts from the
        // same event on, however the events arrive.
        var first = 0
        while first < batch.count {
            let end = min(first + min(table.limit, frequencies?.room ?? .max), batch.count)
            observe(first ..< end, of: batch, each, &found)
            first = end
        }
        return found
    }

    /// What time has left of an entity's score; what is next to nothing is nothing.
    private mutating func remembered(_ row: Int, kept: Float) -> Float {
        let score = table.scores[row] * kept
        if kept == 1 || score >= 0.01 { return score }
        table.release(row)
        return 0
    }

    private mutating func observe(_ range: Range<Int>, of batch: EventBatch, _ each: (EventScore) -> Void, _ found: inout [StreamAlert]) {
        var work = Work()
        swap(&work, &self.work)
        encode(range, of: batch, &work)
        measureCosts(&work)
        measure.profile.measure(work.days, temperature: measure.temperature, &work.profile)
        var nextDay = 0
        for place in work.events.indices {
            let cost = total(place, work), row = Int(work.rows[place]), event = Int(work.events[place])
            // What was told is over with its entity's day: who comes again alarms anew, and not once for ever.
            if work.begins[place], table.levels[row] > 0 { forgive(row) }
            let run = min(max(0, remembered(row, kept: work.kept[place]) + cost.gain), Self.ceiling * threshold)
            table.scores[row] = run
            if run == 0 { table.release(row) } else if cost.gain > 0 { blame(place, cost, row: row, event: event, batch, work) }
            if nextDay < work.dayPlaces.count, work.dayPlaces[nextDay] == place {
                table.energies[row] = work.profile.gains[nextDay]
                table.setDay(work.days[nextDay * table.dayColumns ..< (nextDay + 1) * table.dayColumns], row: row)
                nextDay += 1
            }
            let strange = strangeness(place, work), score = max(run + max(0, table.energies[row]), strange?.gain ?? 0)
            if score < threshold / 2 { table.levels[row] = 0 }
            // There is nothing above critical.
            let alerts = table.levels[row] < 4 && score > threshold * Float(1 << Int(table.levels[row]))
            each(EventScore(index: event, surprise: cost.surprise, gain: cost.gain, score: score, alerts: alerts))
            if alerts {
                while score > threshold * Float(1 << Int(table.levels[row])), table.levels[row] < 4 { table.levels[row] += 1 }
                counters.alerts += 1
                found.append(alert(row: row, place: place, score: score, batch, work))
            }
            if frequencies != nil, table.levels[row] == 0 { learn(place, work) }
        }
        counters.events += work.events.count
        swap(&work, &self.work)
        if frequencies != nil { follow() }
    }

    /// Takes in events; see above.
    public mutating func observe(_ batch: EventBatch) -> [StreamAlert] { observe(batch) { _ in } }

    /// The events behind scores lie in another file than the next ones: where their lines begin is unknown from now on.
    public mutating func forgetPlaces() {
        for index in table.blame.indices { table.blame[index].offset = -1 }
    }

    /// Raises no alert from now on, and bounds no score.
    mutating func stopAlerting() { threshold = .infinity }

    /// Sets every score to zero and the counters back, and keeps what the entities did.
    public mutating func forgive() {
        for row in 0 ..< table.count where table.scores[row] > 0 || table.levels[row] > 0 { forgive(row) }
        counters = Counters()
    }

    private mutating func forgive(_ row: Int) {
        (table.scores[row], table.levels[row]) = (0, 0)
        table.release(row)
    }

    /// Codes and contexts of all events, one after another, because each changes what its entity's next one stands on.
    private mutating func encode(_ range: Range<Int>, of batch: EventBatch, _ work: inout Work) {
        // A copy of its own, which moving the table on does not ask for again event by event.
        let measure = measure, width = measure.width, past = width - measure.schema.fields.count
        work.rows.removeAll(keepingCapacity: true)
        work.events.removeAll(keepingCapacity: true)
        work.days.removeAll(keepingCapacity: true)
        work.dayPlaces.removeAll(keepingCapacity: true)
        work.kept.removeAll(keepingCapacity: true)
        work.begins.removeAll(keepingCapacity: true)
        work.plain.removeAll(keepingCapacity: true)
        let hasPlain = measure.hasPlain
        work.totals.removeAll(keepingCapacity: true)
        work.strange.removeAll(keepingCapacity: true)
        var scratch = measure.scratch
        if work.codes.count < range.count * width { work.codes = [Int32](repeating: 0, count: range.count * width) }
        for event in range {
            let entity = batch.entities[event]
            if entity == 0 { counters.withoutEntity += 1; continue }
            let row = table.row(of: entity), mark = batch.mark(event)
            if dropsDuplicates, table.events[row] > 0, table.last[row] == mark { counters.duplicates += 1; continue }
            table.last[row] = mark
            work.codes.withUnsafeMutableBufferPointer { codes in
                let code = codes.baseAddress! + work.events.count * width
                let found = measure.encode(event, of: batch, row: row, table: &table, habits: &habits, into: code, scratch: &scratch)
                if found.isBackwards { counters.backwards += 1 }
                work.kept.append(found.kept)
                work.begins.append(table.totals[row] == 1)
                if hasPlain { work.plain.append(contentsOf: scratch.plain) }
                if found.isNewRow {
                    measure.profile.appendRow(code + past, plain: scratch.plain, row: row, table: table, to: &work.days)
                    work.dayPlaces.append(work.events.count)
                }
            }
            if !measure.profile.strange.isEmpty {
                work.totals.append(table.totals[row])
                work.strange.append(contentsOf: measure.profile.strangeCounts(row: row, table: table))
            }
            work.rows.append(Int32(row))
            work.events.append(Int32(event))
        }
    }

    /// The rows of days that a batch brings about, each with the event's place in the batch; nothing is scored.
    mutating func profiles(_ batch: EventBatch, _ body: (_ index: Int, _ row: [Int32]) -> Void) {
        var work = Work()
        swap(&work, &self.work)
        encode(0 ..< batch.count, of: batch, &work)
        let width = measure.profile.columns.count
        for (number, place) in work.dayPlaces.enumerated() { body(Int(work.events[place]), Array(work.days[number * width ..< (number + 1) * width])) }
        swap(&work, &self.work)
    }

    /// What each field's strange events come to by themselves, after every event of a batch; nothing else is scored.
    mutating func strangeGains(_ batch: EventBatch, _ body: (_ index: Int, _ rate: Int, _ gain: Float) -> Void) {
        var work = Work()
        swap(&work, &self.work)
        encode(0 ..< batch.count, of: batch, &work)
        let width = measure.strange.count
        for place in work.events.indices {
            for rate in 0 ..< width { body(Int(work.events[place]), rate, measure.strange[rate].gain(Int(work.strange[place * width + rate]), of: Int(work.totals[place]))) }
        }
        swap(&work, &self.work)
    }

    /// What an entity gains as a stranger after an event, and by which rate.
    private func strangeness(_ place: Int, _ work: Work) -> (gain: Float, rate: Int)? {
        measure.strange.isEmpty ? nil : StrangeRate.best(measure.strange, counts: strangeCounts(place, work), of: Int(work.totals[place]))
    }

    /// The strange events of its entity's day up to an event, by field.
    private func strangeCounts(_ place: Int, _ work: Work) -> ArraySlice<UInt16> {
        let width = measure.profile.strange.count
        return width == 0 ? [] : work.strange[place * width ..< (place + 1) * width]
    }

    private func measureCosts(_ work: inout Work) {
        let fields = measure.schema.fields.count, width = measure.width, count = work.events.count
        if count == 0 { return }
        if work.scores.count != fields { work.scores = [[Float]](repeating: [], count: fields) }
        if work.gains.count < count * fields {
            work.surprises = [Float](repeating: 0, count: count * fields)
            (work.gains, work.entropies) = (work.surprises, work.surprises)
        }
        let shares = frequencies?.unseen
        for field in 0 ..< fields {
            let room = count * scorers[field].stride, first = field * count
            if work.scores[field].count < room { work.scores[field] = [Float](repeating: 0, count: room) }
            let unseen = shares?[field] ?? measure.model.vocabularies[field].unseenProbability
            work.codes.withUnsafeBufferPointer { codes in
                let choices = codes.baseAddress! + width - fields + field
                let codes = ChoiceScorer.Codes(count: count, contexts: codes.baseAddress!, contextStep: width, choices: choices, choiceStep: width)
                work.surprises.withUnsafeMutableBufferPointer { surprises in
                    work.gains.withUnsafeMutableBufferPointer { gains in
                        work.entropies.withUnsafeMutableBufferPointer { entropies in
                            scorers[field].measure(codes, temperature: measure.temperature, unseen: unseen, scores: &work.scores[field],
                                                   surprises: surprises.baseAddress! + first, gains: gains.baseAddress! + first, entropies: entropies.baseAddress! + first)
                        }
                    }
                }
            }
        }
    }

    /// The event's costs summed over its fields, and the field that gained most.
    private func total(_ place: Int, _ work: Work) -> (surprise: Float, gain: Float, field: Int) {
        let fields = measure.schema.fields.count, count = work.events.count
        var surprise: Float = 0, gain: Float = 0, best = 0
        for field in 0 ..< fields {
            let index = field * count + place
            surprise += work.surprises[index]
            gain += work.gains[index]
            if work.gains[index] > work.gains[best * count + place] { best = field }
        }
        return (surprise, gain, best)
    }

    /// The codes of an event's fields.
    private func code(_ place: Int, _ work: Work) -> ArraySlice<Int32> {
        let end = (place + 1) * measure.width
        return work.codes[end - measure.schema.fields.count ..< end]
    }

    /// The same for people: a fixed name that the model has not met keeps its name.
    private func told(_ place: Int, _ work: Work) -> [Int32] {
        let codes = code(place, work), fields = codes.count
        return work.plain.isEmpty ? Array(codes) : zip(codes, work.plain[place * fields ..< (place + 1) * fields]).map { $1 == 0 ? $0 : $1 }
    }

    private mutating func blame(_ place: Int, _ cost: (surprise: Float, gain: Float, field: Int), row: Int, event: Int, _ batch: EventBatch, _ work: Work) {
        let stride = scorers[cost.field].stride, expected = scorers[cost.field].expected(work.scores[cost.field][place * stride ..< (place + 1) * stride])
        table.add(.init(line: Int64(batch.lines[event]), offset: Int64(batch.offsets[event]), time: batch.times[event], gain: cost.gain, surprise: cost.surprise,
                        field: Int16(cost.field), expected: Int16(clamping: expected.category), probability: expected.probability),
                  codes: told(place, work), row: row)
    }

    private func alert(row: Int, place: Int, score: Float, _ batch: EventBatch, _ work: Work) -> StreamAlert {
        let event = Int(work.events[place]), later = work.rows[(place + 1)...].count { $0 == row }
        return StreamAlert(entity: batch.entity(event), hash: batch.entities[event], line: batch.lines[event], offset: batch.offsets[event],
                           time: batch.times[event].isNaN ? nil : batch.times[event], score: score, run: table.scores[row], day: max(0, table.energies[row]), threshold: threshold, level: Int(table.levels[row]),
                           pValue: calibration!.pValue(of: score), events: Int(table.events[row]) - later, reasons: reasons(row),
                           dayReasons: dayReasons(row, strange: strangeCounts(place, work), of: work.totals.isEmpty ? 0 : Int(work.totals[place])))
    }
}

// MARK: - Frequencies

extension StreamMonitor {
    private mutating func learn(_ place: Int, _ work: Work) {
        for (field, code) in code(place, work).enumerated() { frequencies!.count(code, field: field) }
    }

    /// Lets the scorers have what the frequencies have become.
    mutating func follow(always: Bool = false) {
        guard let shifts = always ? frequencies?.applied : frequencies?.shiftsIfDue() else { return }
        for field in scorers.indices {
            scorers[field] = measure.scorers[field]
            let padding = [Float](repeating: 0, count: max(0, scorers[field].categories - shifts[field].count))
            scorers[field].shift(by: shifts[field] + padding)
        }
    }
}
