import Foundation
import GibbsCore
import GibbsMachines
import GibbsNumerics

/// What an entity's day looks like so far, as one row: how many events, how many of each kind, how many different values, and where
/// it stands now. A row's gain is measured as an event's is, over a chain of exact softmax choices:
///
///     g(day) = Σ_c ln p_T(level_c | the levels before it) − ln p(level_c | the levels before it),   E[exp g] = 1 on normal days
///
/// A day is 24 hours from the first event after the last day's. The history of a few events forgets: a failure after failures is no surprise. Twenty of them and
/// no success is one, and this is where it shows.
public struct StreamProfile: Sendable {
    /// A column of the row.
    public enum Column: Sendable, Hashable, Codable {
        /// Events today.
        case total
        /// The last value of a field.
        case last(Int)
        /// Different values of a field of changes today.
        case different(Int)
        /// Events today with one name of a field, or with any other where `nil`.
        case kind(Int, String?)
    }

    /// The columns, in the order of the chain.
    public let columns: [Column]
    /// The chain: an event model whose sessions are single rows.
    public let model: EventModel
    let scorers: [ChoiceScorer]
    /// Of every column: its codes by level, or by the code of the field it repeats.
    private let codes: [[Int32]]
    /// Where a column's value is found.
    private enum Source { case total, last(Int), tally(Int) }
    private let sources: [Source]
    /// The tally of each name of a field, by field and code; an empty list where a field's names are not counted, and −1 for no tally.
    private let tallyOfName: [[Int]], tallyOfOthers: [Int]
    /// The fields whose names are counted.
    private let counted: [Int]

    /// Kinds of events that are counted one by one; the rarer ones together.
    static let kinds = 8
    /// Levels of a count: 0, 1, 2, 3, 4–7, 8–15, ….
    package static let levelNames = ["0", "1", "2", "3"] + (2 ... 15).map { "\(1 << $0)–\((2 << $0) - 1)" } + ["65536 or more"]

    /// The place of a count in `levelNames`.
    package static func level(_ count: Int) -> Int {
        count < 4 ? max(0, count) : min(levelNames.count - 1, 2 + (Int.bitWidth - 1 - count.leadingZeroBitCount))
    }

    /// The columns for a schema and the names of its fields, most frequent first. What is new to subjects is counted last, given all else.
    static func columns(of schema: EventSchema, names: [[String]]) -> [Column] {
        let own = names[0].prefix(kinds), new = EventSchema.familiarNames[3]
        let what: [Column] = own.map { .kind(0, $0) } + (names[0].count > own.count ? [.kind(0, nil)] : [])
        let strange: [Column] = schema.fields.indices.filter { schema.fields[$0].encoding == .familiar && names[$0].contains(new) }.map { .kind($0, new) }
        return [.total] + schema.fields.indices.dropFirst().map { schema.fields[$0].encoding == .change ? .different($0) : .last($0) } + what + strange
    }

    /// A profile; `model` has a field a column, in order.
    ///
    /// - Throws: `GibbsError` with code `.unsuitableModel` when the two do not fit.
    init(schema: EventSchema, names: [Vocabulary], model: EventModel) throws {
        columns = Self.columns(of: schema, names: names.map(\.names))
        guard model.fields.count == columns.count, model.fields == columns.map({ Self.name($0, schema) }) else {
            throw GibbsError(.unsuitableModel, "the profile has other columns than the schema", advice: "the file is damaged")
        }
        self.model = model
        scorers = try model.choices.map { try ChoiceScorer($0) }
        let kinds = columns.filter { if case .kind = $0 { true } else { false } }, changes = schema.numbered(.change)
        tallyOfName = schema.fields.indices.map { field in
            let counted = kinds.contains { if case .kind(field, _) = $0 { true } else { false } }
            return counted ? names[field].names.map { kinds.firstIndex(of: .kind(field, $0)) ?? kinds.firstIndex(of: .kind(field, nil)) ?? -1 } : []
        }
        tallyOfOthers = schema.fields.indices.map { kinds.firstIndex(of: .kind($0, nil)) ?? -1 }
        codes = zip(columns, model.vocabularies).map { column, vocabulary in
            let values: [String] = if case .last(let field) = column { names[field].names } else { Self.levelNames }
            let places = Dictionary(uniqueKeysWithValues: vocabulary.names.enumerated().map { ($1, Int32($0)) })
            return values.map { places[$0] ?? Examples.unseen }
        }
        counted = tallyOfName.indices.filter { [tallyOfName] in !tallyOfName[$0].isEmpty }
        sources = columns.map { column in
            switch column {
            case .total: .total
            case .last(let field): .last(field)
            case .different(let field): .tally(kinds.count + changes[field])
            case .kind: .tally(kinds.firstIndex(of: column)!)
            }
        }
        let new = EventSchema.familiarNames[3]
        strange = schema.fields.indices.filter { schema.fields[$0].encoding == .familiar && schema.fields[$0].column != schema.entity }
        newCodes = strange.map { names[$0].names.firstIndex(of: new).map(Int32.init) ?? StreamModel.plain(3) }
        habitual = schema.habitual.flatMap { names[0].names.firstIndex(of: $0) }.map(Int32.init) ?? -1
        kindCount = kinds.count
        strangeStart = kinds.count + changes.count { $0 >= 0 }
        tallies = strangeStart + strange.count
    }

    /// Counts an entity keeps for it: one a kind, one a field of changes, one a field of strange events.
    let tallies: Int
    private let kindCount: Int
    /// The fields whose strange events are counted, for `StrangeRate`: familiar ones, but for the entity's own. That a newcomer is new is one fact,
    /// however often it comes.
    let strange: [Int]
    /// The codes of `new` in them, where the fit met none those of `StreamModel.plain`, and of the name of the first field that makes habits; −1 where all do.
    private let newCodes: [Int32], habitual: Int32

    private let strangeStart: Int

    /// How many of the day's events were strange so far, a field each.
    func strangeCounts(row: Int, table: EntityTable) -> ArraySlice<UInt16> { table.tallies[row * tallies + strangeStart ..< (row + 1) * tallies] }

    /// The name of a column, for people.
    static func name(_ column: Column, _ schema: EventSchema) -> String {
        switch column {
        case .total: "events today"
        case .last(let field): "last \(schema.fields[field].name)"
        case .different(let field): "different \(schema.fields[field].name)s today"
        case .kind(let field, let name): name.map { "\(schema.fields[field].name) '\($0)' today" } ?? "other \(schema.fields[field].name)s today"
        }
    }

    /// Counts one event into its entity's day.
    ///
    /// - Parameter changes: For every field of changes, the place of its value in `EventSchema.changeNames`; −1 where missing.
    /// - Returns: Whether a level changed, so that the row has another energy.
    func count(_ code: UnsafePointer<Int32>, plain: [Int32], changes: [Int], time: Double, row: Int, table: inout EntityTable) -> Bool {
        let start = row * tallies
        if table.totals[row] == 0 || time - table.starts[row] >= 86_400 {
            table.starts[row] = time
            table.totals[row] = 0
            for index in start ..< start + tallies { table.tallies[index] = 0 }
        }
        var isNew = bump(&table.totals[row])
        for field in counted where code[field] != Examples.missing {
            let name = Int(code[field]), tally = name >= 0 && name < tallyOfName[field].count ? tallyOfName[field][name] : tallyOfOthers[field]
            if tally >= 0 { isNew = bump(&table.tallies[start + tally]) || isNew }
        }
        // A value that came before today is one of the day's values all the same when it is the day's first.
        for index in changes.indices {
            let change = changes[index]
            guard change == 0 || change == 3 || change > 0 && table.tallies[start + kindCount + index] == 0 else { continue }
            isNew = bump(&table.tallies[start + kindCount + index]) || isNew
        }
        for (index, field) in strange.enumerated() where (code[field] == newCodes[index] || plain[field] == newCodes[index]) && (habitual < 0 || code[0] != habitual) {
            _ = bump(&table.tallies[start + strangeStart + index])
        }
        return isNew
    }

    private func bump<Count: FixedWidthInteger>(_ count: inout Count) -> Bool {
        let before = Self.level(Int(count))
        if count < Count.max { count += 1 }
        return Self.level(Int(count)) != before
    }

    /// Adds the codes of an entity's row, one a column; `event` holds those of its last event. What the model has not met is told by `StreamModel.plain`.
    func appendRow(_ event: UnsafePointer<Int32>, plain: [Int32], row: Int, table: EntityTable, to rows: inout [Int32]) {
        for column in sources.indices {
            switch sources[column] {
            case .total: rows.append(code(Self.level(Int(table.totals[row])), column: column))
            case .tally(let tally): rows.append(code(Self.level(Int(table.tallies[row * tallies + tally])), column: column))
            case .last(let field):
                let code = event[field]
                rows.append(plain[field] < 0 ? plain[field] : code < 0 ? code : Int(code) < codes[column].count ? codes[column][Int(code)] : Examples.unseen)
            }
        }
    }

    private func code(_ level: Int, column: Int) -> Int32 {
        let code = codes[column][level]
        return code == Examples.unseen ? StreamModel.plain(level) : code
    }

    /// Room for measuring rows, kept from batch to batch, and what was measured before.
    struct Work: Sendable {
        /// What every row gains, nats.
        fileprivate(set) var gains: [Float] = []
        fileprivate var memory = ChainMemory()
        /// By row and column.
        fileprivate var cells: [Float] = [], keys: [UInt64] = []
        /// The rows whose column is not remembered, and their codes behind a blank history.
        fileprivate var open: [Int] = [], inputs: [Int32] = []
        fileprivate var scores: [Float] = [], figures: [Float] = []
    }

    /// What rows gain, nats, left in `work.gains`.
    ///
    /// - Parameter rows: Codes, shape `[rows, columns]`.
    func measure(_ rows: [Int32], temperature: Float, _ work: inout Work) {
        let width = columns.count, count = rows.count / width
        work.gains.removeAll(keepingCapacity: true)
        if count == 0 { return }
        if work.cells.count < rows.count {
            work.cells = [Float](repeating: 0, count: rows.count)
            work.keys = [UInt64](repeating: 1, count: rows.count)
        }
        for row in 0 ..< count {
            var key: UInt64 = 1
            for column in 0 ..< width {
                key = ChainMemory.key(key, rows[row * width + column])
                work.keys[row * width + column] = key
            }
        }
        for column in 0 ..< width {
            work.open.removeAll(keepingCapacity: true)
            for row in 0 ..< count {
                if let gain = work.memory.gain(work.keys[row * width + column]) { work.cells[row * width + column] = gain } else { work.open.append(row) }
            }
            if !work.open.isEmpty { measure(column, of: rows, temperature: temperature, &work) }
        }
        for row in 0 ..< count {
            var sum: Float = 0
            for column in 0 ..< width { sum += work.cells[row * width + column] }
            work.gains.append(sum)
        }
    }

    /// What every column of one row gains, nats, and what was likeliest there.
    func judged(_ row: [Int32], temperature: Float) -> [(gain: Float, expected: Int, probability: Float)] {
        let blank = [Int32](repeating: Examples.missing, count: columns.count)
        return columns.indices.map { column in
            var scores = [Float]()
            let cost = scorers[column].costs(of: [row[column]], contexts: blank + Array(row[..<column]), temperature: temperature,
                                             unseen: model.vocabularies[column].unseenProbability, scores: &scores)[0]
            let best = scorers[column].expected(scores[...])
            return (cost.gain, best.category, best.probability)
        }
    }

    /// One column of the rows where it is not remembered.
    private func measure(_ column: Int, of rows: [Int32], temperature: Float, _ work: inout Work) {
        let width = columns.count, count = work.open.count, scorer = scorers[column]
        // Sessions of one row: the history before it is missing.
        work.inputs.removeAll(keepingCapacity: true)
        for row in work.open {
            for _ in 0 ..< width { work.inputs.append(Examples.missing) }
            for index in row * width ... row * width + column { work.inputs.append(max(rows[index], Examples.unseen)) }
        }
        if work.scores.count < count * scorer.stride { work.scores = [Float](repeating: 0, count: count * scorer.stride) }
        if work.figures.count < 3 * count { work.figures = [Float](repeating: 0, count: 3 * count) }
        let step = width + column + 1, unseen = model.vocabularies[column].unseenProbability
        work.inputs.withUnsafeBufferPointer { inputs in
            work.figures.withUnsafeMutableBufferPointer { figures in
                let codes = ChoiceScorer.Codes(count: count, contexts: inputs.baseAddress!, contextStep: step, choices: inputs.baseAddress! + step - 1, choiceStep: step)
                let gains = figures.baseAddress!
                scorer.measure(codes, temperature: temperature, unseen: unseen, scores: &work.scores, surprises: gains + count, gains: gains, entropies: gains + 2 * count)
            }
        }
        for (place, row) in work.open.enumerated() {
            work.cells[row * width + column] = work.figures[place]
            work.memory.keep(work.figures[place], key: work.keys[row * width + column])
        }
    }
}

extension StreamProfile {
    /// Learns the rows that normal days come by: every one at which a level changed.
    ///
    /// - Parameters:
    ///   - included: Which events' rows are learned from.
    ///   - held: Which events' rows stop the learning early.
    static func fitted(to log: EventLog, schema: EventSchema, model: EventModel, hidden: Int, epochs: Int?, key: Key, where included: (Int) -> Bool, holding held: [Bool]?,
                       report: (_ column: String, Epoch<ConditionalRBM>) throws -> Void) throws -> StreamProfile {
        let columns = columns(of: schema, names: model.vocabularies.map(\.names)), names = columns.map { name($0, schema) }
        // A profile that knows all names and levels but has learned nothing yet gives the rows.
        let all = columns.map { column -> [String] in if case .last(let field) = column { model.vocabularies[field].names } else { levelNames } }
        let blank = EventModel(fields: names, vocabularies: all.map { Vocabulary(names: $0, counts: $0.map { _ in 1 }) }, history: 1, hasEnd: false, choices: [])
        let measure = try StreamModel(schema: schema, model: model, profile: StreamProfile(schema: schema, names: model.vocabularies, model: blank))
        var rows = EventSequences(fields: names), apart = [Bool](), monitor = StreamMonitor(measure, calibration: nil, limit: max(1, log.entities.count))
        log.batches(of: 4_096) { batch, events in
            monitor.profiles(batch) { index, row in
                guard included(events[index]) else { return }
                rows.add(id: "", events: [row.enumerated().map { $1 >= 0 ? all[$0][Int($1)] : nil }], lines: [log.lines[events[index]]])
                if let held { apart.append(held[events[index]]) }
            }
        }
        let chain = try EventModel.fitted(to: rows, history: 1, hidden: hidden, hasEnd: false, by: StreamModel.method(epochs, events: rows.eventCount), key: key,
                                          holding: held == nil ? nil : apart) { try report(names[$0], $1) }
        return try StreamProfile(schema: schema, names: model.vocabularies, model: chain)
    }
}
