import CKernels
import Foundation
import GibbsData
import GibbsNumerics

/// Where alerts go: appended to a file, each line whole and each alert once, or to standard output.
///
/// A restarted watch comes again by what it wrote since its last snapshot. Given how far the file had been written then, lines that stand
/// behind that place are not written again, be they alerts, scores or lines for people. Without that place, or in another file, alerts are
/// known by their ids among the last 4 MiB. Lines of others are left as they are. Used from one task at a time.
public final class AlertLog {
    /// How far a file had been written.
    public struct Place: Sendable, Hashable, Codable {
        /// Which file, and its bytes.
        public var device: UInt64, inode: UInt64, length: Int
    }

    private let path: String
    private let descriptor: Int32
    private var waiting: [UInt8] = [], hasFailed = false
    /// The ids in the last part of the file, and how often each line stands behind the place to go on from, by a hash.
    private var known: Set<String> = [], written: [UInt64: Int] = [:]
    /// Whether the last line of the file is another's, and has no end.
    private var isOpenEnded = false
    /// Whether the place to go on from was found.
    public let goesOn: Bool
    private static let tail = 4 << 20, reach = 256 << 20
    /// What lines of alerts and scores begin with, and those for people.
    private static let beginnings = ["{\"id\":\"", "{\"line\":", "ALERT "].map { Array($0.utf8) }

    /// Opens a file at its end, or standard output for `-`; a last line of ours that a crash left unfinished is cut off, one of another's is ended.
    ///
    /// - Parameter start: How far the file had been written at the snapshot that the watch goes on from.
    /// - Throws: `GibbsError` with code `.cannotWrite`.
    public init(path: String, from start: Place? = nil) throws {
        self.path = path
        guard path != "-" else { (descriptor, goesOn) = (STDOUT_FILENO, false); return }
        let file = open(path, O_RDWR | O_CREAT | O_APPEND | O_CLOEXEC, 0o644)
        guard file >= 0 else { throw Self.failure(path) }
        (descriptor, goesOn) = (file, start.map { $0.isWithin(file) } ?? false)
        let size = Self.place(descriptor)?.length ?? 0
        let begin = goesOn ? max(start!.length, size - Self.reach) : size, first = max(0, min(begin, size - Self.tail))
        guard size > 0 else { return }
        // Behind the last line stand a line feed and eight more bytes, which the reader of its values needs.
        var bytes = [UInt8](repeating: 0x0A, count: size - first + 9)
        let count = pread(descriptor, &bytes, size - first, off_t(first))
        guard count > 0 else { return }
        let end = bytes[0 ..< count].lastIndex(of: 0x0A).map { $0 + 1 } ?? (first == 0 ? 0 : count)
        if end < count {
            if Self.isOwn(bytes[end ..< count], isSinceSnapshot: goesOn && first + end >= begin) { ftruncate(descriptor, off_t(first + end)) } else { isOpenEnded = true }
        }
        known = Self.ids(in: bytes, count: end)
        if begin - first < end { for line in bytes[(begin - first) ..< end].split(separator: 0x0A) { written[Self.hash(line), default: 0] += 1 } }
    }

    deinit { if descriptor > 2 { close(descriptor) } }

    /// How far the file has been written by all who write to it; `nil` for standard output and what is no file.
    public var place: Place? { path == "-" ? nil : Self.place(descriptor) }

    private static func place(_ descriptor: Int32) -> Place? {
        var status = stat()
        guard fstat(descriptor, &status) == 0, status.st_mode & S_IFMT == S_IFREG else { return nil }
        return Place(device: UInt64(status.st_dev), inode: UInt64(status.st_ino), length: Int(status.st_size))
    }

    /// Whether a line without an end is one of ours. Behind a snapshot's place it may also be a reason for people.
    private static func isOwn(_ part: ArraySlice<UInt8>, isSinceSnapshot: Bool) -> Bool {
        if beginnings.contains(where: part.starts(with:)) { return true }
        // Hardly begun, and nothing that anybody else would write.
        if isSinceSnapshot || part.first == UInt8(ascii: "{"), beginnings.contains(where: { $0.starts(with: part) }) { return true }
        return isSinceSnapshot && part.allSatisfy { $0 == 0x20 } || isSinceSnapshot && part.starts(with: Array("      ".utf8))
    }

    /// The ids of the alerts among lines of NDJSON; lines of anything else have none.
    private static func ids(in bytes: [UInt8], count: Int) -> Set<String> {
        let values = LineValues(["id"], format: .json)
        var found = Set<String>()
        bytes.withUnsafeBufferPointer { bytes in
            for line in bytes[..<count].split(separator: 0x0A) {
                guard (try? values.read(UnsafeBufferPointer(rebasing: line))) != nil, let id = values.values[0] else { continue }
                found.insert(String(decoding: id, as: UTF8.self))
            }
        }
        return found
    }

    private static func hash(_ line: some Collection<UInt8>) -> UInt64 {
        let bytes = Array(line)
        return gk_hash(bytes, bytes.count, 0)
    }
}

// MARK: - Writing

extension AlertLog {
    /// Takes in an alert's text, of one line or several, unless the file holds it.
    public func append(_ alert: StreamAlert, line: String) {
        if !known.contains(alert.id) { append(line) }
    }

    /// Takes in a text, of one line or several; it may wait until `flush`. Lines that stand behind the place to go on from are left out.
    public func append(_ text: String) {
        if written.isEmpty { return take(Array(text.utf8)) }
        for line in text.utf8.split(separator: 0x0A, omittingEmptySubsequences: false) {
            let hash = Self.hash(line)
            if let count = written[hash] { written[hash] = count > 1 ? count - 1 : nil } else { take(Array(line)) }
        }
    }

    /// All that the last watch had seen has come again: what comes from now on is new, even where it reads alike.
    public func catchUp() { written = [:] }

    private func take(_ line: [UInt8]) {
        if isOpenEnded { waiting.append(0x0A) }
        isOpenEnded = false
        waiting += line
        waiting.append(0x0A)
        // What fails here fails again in `flush`, which says so.
        if waiting.count > 1 << 16, !hasFailed { hasFailed = (try? passOn()) == nil }
    }

    /// Passes on what waits. What could not be written waits on, for another try.
    ///
    /// - Throws: `GibbsError` with code `.cannotWrite` when the disk is full or the reader has gone.
    public func flush() throws {
        hasFailed = false
        try passOn()
    }

    /// Passes on what waits, and waits until it lies on the disk, where there is one.
    ///
    /// - Throws: As `flush`.
    public func synchronise() throws {
        try flush()
        if place != nil, fsync(descriptor) != 0 { throw Self.failure(path) }
    }

    private func passOn() throws {
        var done = 0
        defer { waiting.removeFirst(done) }
        while done < waiting.count {
            let count = waiting.withUnsafeBytes { write(descriptor, $0.baseAddress! + done, $0.count - done) }
            if count < 0, errno == EINTR { continue }
            guard count > 0 else { throw Self.failure(path) }
            done += count
        }
    }

    private static func failure(_ path: String) -> GibbsError {
        GibbsError(.cannotWrite, "cannot be written (\(String(cString: strerror(errno))))", at: .init(file: path == "-" ? "standard output" : path),
                   advice: "check the directory, its permissions and the room on its disk")
    }
}

extension AlertLog.Place {
    /// Whether the file is this one, and has not been cut short.
    fileprivate func isWithin(_ descriptor: Int32) -> Bool {
        var status = stat()
        return fstat(descriptor, &status) == 0 && UInt64(status.st_dev) == device && UInt64(status.st_ino) == inode && 0 ... Int(status.st_size) ~= length
    }
}
