import Foundation
import GibbsData
import GibbsNumerics

/// Where alerts go: appended to a file, each line whole and each alert once, or to standard output.
///
/// A restarted watch comes again by the alerts since its last snapshot, with the same ids; those that the file's last 4 MiB hold are
/// left out. Used from one task at a time.
public final class AlertLog {
    private let path: String
    private let descriptor: Int32
    private var waiting: [UInt8] = [], hasFailed = false
    /// The ids in the last part of the file.
    private var known: Set<String> = []
    private static let tail = 4 << 20

    /// Opens a file at its end, or standard output for `-`; a last line that a crash left unfinished is cut off.
    ///
    /// - Throws: `GibbsError` with code `.cannotWrite`.
    public init(path: String) throws {
        self.path = path
        guard path != "-" else { descriptor = STDOUT_FILENO; return }
        descriptor = open(path, O_RDWR | O_CREAT | O_APPEND | O_CLOEXEC, 0o644)
        guard descriptor >= 0 else { throw Self.failure(path) }
        var status = stat()
        guard fstat(descriptor, &status) == 0, status.st_mode & S_IFMT == S_IFREG, status.st_size > 0 else { return }
        let size = Int(status.st_size), first = max(0, size - Self.tail)
        // Behind the last line stand a line feed and eight more bytes, which the reader of its values needs.
        var bytes = [UInt8](repeating: 0x0A, count: size - first + 9)
        let count = pread(descriptor, &bytes, size - first, off_t(first))
        guard count > 0 else { return }
        let end = bytes[0 ..< count].lastIndex(of: 0x0A).map { $0 + 1 } ?? (first == 0 ? 0 : count)
        if end < count { ftruncate(descriptor, off_t(first + end)) }
        known = Self.ids(in: bytes, count: end)
    }

    deinit { if descriptor > 2 { close(descriptor) } }

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

    /// Takes in an alert's line, unless the file holds it.
    public func append(_ alert: StreamAlert, line: String) {
        if !known.contains(alert.id) { append(line) }
    }

    /// Takes in a line; it may wait until `flush`.
    public func append(_ line: String) {
        waiting.append(contentsOf: line.utf8)
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
