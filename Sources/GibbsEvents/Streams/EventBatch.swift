import Foundation
import GibbsNumerics

/// Events on their way to a monitor, in the order in which they came; whoever read them (a file, a pipe, a message queue) appends.
///
/// Values are kept as 64-bit hashes and entities as bytes, so that appending allocates nothing once the batch has grown.
public struct EventBatch: Sendable {
    /// The columns of an event beside its entity and time.
    public let columns: [String]
    /// A hash an event; 0 where the entity is missing.
    private(set) var entities: [UInt64] = []
    /// Seconds since 1970; `nan` where unknown.
    private(set) var times: [Double] = []
    /// Hashes, shape `[events, columns]`; 0 is missing.
    private(set) var values: [UInt64] = []
    /// Where each event came from.
    private(set) var lines: [Int] = [], offsets: [Int] = []
    private var names: [UInt8] = [], ends: [Int] = []

    /// No events yet of these columns.
    public init(columns: [String]) { self.columns = columns }

    /// Events.
    public var count: Int { entities.count }

    /// Adds an event.
    ///
    /// - Parameters:
    ///   - entity: Whose event it is; without one it is counted and passed over.
    ///   - time: Seconds since 1970.
    ///   - values: A text a column; `nil` is missing.
    ///   - line: Its line, counted from 1; `offset` where that begins, bytes, −1 where nothing can be read there again.
    public mutating func append(entity: String?, time: Double?, values: [String?], line: Int, offset: Int = -1) {
        precondition(values.count == columns.count, "\(values.count) values of \(columns.count) columns")
        for value in values { self.values.append(value.map(ValueHash.of) ?? 0) }
        var entity = entity
        if entity != nil { entity!.withUTF8 { place($0, time, line, offset) } } else { place(nil, time, line, offset) }
    }

    /// Adds an event of bytes; see above.
    public mutating func append(entity: UnsafeBufferPointer<UInt8>?, time: Double?, values: ArraySlice<UnsafeBufferPointer<UInt8>?>, line: Int, offset: Int) {
        precondition(values.count == columns.count, "\(values.count) values of \(columns.count) columns")
        for value in values { self.values.append(value.map(ValueHash.of) ?? 0) }
        place(entity, time, line, offset)
    }

    private mutating func place(_ entity: UnsafeBufferPointer<UInt8>?, _ time: Double?, _ line: Int, _ offset: Int) {
        entities.append(entity.map(ValueHash.of) ?? 0)
        times.append(time ?? .nan)
        lines.append(line)
        offsets.append(offset)
        if let entity { names.append(contentsOf: entity) }
        ends.append(names.count)
    }

    private mutating func setLastEntity(_ hash: UInt64) { entities[entities.count - 1] = hash }

    /// The line of an event.
    public func line(_ index: Int) -> Int { lines[index] }

    /// Where the line of an event begins in its source; −1 where it cannot be shown again.
    package func offset(_ index: Int) -> Int { offsets[index] }

    /// The hash by which the entity of an event is known; 0 where it is missing.
    package func hash(_ index: Int) -> UInt64 { entities[index] }

    /// When an event was, seconds since 1970; `nan` where unknown.
    package func time(_ index: Int) -> Double { times[index] }

    /// The entity of an event as text, cut at 256 bytes.
    public func entity(_ index: Int) -> String {
        let start = index == 0 ? 0 : ends[index - 1]
        return String(decoding: names[start ..< min(ends[index], start + 256)], as: UTF8.self)
    }

    /// Forgets the events and keeps the room.
    public mutating func removeAll() {
        entities.removeAll(keepingCapacity: true)
        times.removeAll(keepingCapacity: true)
        values.removeAll(keepingCapacity: true)
        lines.removeAll(keepingCapacity: true)
        offsets.removeAll(keepingCapacity: true)
        names.removeAll(keepingCapacity: true)
        ends.removeAll(keepingCapacity: true)
    }
}

extension EventBatch {
    /// A short hash of an event's time and values, by which an event that repeats the one before is known.
    func mark(_ event: Int) -> UInt32 {
        var state = times[event].bitPattern
        for value in values[event * columns.count ..< (event + 1) * columns.count] { state = (state ^ value) &* 0x9E37_79B9_7F4A_7C15; state ^= state >> 32 }
        return UInt32(truncatingIfNeeded: state >> 32)
    }
}

extension EventBatch {
    /// Adds an event whose entity's hash is known, with no name; its values follow by `append(valueHash:)`, one a column.
    mutating func append(entityHash: UInt64, time: Double, line: Int) {
        place(nil, time.isNaN ? nil : time, line, -1)
        setLastEntity(entityHash)
    }

    /// Adds the next value of the event added last; 0 is missing.
    mutating func append(valueHash: UInt64) { values.append(valueHash) }
}
