import Foundation
import GibbsNumerics

// Tables of entities in a snapshot.

extension EntityTable {
    var shape: StreamSnapshot.Shape {
        .init(rows: count, history: history, fields: fields, changes: changes, tallies: tallyCount, days: dayColumns, groups: groups.count { $0 >= 0 }, dropped: dropped)
    }

    /// The lowest code of a day's row that means something; see `StreamModel.plain`.
    private static var lowestDayCode: Int16 { -64 }

    /// Writes all rows, the one used earliest first, so that their order is the order of use.
    func write(to writer: inout SummedWriter) throws {
        let rows = inOrderOfUse.map(Int.init)
        func put<Value: BitwiseCopyable>(_ values: [Value], each width: Int = 1) throws {
            if width == 0 { return }
            try values.withUnsafeBytes { bytes in
                let size = width * MemoryLayout<Value>.stride
                for row in rows { try writer.write(UnsafeRawBufferPointer(rebasing: bytes[row * size ..< (row + 1) * size])) }
            }
        }
        try put(hashes)
        try put(times)
        try put(scores)
        try put(events)
        try put(levels)
        try put(last)
        try put(starts)
        try put(totals)
        try put(energies)
        try put(tallies, each: tallyCount)
        try put(dayCodes, each: dayColumns)
        try put(codes, each: history * fields)
        try put(values, each: changes * Self.recents)
        if keepsDays { try put(since, each: changes * Self.recents) }
        let blamed = rows.enumerated().filter { groups[$1] >= 0 }
        try blamed.map { Int32($0.offset) }.withUnsafeBytes { try writer.write($0) }
        for (_, row) in blamed {
            for place in places(row) {
                try blame[place].packed.withUnsafeBytes { try writer.write($0) }
                try blameCodes[place * fields ..< (place + 1) * fields].withUnsafeBytes { try writer.write($0) }
            }
        }
    }

    /// Reads rows in place of those there are; beyond the limit the latest ones are kept.
    mutating func read(_ shape: StreamSnapshot.Shape, from source: inout ByteReader) throws {
        let n = shape.rows, skip = max(0, n - limit)
        func kept<Value: BitwiseCopyable>(_ type: Value.Type, each width: Int = 1) throws -> [Value] { Array(try source.take(type, n * width).dropFirst(skip * width)) }
        hashes = try kept(UInt64.self)
        times = try kept(Double.self)
        scores = try kept(Float.self).map { $0 >= 0 && $0 < .infinity ? $0 : 0 }
        events = try kept(UInt32.self)
        levels = try kept(UInt8.self).map { min($0, 4) }
        last = try kept(UInt32.self)
        starts = try kept(Double.self)
        totals = try kept(UInt32.self)
        energies = try kept(Float.self).map { $0.isFinite ? $0 : 0 }
        tallies = try kept(UInt16.self, each: tallyCount)
        dayCodes = try kept(Int16.self, each: dayColumns).map { max($0, Self.lowestDayCode) }
        codes = try kept(Int16.self, each: history * fields).map { max($0, Int16(Examples.unseen)) }
        values = try kept(UInt32.self, each: changes * Self.recents)
        if keepsDays { since = try kept(Int32.self, each: changes * Self.recents) }
        dropped = shape.dropped + skip
        slots = HashIndex(hashes)
        guard slots.count == hashes.count else { throw GibbsError(.unsuitableData, "holds an entity twice", advice: "move it away: the watch then begins without a past") }
        (newer, older) = ([Int32](repeating: Self.none, count: hashes.count), [Int32](repeating: Self.none, count: hashes.count))
        setOrderOfUse((0 ..< hashes.count).map(Int32.init))
        try readBlame(shape.groups, skip: skip, from: &source)
    }

    private mutating func readBlame(_ count: Int, skip: Int, from source: inout ByteReader) throws {
        groups = [Int32](repeating: Self.none, count: hashes.count)
        (blame, blameCodes, freeGroups) = ([], [], [])
        for owner in try source.take(Int32.self, count) {
            let row = Int(owner) - skip
            if row >= 0, row < groups.count { groups[row] = Int32(blame.count / Self.blames) }
            for _ in 0 ..< Self.blames {
                blame.append(Blame(packed: try source.take(UInt64.self, Blame.words), fields: fields))
                blameCodes += try source.take(Int16.self, fields)
            }
        }
    }
}

extension EntityTable.Blame {
    static let words = 6

    var packed: [UInt64] {
        [UInt64(bitPattern: line), UInt64(bitPattern: offset), time.bitPattern, UInt64(gain.bitPattern) << 32 | UInt64(surprise.bitPattern),
         UInt64(UInt16(bitPattern: field)) << 16 | UInt64(UInt16(bitPattern: expected)), UInt64(probability.bitPattern)]
    }

    /// What a file says, made harmless.
    init(packed words: [UInt64], fields: Int) {
        self.init()
        (line, offset, time) = (Int64(bitPattern: words[0]), Int64(bitPattern: words[1]), Double(bitPattern: words[2]))
        (gain, surprise) = (Float(bitPattern: UInt32(truncatingIfNeeded: words[3] >> 32)), Float(bitPattern: UInt32(truncatingIfNeeded: words[3])))
        let found = Int16(bitPattern: UInt16(truncatingIfNeeded: words[4] >> 16))
        field = 0 ..< Int16(max(1, fields)) ~= found ? found : 0
        (expected, probability) = (Int16(bitPattern: UInt16(truncatingIfNeeded: words[4])), Float(bitPattern: UInt32(truncatingIfNeeded: words[5])))
        if !gain.isFinite { gain = 0 }
    }
}
