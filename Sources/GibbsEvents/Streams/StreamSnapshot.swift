import Foundation
import GibbsCore
import GibbsData
import GibbsNumerics

/// All that a monitor knows beside its model, as a file: to go on after a restart as though nothing had happened.
///
///     "GIBBSST2", length of the header (8 bytes), header (JSON), the arrays in a fixed order, a hash of all before (8 bytes)
///
/// It is written as it is made, so that it takes next to no memory; the hash is chained over stretches of a MiB, each the seed of the next.
/// Entities are hashes there as in memory: the file names nobody. Numbers are little-endian.
public struct StreamSnapshot: Sendable {
    /// What stands before the arrays.
    struct Header: Codable {
        var model: String
        var table: Shape
        var habits: Shape?
        var counters: StreamMonitor.Counters
        var place: String?
        var frequencies: Frequencies?
        var memory: WatchMemory?
    }

    /// The extents of a table of entities.
    struct Shape: Codable, Hashable { var rows: Int, history: Int, fields: Int, changes: Int, tallies: Int, days: Int, groups: Int, dropped: Int }

    /// The monitor as it was.
    public var monitor: StreamMonitor
    /// Where its input was, in the words of whoever reads it.
    public var place: String?
    /// What else whoever reads and writes goes on with.
    public var memory: WatchMemory?

    /// A snapshot.
    public init(_ monitor: StreamMonitor, place: String? = nil, memory: WatchMemory? = nil) { (self.monitor, self.place, self.memory) = (monitor, place, memory) }

    /// The first bytes of every snapshot.
    public static let magic = Array("GIBBSST2".utf8)
    /// What a count in a file may be, so that counting on cannot overflow.
    static let counts = 0 ... 1 << 53
    /// The most bytes of a header.
    private static let headerLimit = 64 << 20

    /// Writes the snapshot, by way of a temporary file beside it.
    ///
    /// - Parameter model: The watchdog's fingerprint, by which a snapshot of another model is known.
    /// - Throws: `GibbsError` with code `.cannotWrite`.
    public func write(to path: String, model: String) throws {
        let header = Header(model: model, table: monitor.table.shape, habits: monitor.habits?.shape, counters: monitor.counters, place: place, frequencies: monitor.frequencies, memory: memory)
        let text = Array(JSON.encode(header).utf8)
        let output = try OutputFile(path: path)
        do {
            var writer = SummedWriter(output)
            try Self.magic.withUnsafeBytes { try writer.write($0) }
            try withUnsafeBytes(of: UInt64(text.count).littleEndian) { try writer.write($0) }
            try text.withUnsafeBytes { try writer.write($0) }
            try monitor.table.write(to: &writer)
            try monitor.habits?.write(to: &writer)
            try writer.finish()
            try output.commit()
        } catch {
            output.discard()
            throw error
        }
    }

    /// Reads a snapshot of a watchdog.
    ///
    /// - Throws: `GibbsError` with code `.cannotRead`, `.unsuitableModel` for one of another model, or `.unsuitableData` for a file that is damaged, or none.
    public init(contentsOf path: String, of watchdog: StreamWatchdog, limit: Int = StreamMonitor.usualLimit) throws {
        do { try self.init(Self.bytes(of: path), watchdog, limit) } catch let error as GibbsError { throw error.located(at: .init(file: path)) }
    }

    /// Where the input of a snapshot was, whatever its model.
    ///
    /// - Throws: `GibbsError` with code `.cannotRead`, or `.unsuitableData` for a file that is damaged, or none.
    public static func place(in path: String) throws -> String? {
        do { return try opened(bytes(of: path)).header.place } catch let error as GibbsError { throw error.located(at: .init(file: path)) }
    }

    private static func bytes(of path: String) throws -> [UInt8] {
        guard let data = FileManager.default.contents(atPath: path) else { throw GibbsError(.cannotRead, "cannot be opened", advice: "check the path and its permissions") }
        return [UInt8](data)
    }

    private static func refuse(_ why: String, _ code: GibbsError.Code = .unsuitableData) -> GibbsError {
        GibbsError(code, why, advice: "move it away: the watch then begins without a past")
    }

    /// The header of a file whose sum is right, and what comes behind it.
    private static func opened(_ bytes: [UInt8]) throws -> (header: Header, rest: ByteReader) {
        guard bytes.count >= 24, Array(bytes.prefix(8)) == magic else { throw refuse("is no state of a watch") }
        var source = ByteReader(bytes[8 ..< bytes.count - 8])
        guard SummedWriter.sum(bytes.dropLast(8)) == ByteReader(bytes[(bytes.count - 8)...]).peek() else { throw refuse("is damaged: its sum does not fit its bytes") }
        let length = try source.take(UInt64.self, 1)[0]
        guard length <= headerLimit, let text = try? source.take(UInt8.self, Int(length)),
              let header = try? JSONDecoder().decode(Header.self, from: Data(text)) else { throw refuse("has no header that can be read") }
        return (header, source)
    }

    private init(_ bytes: [UInt8], _ watchdog: StreamWatchdog, _ limit: Int) throws {
        let (header, rest) = try Self.opened(bytes)
        var source = rest
        guard header.model == watchdog.fingerprint else { throw Self.refuse("belongs to another model", .unsuitableModel) }
        let seen = header.counters
        guard [seen.events, seen.withoutEntity, seen.backwards, seen.duplicates, seen.alerts].allSatisfy(Self.counts.contains) else {
            throw Self.refuse("counts what cannot be")
        }
        var monitor = watchdog.monitor(limit: limit)
        guard header.table.fits(monitor.table), header.habits.map({ shape in monitor.habits.map(shape.fits) ?? false }) ?? (monitor.habits == nil) else {
            throw Self.refuse("does not fit the model")
        }
        try monitor.table.read(header.table, from: &source)
        if let habits = header.habits { try monitor.habits!.read(habits, from: &source) }
        guard source.isAtEnd else { throw Self.refuse("is longer than it says") }
        monitor.counters = header.counters
        if let frequencies = header.frequencies { try monitor.learn(with: frequencies) }
        self.init(monitor, place: header.place, memory: header.memory)
    }
}

extension StreamSnapshot.Shape {
    /// Whether a table of these extents can become that one's rows.
    func fits(_ table: EntityTable) -> Bool {
        history == table.history && fields == table.fields && changes == table.changes && tallies == table.tallyCount && days == table.dayColumns && 0 ... 1 << 31 ~= rows && 0 ... rows ~= groups && StreamSnapshot.counts ~= dropped
    }
}

extension StreamMonitor {
    /// Lets frequencies follow the stream from now on.
    ///
    /// - Throws: `GibbsError` with code `.unsuitableData` when they are those of another model.
    public mutating func learn(with frequencies: Frequencies) throws {
        guard frequencies.fit(measure.model) else {
            throw GibbsError(.unsuitableData, "the frequencies belong to another model", advice: "begin them anew")
        }
        self.frequencies = frequencies
        follow(always: true)
    }

    /// Forgets what frequencies have become, so that scores are those of the model again.
    public mutating func unlearn() {
        frequencies = nil
        scorers = measure.scorers
    }
}
