/// What is remembered of every entity: a row of constant size each, at most `limit` rows; the entity seen least recently makes room.
///
/// A row holds the codes of the last N events, when the last one was, the last eight values of every column of changes, and the
/// running score with the row of the day behind it; entities whose score is above zero also hold the events that brought it there. About 130 bytes, 2 N bytes a
/// field and 2 a column of the day, and 350 more while a score is above zero.
package struct EntityTable: Sendable {
    /// Values remembered of a column of changes.
    static let recents = 8
    /// Events remembered that carry the blame.
    static let blames = 8
    /// No row.
    static let none: Int32 = -1

    /// One event behind a score.
    package struct Blame: Sendable, Hashable {
        var line: Int64 = 0, offset: Int64 = 0
        var time = Double.nan
        package var gain: Float = 0, surprise: Float = 0
        /// The field that gained most, what was likeliest there, and how likely.
        var field: Int16 = 0, expected: Int16 = 0
        var probability: Float = 0

        package init(line: Int64 = 0, offset: Int64 = 0, time: Double = .nan, gain: Float = 0, surprise: Float = 0, field: Int16 = 0, expected: Int16 = 0,
                     probability: Float = 0) {
            (self.line, self.offset, self.time, self.gain, self.surprise) = (line, offset, time, gain, surprise)
            (self.field, self.expected, self.probability) = (field, expected, probability)
        }
    }

    let history: Int, fields: Int, changes: Int, tallyCount: Int, dayColumns: Int, limit: Int
    /// The row of every hash.
    var slots = HashIndex()
    package var hashes = RowColumn<UInt64>(0), times = RowColumn<Double>(.nan), events = RowColumn<UInt32>(0)
    /// The running score, and the level of its last alert.
    package var scores = RowColumn<Float>(0) { $0 >= 0 && $0 < .infinity ? $0 : 0 }
    var levels = RowColumn<UInt8>(0) { min($0, 4) }
    /// A hash of the last event's time and values.
    var last = RowColumn<UInt32>(0)
    /// When the day of the counts began, its events, and the profile's counts, `tallyCount` a row; the energy of that row and its codes, `dayColumns` a row.
    var starts = RowColumn<Double>(0), totals = RowColumn<UInt32>(0), energies = RowColumn<Float>(0) { $0.isFinite ? $0 : 0 }
    package var tallies: RowColumn<UInt16>
    var dayCodes: RowColumn<Int16>
    /// Codes, the last event's first; shape `[rows, history, fields]`.
    package var codes: RowColumn<Int16>
    /// Hashes, the last value first, shape `[rows, changes, recents]`, 0 is none; and the day on which each came first, where that is kept.
    var values: RowColumn<UInt32>, since: RowColumn<Int32>
    /// Where a score's events stand in `blame`, in groups of `blames`; −1 while the score is zero.
    package var groups: [Int32] = []
    package var blame: [Blame] = []
    /// The codes of those events, shape `[blame.count, fields]`.
    var blameCodes: [Int16] = []
    var freeGroups: [Int32] = []
    /// The order of use: before each row the one used later, behind it the one used earlier.
    var newer: [Int32] = [], older: [Int32] = []
    var newest = none, oldest = none
    /// Entities that had to make room.
    package var dropped = 0

    package init(history: Int, fields: Int, changes: Int, tallies: Int = 0, dayColumns: Int = 0, keepsDays: Bool = false, limit: Int) {
        precondition(limit > 0, "room for \(limit) entities")
        (self.history, self.fields, self.changes, tallyCount, self.dayColumns, self.limit) = (history, fields, changes, tallies, dayColumns, limit)
        self.tallies = RowColumn(0, width: tallies)
        // Below −2 codes tell people what the model has not met; see `StreamModel.plain`.
        dayCodes = RowColumn(-1, width: dayColumns) { max($0, -64) }
        codes = RowColumn(-1, width: history * fields) { max($0, Int16(Examples.unseen)) }
        values = RowColumn(0, width: changes * Self.recents)
        since = RowColumn(0, width: keepsDays ? changes * Self.recents : 0)
    }

    /// Hands every column to a visitor, in the order of a snapshot. What is not listed here is neither forgotten with its entity nor kept in a file.
    mutating func visitColumns<Visitor: RowVisitor>(_ visitor: inout Visitor) throws(Visitor.Failure) {
        try visitor.visit(&hashes)
        try visitor.visit(&times)
        try visitor.visit(&scores)
        try visitor.visit(&events)
        try visitor.visit(&levels)
        try visitor.visit(&last)
        try visitor.visit(&starts)
        try visitor.visit(&totals)
        try visitor.visit(&energies)
        try visitor.visit(&tallies)
        try visitor.visit(&dayCodes)
        try visitor.visit(&codes)
        try visitor.visit(&values)
        try visitor.visit(&since)
    }

    package var count: Int { hashes.values.count }

    /// The row of an entity, new where it is not known, moved to the front of the order of use.
    package mutating func row(of hash: UInt64) -> Int {
        if let known = slots[hash] {
            touch(known)
            return Int(known)
        }
        let row: Int32
        if count >= limit {
            row = oldest
            forget(Int(row))
            dropped += 1
        } else {
            row = Int32(count)
            grow()
            link(row)
        }
        hashes[Int(row)] = hash
        slots[hash] = row
        touch(row)
        return Int(row)
    }

    private mutating func grow() {
        var growth = RowGrowth()
        visitColumns(&growth)
        groups.append(Self.none)
        newer.append(Self.none)
        older.append(Self.none)
    }

    private mutating func forget(_ row: Int) {
        slots[hashes[row]] = nil
        release(row)
        var clearing = RowClearing(row: row)
        visitColumns(&clearing)
    }
}

// MARK: - Order of use

extension EntityTable {
    private mutating func link(_ row: Int32) {
        older[Int(row)] = newest
        newer[Int(row)] = Self.none
        if newest != Self.none { newer[Int(newest)] = row } else { oldest = row }
        newest = row
    }

    private mutating func touch(_ row: Int32) {
        if row == newest { return }
        let before = newer[Int(row)], behind = older[Int(row)]
        older[Int(before)] = behind
        if behind != Self.none { newer[Int(behind)] = before } else { oldest = before }
        link(row)
    }

    /// The rows in the order of their last use, the earliest first.
    package var inOrderOfUse: [Int32] {
        var result = [Int32](), row = oldest
        result.reserveCapacity(count)
        while row != Self.none {
            result.append(row)
            row = newer[Int(row)]
        }
        return result
    }

    /// Makes this the order of use, the earliest first.
    mutating func setOrderOfUse(_ rows: [Int32]) {
        (newest, oldest) = (Self.none, Self.none)
        for row in rows { link(row) }
    }
}

// MARK: - Events

extension EntityTable {
    /// Puts an event's codes, one a field, before those of the earlier ones.
    package mutating func remember(_ new: UnsafePointer<Int32>, row: Int) {
        if history == 0 { return }
        let start = row * history * fields, width = history * fields, fields = fields
        codes.withMutableValues { codes in
            let row = codes.baseAddress! + start
            (row + fields).update(from: row, count: width - fields)
            for field in 0 ..< fields { row[field] = Int16(clamping: new[field]) }
        }
    }

    /// How a value stands to the earlier ones of its column, as a place in `EventSchema.changeNames`; it is the last one then.
    package mutating func change(_ hash: UInt64, column: Int, row: Int) -> Int {
        let start = (row * changes + column) * Self.recents, short = UInt32(truncatingIfNeeded: hash >> 32) | 1
        if values[start] == short { return 1 }
        var at = 1
        while at < Self.recents, values[start + at] != short, values[start + at] != 0 { at += 1 }
        let isFirst = values[start] == 0, isKnown = at < Self.recents && values[start + at] == short
        var index = min(at, Self.recents - 1)
        while index > 0 {
            values[start + index] = values[start + index - 1]
            index -= 1
        }
        values[start] = short
        return isFirst ? 0 : isKnown ? 2 : 3
    }
}

extension EntityTable {
    /// Whether a value was there on an earlier day, as a place in `EventSchema.familiarNames`; from now on it is there, if it is to be kept.
    package mutating func familiar(_ hash: UInt64, column: Int, row: Int, day: Int32, keeps: Bool = true) -> Int {
        let start = (row * changes + column) * Self.recents, short = UInt32(truncatingIfNeeded: hash >> 32) | 1, isFirst = values[start] == 0
        var at = 0
        while at < Self.recents, values[start + at] != short, values[start + at] != 0 { at += 1 }
        let isThere = at < Self.recents && values[start + at] == short, first = isThere ? since[start + at] : day
        let found = isFirst ? 0 : !isThere ? 3 : first < day ? 1 : 2
        if !keeps { return found }
        var index = min(at, Self.recents - 1)
        while index > 0 {
            (values[start + index], since[start + index]) = (values[start + index - 1], since[start + index - 1])
            index -= 1
        }
        (values[start], since[start]) = (short, first)
        return found
    }
}

// MARK: - Days

extension EntityTable {
    /// The codes of the row that the day's energy is of.
    func day(_ row: Int) -> ArraySlice<Int16> { dayCodes[row * dayColumns ..< (row + 1) * dayColumns] }

    /// Keeps them.
    mutating func setDay(_ codes: ArraySlice<Int32>, row: Int) {
        for (column, code) in codes.enumerated() { dayCodes[row * dayColumns + column] = Int16(clamping: code) }
    }
}

// MARK: - Blame

extension EntityTable {
    /// Gives back the events behind a score that has returned to zero.
    package mutating func release(_ row: Int) {
        guard groups[row] >= 0 else { return }
        freeGroups.append(groups[row])
        groups[row] = Self.none
    }

    /// Keeps an event that raised a score, in place of the one that raised it least where there are too many.
    package mutating func add(_ event: Blame, codes: some Collection<Int32>, row: Int) {
        if groups[row] < 0 {
            if let free = freeGroups.popLast() { groups[row] = free } else {
                groups[row] = Int32(blame.count / Self.blames)
                blame.append(contentsOf: repeatElement(Blame(), count: Self.blames))
                blameCodes.append(contentsOf: repeatElement(-1, count: Self.blames * fields))
            }
            for index in places(row) { blame[index] = Blame() }
        }
        let least = places(row).min { blame[$0].gain < blame[$1].gain }!
        guard event.gain > blame[least].gain else { return }
        blame[least] = event
        for (field, code) in codes.enumerated() { blameCodes[least * fields + field] = Int16(clamping: code) }
    }

    /// The places of an entity's events in `blame`, those without a gain included.
    package func places(_ row: Int) -> Range<Int> {
        let start = Int(groups[row]) * Self.blames
        return groups[row] < 0 ? 0 ..< 0 : start ..< start + Self.blames
    }
}
