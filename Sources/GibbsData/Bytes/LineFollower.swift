import CKernels
import Foundation
import GibbsNumerics

/// The lines of a file or stream as they come, without a copy: a log that grows, is rotated or cut short; a pipe; a gzipped archive.
///
/// A line ends with a line feed, with or without a carriage return before it. The last line of something that can still grow is
/// waited for; of anything else it counts. A line beyond the limit is cut there, and what follows of it is dropped.
///
/// A file that was cut short is read from its beginning, also where it has grown beyond the old place since: of a file that is followed
/// the first and the last 64 bytes read are compared with what stands there now, whenever there is more. One that begins and goes on with
/// the very same bytes is taken for the old one.
public final class LineFollower {
    /// A line in the reader's buffer: gone with the next read. A line feed and eight more readable bytes follow it.
    public struct Line {
        /// Its bytes without its end.
        public let bytes: UnsafeBufferPointer<UInt8>
        /// Counted from 1 in its file.
        public let number: Int
        /// Where it begins in its file, bytes.
        public let offset: Int
        /// Whether bytes beyond the limit were dropped.
        public let wasCut: Bool

        /// A line of other origin; behind its bytes a line feed and eight more must be readable.
        package init(bytes: UnsafeBufferPointer<UInt8>, number: Int, offset: Int, wasCut: Bool = false) {
            (self.bytes, self.number, self.offset, self.wasCut) = (bytes, number, offset, wasCut)
        }
    }

    /// A place between two lines, to go on from after a restart.
    public struct Position: Sendable, Hashable, Codable {
        /// Which file: its device and number, and a hash of its first bytes, of an archive's unpacked ones.
        public var device: UInt64 = 0, inode: UInt64 = 0, head: UInt64 = 0, headLength = 0
        /// Bytes and lines before this place.
        public var offset = 0, line = 0

        /// The beginning of anything.
        public init() {}

        /// A place as text, as it is kept in a snapshot.
        package var text: String { JSON.encode(self) }

        /// The place of such a text; `nil` for anything else, and for a place where no line can end.
        package init?(text: String) {
            guard let place = try? JSON.decode(Self.self, from: text, name: "place"), place.isPossible else { return nil }
            self = place
        }

        /// Whether lines could end there: each has a byte at least, and none is before the beginning.
        public var isPossible: Bool { line >= 0 && line <= offset && offset < 1 << 53 && 0 ... LineFollower.headLimit ~= headLength }
    }

    /// What a read found.
    public enum Step: Sendable, Hashable {
        /// Lines, or part of one.
        case more
        /// Nothing yet.
        case idle
        /// Nothing, and there never will be.
        case end
    }

    /// What happened to the file.
    public enum Change: Sendable, Hashable {
        /// Another file has its name; reading went on at that one's beginning.
        case rotated
        /// It became shorter than what had been read, or other bytes stand there now; reading went on at its beginning.
        case truncated
        /// It is not the file that a restart was to go on with; reading began at its beginning.
        case replaced
    }

    /// What messages call the input.
    public let name: String
    /// What happened to the file since this was last emptied.
    public var changes: [Change] = []
    /// Behind the last line given.
    public private(set) var position = Position()

    /// The most bytes of a line unless told: 1 MiB.
    public static let usualLimit = 1 << 20

    private let path: String, follows: Bool, limit: Int
    private var descriptor: Int32 = -1
    private var archive: ByteSource?
    private let buffer: UnsafeMutablePointer<UInt8>, capacity: Int
    private var ready = 0 ..< 0
    private var isDropping = false
    /// Where the line begins of which the rest is dropped.
    private var cutStart = 0
    private var nameHasMoved = false
    /// The first and the last bytes read of a file that is followed, at most `watched` each.
    private var first: [UInt8] = [], last: [UInt8] = []
    private static let watched = 64
    /// The first bytes by which a file is known again after a restart: more than the header of most tables.
    fileprivate static let headLimit = 4_096
    /// Those of an archive, unpacked.
    private var unpacked: [UInt8] = []

    /// Whether the file to follow is not there yet.
    public private(set) var isAwaited = false
    /// Where to go on in it once it is there.
    private var awaitedStart: Position?

    /// Opens a file, or standard input for `-`.
    ///
    /// - Parameters:
    ///   - follows: Whether to wait for more at the end of a regular file, whatever happens to its name; also for a file that is not there yet.
    ///   - start: Where to go on, from `position` of an earlier reader; without effect on a pipe.
    ///   - limit: The most bytes of a line.
    /// - Throws: `GibbsError` with code `.cannotRead`, `.malformedData` or, for a gzipped file to follow, `.usage`.
    public init(path: String, follows: Bool = false, from start: Position? = nil, limit: Int = usualLimit) throws {
        self.path = path
        name = path == "-" ? "standard input" : path
        self.follows = follows && path != "-"
        self.limit = max(1, limit)
        capacity = self.limit + 1 << 18
        buffer = .allocate(capacity: capacity + 64)
        buffer.initialize(repeating: 0x0A, count: capacity + 64)
        if path == "-" { descriptor = 0 } else if self.follows, isMissing { wait(for: start) } else { try openFile() }
        if let start, !isAwaited, position.offset == 0 { try resume(start) }
    }

    deinit {
        if descriptor > 0 { close(descriptor) }
        buffer.deallocate()
    }

    /// Whether the file can be read again from any place, so that lines can be shown by `text(at:)`.
    public var isRegular: Bool { position.inode != 0 && archive == nil }

    /// Waits for bytes, reads once and hands out the lines that are whole.
    ///
    /// - Parameter milliseconds: The longest wait for something that comes.
    /// - Throws: `GibbsError` with code `.cannotRead` or `.malformedData`, and what `body` throws; the lines before were handed out.
    public func read(waiting milliseconds: Int32 = 200, _ body: (Line) throws -> Void) throws -> Step {
        if isAwaited { return try openAwaited(milliseconds) }
        guard try waits(milliseconds) else { return .idle }
        if ready.upperBound == capacity { makeRoom() }
        let count = try fetch(UnsafeMutableRawBufferPointer(start: buffer + ready.upperBound, count: capacity - ready.upperBound))
        if count == 0 {
            if follows { return try followOn(milliseconds, body) }
            try giveRest(body)
            return .end
        }
        if follows, isRegular {
            guard isSame(upTo: position.offset + ready.count) else { beginAgain(); return .more }
            keep(UnsafeBufferPointer(start: buffer + ready.upperBound, count: count))
        }
        ready = ready.lowerBound ..< ready.upperBound + count
        try giveLines(body)
        return .more
    }

    /// The text of a line of a regular file, at most `limit` bytes of it; `nil` where the file has gone.
    public func text(at offset: Int, limit: Int = 2_048) -> String? {
        guard isRegular, offset >= 0 else { return nil }
        var bytes = [UInt8](repeating: 0, count: limit)
        let count = pread(descriptor, &bytes, limit, off_t(offset))
        guard count > 0 else { return nil }
        let line = bytes[0 ..< count].prefix { $0 != 0x0A }
        return String(decoding: line.last == 0x0D ? line.dropLast() : line, as: UTF8.self)
    }

    /// The whole lines among the first bytes of a file, at most `limit` of them; empty for what can be read once only.
    public func head() -> [UInt8] {
        var bytes = [UInt8](repeating: 0, count: limit), count = 0
        if let again = archive == nil ? nil : try? InputFile(path: path).open() {
            while count < limit, let more = try? bytes.withUnsafeMutableBytes({ try again.read(into: UnsafeMutableRawBufferPointer(rebasing: $0[count...])) }), more > 0 { count += more }
        } else if isRegular {
            count = max(0, pread(descriptor, &bytes, limit, 0))
        }
        return Array(bytes[0 ..< (bytes[0 ..< count].lastIndex(of: 0x0A) ?? -1) + 1])
    }
}

// MARK: - Lines

extension LineFollower {
    private func giveLines(_ body: (Line) throws -> Void) throws {
        while !ready.isEmpty {
            let start = buffer + ready.lowerBound
            guard let end = memchr(start, 0x0A, ready.count) else {
                if isDropping { pass(ready.count, lines: 0) } else if ready.count > limit + 1 { try giveCut(body) } else { makeRoom() }
                return
            }
            let length = UnsafePointer<UInt8>(end.assumingMemoryBound(to: UInt8.self)) - UnsafePointer(start)
            if isDropping {
                isDropping = false
                pass(length + 1, lines: 1)
            } else {
                try give(length, ended: true, body)
            }
        }
    }

    /// Hands out `length` bytes as a line; `ended` by a line feed or by the end of everything.
    private func give(_ length: Int, ended: Bool, _ body: (Line) throws -> Void) throws {
        let start = UnsafePointer(buffer) + ready.lowerBound, whole = length > 0 && start[length - 1] == 0x0D ? length - 1 : length
        let isCut = whole > limit, kept = min(whole, limit)
        // The line feed that parsers stop at; the byte under it is dropped anyway.
        if isCut { buffer[ready.lowerBound + limit] = 0x0A }
        let line = Line(bytes: UnsafeBufferPointer(start: start, count: kept), number: position.line + 1, offset: position.offset, wasCut: isCut)
        pass(length + (ended ? 1 : 0), lines: 1)
        if kept > 0 || isCut { try body(line) }
    }

    /// Hands out what there is of a line without an end, and drops what follows.
    private func giveCut(_ body: (Line) throws -> Void) throws {
        (isDropping, cutStart) = (true, position.offset)
        let line = Line(bytes: UnsafeBufferPointer(start: UnsafePointer(buffer) + ready.lowerBound, count: limit), number: position.line + 1,
                        offset: position.offset, wasCut: true)
        // The line feed that parsers stop at; the byte under it is dropped anyway.
        buffer[ready.lowerBound + limit] = 0x0A
        pass(ready.count, lines: 0)
        try body(line)
    }

    /// A last line without an end.
    private func giveRest(_ body: (Line) throws -> Void) throws {
        guard !ready.isEmpty else { return }
        buffer[ready.upperBound] = 0x0A
        if isDropping { pass(ready.count, lines: 1) } else { try give(ready.count, ended: false, body) }
    }

    private func pass(_ bytes: Int, lines: Int) {
        position.offset += bytes
        position.line += lines
        ready = ready.lowerBound + bytes ..< ready.upperBound
        if ready.isEmpty { ready = 0 ..< 0 }
    }

    private func makeRoom() {
        memmove(buffer, buffer + ready.lowerBound, ready.count)
        ready = 0 ..< ready.count
    }
}

// MARK: - A file that was cut short

extension LineFollower {
    /// Whether the first and the last bytes read still stand where they stood.
    private func isSame(upTo end: Int) -> Bool { bytes(at: 0, first.count) == first && bytes(at: end - last.count, last.count) == last }

    /// Remembers what was read.
    private func keep(_ new: UnsafeBufferPointer<UInt8>) {
        if first.count < Self.watched { first += new.prefix(Self.watched - first.count) }
        last = Array((last + new.suffix(Self.watched)).suffix(Self.watched))
    }

    private func bytes(at offset: Int, _ count: Int) -> [UInt8] {
        if count == 0 { return [] }
        return [UInt8](unsafeUninitializedCapacity: count) { room, filled in filled = max(0, pread(descriptor, room.baseAddress!, count, off_t(offset))) }
    }

    /// Goes back to the beginning of a file that was cut short.
    private func beginAgain() {
        lseek(descriptor, 0, SEEK_SET)
        (position.offset, position.line, ready, isDropping, first, last) = (0, 0, 0 ..< 0, false, [], [])
        changes.append(.truncated)
    }
}

// MARK: - Files

extension LineFollower {
    private func openFile() throws {
        let descriptor = try InputFile.descriptor(path)
        var status = stat()
        fstat(descriptor, &status)
        let isRegular = status.st_mode & S_IFMT == S_IFREG
        var magic: [UInt8] = [0, 0]
        if isRegular, pread(descriptor, &magic, 2, 0) == 2, magic == [0x1F, 0x8B] {
            close(descriptor)
            guard !follows else {
                throw GibbsError(.usage, "a gzipped file does not grow", at: .init(file: path), advice: "leave out --follow, or name the file that is written to")
            }
            (archive, unpacked) = (try InputFile(path: path).open(), [])
        }
        if self.descriptor > 0 { close(self.descriptor) }
        self.descriptor = archive == nil ? descriptor : -1
        position = Position()
        if isRegular, archive == nil { (position.device, position.inode) = (UInt64(status.st_dev), UInt64(status.st_ino)) }
        (ready, isDropping, nameHasMoved, first, last) = (0 ..< 0, false, false, [], [])
    }

    private var isMissing: Bool {
        var status = stat()
        return stat(path, &status) != 0 && errno == ENOENT
    }

    /// Waits for a file that is not there; what log rotation has renamed, and nothing has followed yet, is read to its end first.
    private func wait(for start: Position?) {
        if let start, let older = continuing(start, path + ".1") {
            descriptor = older
            goOn(at: start)
        } else {
            (isAwaited, awaitedStart) = (true, start)
        }
    }

    /// Opens the file that was waited for where it is there by now, and reads nothing of it yet.
    private func openAwaited(_ milliseconds: Int32) throws -> Step {
        if isMissing {
            usleep(UInt32(max(0, milliseconds)) * 1_000)
            return .idle
        }
        try openFile()
        isAwaited = false
        if let awaitedStart { try resume(awaitedStart) }
        return .more
    }

    /// Goes on from a place where it is in this file, or in the one that log rotation renamed.
    private func resume(_ start: Position) throws {
        if archive != nil { return try resumeArchive(start) }
        guard path != "-", position.inode != 0 else { return }
        if continues(start, descriptor) { return goOn(at: start) }
        if follows, let older = continuing(start, path + ".1") {
            close(descriptor)
            descriptor = older
            return goOn(at: start)
        }
        if start.offset > 0 { changes.append(.replaced) }
    }

    /// A file that the place is in, opened.
    private func continuing(_ start: Position, _ path: String) -> Int32? {
        guard start.inode != 0, let found = try? InputFile.descriptor(path) else { return nil }
        if continues(start, found) { return found }
        close(found)
        return nil
    }

    /// Goes to a place that is in the open file.
    private func goOn(at start: Position) {
        lseek(descriptor, off_t(start.offset), SEEK_SET)
        position = start
        (first, last) = (bytes(at: 0, min(Self.watched, position.offset)), bytes(at: max(0, position.offset - Self.watched), min(Self.watched, position.offset)))
    }

    /// Goes on in an archive that unpacks to the bytes read before, be they those of a log that was packed since; else at its beginning.
    private func resumeArchive(_ start: Position) throws {
        guard start.offset > 0 else { return }
        var left = start.offset
        while left > 0 {
            let count = try fetch(UnsafeMutableRawBufferPointer(start: buffer, count: min(left, capacity)))
            if count == 0 { break }
            left -= count
        }
        if left == 0, start.headLength > 0, start.headLength <= unpacked.count, gk_hash(unpacked, start.headLength, 0) == start.head {
            (position.offset, position.line) = (start.offset, start.line)
        } else {
            changes.append(.replaced)
            try openFile()
        }
    }

    private func continues(_ start: Position, _ descriptor: Int32) -> Bool {
        var status = stat()
        guard fstat(descriptor, &status) == 0, UInt64(status.st_dev) == start.device, UInt64(status.st_ino) == start.inode,
              Int(status.st_size) >= start.offset else { return false }
        return Self.head(descriptor, length: start.headLength) == start.head
    }

    private static func head(_ descriptor: Int32, length: Int) -> UInt64 {
        var bytes = [UInt8](repeating: 0, count: headLimit)
        let count = pread(descriptor, &bytes, min(headLimit, max(0, length)), 0)
        return gk_hash(bytes, max(0, count), 0)
    }

    /// The place to go on from, with the hash by which the file is known again.
    public var resumable: Position {
        if isAwaited { return awaitedStart ?? Position() }
        var result = position
        // Within a line that is too long it is the line's beginning: what follows is no line of its own.
        if isDropping { result.offset = cutStart }
        guard isRegular || archive != nil else { return result }
        result.headLength = min(Self.headLimit, result.offset)
        result.head = archive == nil ? Self.head(descriptor, length: result.headLength) : gk_hash(unpacked, min(unpacked.count, result.headLength), 0)
        return result
    }

    private func fetch(_ room: UnsafeMutableRawBufferPointer) throws -> Int {
        if let archive {
            let count = try archive.read(into: room)
            if unpacked.count < Self.headLimit { unpacked += room.prefix(min(count, Self.headLimit - unpacked.count)) }
            return count
        }
        while true {
            let count = Foundation.read(descriptor, room.baseAddress!, room.count)
            if count >= 0 {
                if position.offset == 0, ready.isEmpty, path == "-", count >= 2, room[0] == 0x1F, room[1] == 0x8B {
                    throw GibbsError(.usage, "standard input is gzipped", advice: "unpack it on the way: gunzip -c … | gibbs …")
                }
                return count
            }
            if errno == EINTR { continue }
            throw GibbsError(.cannotRead, "reading failed (\(String(cString: strerror(errno))))", at: .init(file: name), advice: "check the disk and the permissions")
        }
    }

    /// Whether there is something to read, an end included; a file always has.
    private func waits(_ milliseconds: Int32) throws -> Bool {
        guard archive == nil, position.inode == 0 else { return true }
        var input = pollfd(fd: descriptor, events: Int16(POLLIN), revents: 0)
        return poll(&input, 1, milliseconds) > 0
    }

    /// At the end of a file that may grow: looks what became of it, else sleeps.
    private func followOn(_ milliseconds: Int32, _ body: (Line) throws -> Void) throws -> Step {
        var own = stat(), named = stat()
        fstat(descriptor, &own)
        if Int(own.st_size) < position.offset + ready.count {
            beginAgain()
            return .more
        }
        if stat(path, &named) == 0, named.st_mode & S_IFMT == S_IFREG, named.st_ino != own.st_ino || named.st_dev != own.st_dev {
            // Whoever writes may not have noticed yet: the old file gets one more pause and one more read.
            if nameHasMoved {
                try giveRest(body)
                // A name that is gone again, or not readable yet, is waited for.
                if (try? openFile()) != nil {
                    changes.append(.rotated)
                    return .more
                }
            }
            nameHasMoved = true
        } else {
            nameHasMoved = false
        }
        usleep(UInt32(max(0, milliseconds)) * 1_000)
        return .idle
    }
}
