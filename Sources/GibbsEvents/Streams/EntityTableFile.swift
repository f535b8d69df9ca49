import Foundation
import GibbsNumerics

// Tables of entities in a snapshot.

extension EntityTable {
    var shape: StreamSnapshot.Shape {
        .init(rows: count, history: history, fields: fields, changes: changes, tallies: tallyCount, days: dayColumns, groups: groups.count { $0 >= 0 }, dropped: dropped)
    }

    /// Writes all rows, the one used earliest first, so that their order is the order of use.
    func write(to writer: inout SummedWriter) throws {
        let rows = inOrderOfUse.map(Int.init)
        var copy = self, visitor = RowWriter(rows: rows, writer: writer)
        try copy.visitColumns(&visitor)
        writer = visitor.writer
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
        let skip = max(0, shape.rows - limit)
        var reader = RowReader(rows: shape.rows, skip: skip, source: source)
        try visitColumns(&reader)
        source = reader.source
        dropped = shape.dropped + skip
        slots = HashIndex(hashes.values)
        guard slots.count == count else { throw GibbsError(.unsuitableData, "holds an entity twice", advice: "move it away: the watch then begins without a past") }
        (newer, older) = ([Int32](repeating: Self.none, count: count), [Int32](repeating: Self.none, count: count))
        setOrderOfUse((0 ..< count).map(Int32.init))
        try readBlame(shape.groups, skip: skip, from: &source)
    }

    private mutating func readBlame(_ count: Int, skip: Int, from source: inout ByteReader) throws {
        groups = [Int32](repeating: Self.none, count: hashes.values.count)
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
