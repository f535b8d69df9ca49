import Foundation
import Gibbs

/// The lines that a stream has accepted, in files of some MiB each: what a crash has not scored yet is read again, and alerts show their lines.
///
/// A place is a number of bytes since the stream began; it goes on from file to file. What was appended is on the disk when `append` returns, or was never
/// accepted. Used by one stream alone.
final class StreamJournal {
    /// A place, and the lines before it.
    struct Place: Hashable { var offset = 0, lines = 0 }

    private struct Segment { var start: Place, path: String, length: Int }

    private let folder: String, waitsForDisk: Bool
    private var segments: [Segment] = [], descriptor: Int32 = -1
    /// Where the next line comes.
    private(set) var end = Place()
    /// Bytes after which another file is begun.
    private static let segmentLength = 32 << 20
    /// Bytes of a line that is shown.
    private static let shownLength = 4_096

    /// Opens the journal of a folder, or begins one. A last line that a crash left unfinished, which nobody was told to be accepted, is cut off.
    ///
    /// - Throws: `GibbsError` with code `.cannotWrite` or `.cannotRead`.
    init(folder: String, waitsForDisk: Bool) throws {
        (self.folder, self.waitsForDisk) = (folder, waitsForDisk)
        for name in try FileManager.default.contentsOfDirectory(atPath: folder).filter({ $0.hasPrefix("journal-") }).sorted() {
            let numbers = name.split(separator: "-").dropFirst().compactMap { Int($0) }
            guard numbers.count == 2 else { continue }
            var status = stat()
            guard stat(folder + "/" + name, &status) == 0 else { throw failure(folder + "/" + name) }
            segments.append(Segment(start: Place(offset: numbers[0], lines: numbers[1]), path: folder + "/" + name, length: Int(status.st_size)))
        }
        try recover()
    }

    deinit { if descriptor >= 0 { close(descriptor) } }

    /// The oldest line that is still there.
    var begin: Place { segments.first?.start ?? end }
    /// Bytes that are kept.
    var length: Int { segments.reduce(0) { $0 + $1.length } }

    private func recover() throws {
        guard var last = segments.last else { return }
        guard let data = FileManager.default.contents(atPath: last.path) else { throw failure(last.path) }
        let whole = data.lastIndex(of: 0x0A).map { $0 + 1 } ?? 0
        try open(last.path)
        if whole < data.count { guard ftruncate(descriptor, off_t(whole)) == 0 else { throw failure(last.path) } }
        last.length = whole
        segments[segments.count - 1] = last
        end = Place(offset: last.start.offset + whole, lines: last.start.lines + data.prefix(whole).count { $0 == 0x0A })
    }

    /// Takes in whole lines.
    ///
    /// - Parameters:
    ///   - bytes: Ends with a line feed.
    ///   - lines: How many they are.
    /// - Returns: Where they begin.
    /// - Throws: `GibbsError` with code `.cannotWrite`; then nothing of them is there.
    func append(_ bytes: UnsafeRawBufferPointer, lines: Int) throws -> Place {
        if segments.last.map({ $0.length >= Self.segmentLength }) ?? true { try beginSegment() }
        let begin = end, last = segments.count - 1, length = segments[last].length
        do {
            var done = 0
            while done < bytes.count {
                let count = write(descriptor, bytes.baseAddress! + done, bytes.count - done)
                if count < 0, errno == EINTR { continue }
                guard count > 0 else { throw failure(segments[last].path) }
                done += count
            }
            if waitsForDisk { guard fdatasync(descriptor) == 0 else { throw failure(segments[last].path) } }
        } catch {
            ftruncate(descriptor, off_t(length))
            throw error
        }
        segments[last].length += bytes.count
        end = Place(offset: end.offset + bytes.count, lines: end.lines + lines)
        return begin
    }

    private func beginSegment() throws {
        let path = folder + String(format: "/journal-%018d-%015d", end.offset, end.lines)
        try open(path)
        segments.append(Segment(start: end, path: path, length: 0))
        // The name of a file is on the disk when its folder is.
        let directory = Foundation.open(folder, O_RDONLY | O_DIRECTORY | O_CLOEXEC)
        if directory >= 0 { fsync(directory); close(directory) }
    }

    private func open(_ path: String) throws {
        let file = Foundation.open(path, O_RDWR | O_CREAT | O_APPEND | O_CLOEXEC, 0o600)
        guard file >= 0 else { throw failure(path) }
        if descriptor >= 0 { close(descriptor) }
        descriptor = file
    }

    private func failure(_ path: String) -> GibbsError {
        GibbsError(.cannotWrite, "the journal cannot be written (\(String(cString: strerror(errno))))", at: .init(file: path), advice: "check the room on its disk; nothing of the request was taken")
    }
}

// MARK: - Reading

extension StreamJournal {
    /// Hands out what stands behind a place, in stretches of whole lines.
    ///
    /// - Throws: `GibbsError` with code `.cannotRead`.
    func read(from place: Place, _ body: ([UInt8], Place) -> Void) throws {
        for segment in segments where segment.start.offset + segment.length > place.offset {
            guard let data = FileManager.default.contents(atPath: segment.path) else {
                throw GibbsError(.cannotRead, "a part of the journal cannot be read", at: .init(file: segment.path), advice: "check its permissions")
            }
            let first = max(0, place.offset - segment.start.offset)
            let lines = first == 0 ? segment.start.lines : place.lines
            let bytes = [UInt8](data.prefix(segment.length).dropFirst(first))
            if !bytes.isEmpty { body(bytes, Place(offset: segment.start.offset + first, lines: lines)) }
        }
    }

    /// The line that begins at an offset, cut at 4096 bytes; `nil` where it is no longer kept.
    func text(at offset: Int) -> String? {
        guard offset >= 0, let segment = segments.last(where: { $0.start.offset <= offset }), offset < segment.start.offset + segment.length else { return nil }
        let file = Foundation.open(segment.path, O_RDONLY | O_CLOEXEC)
        guard file >= 0 else { return nil }
        defer { close(file) }
        var bytes = [UInt8](repeating: 0, count: Self.shownLength)
        let count = pread(file, &bytes, bytes.count, off_t(offset - segment.start.offset))
        guard count > 0 else { return nil }
        return String(decoding: bytes.prefix(count).prefix { $0 != 0x0A && $0 != 0x0D }, as: UTF8.self)
    }

    /// Drops the oldest files, as long as more than so many bytes are kept and a snapshot has seen all that is in them.
    func forget(beyond limit: Int, seen place: Place) {
        while segments.count > 1, length - segments[0].length >= limit, segments[0].start.offset + segments[0].length <= place.offset {
            unlink(segments.removeFirst().path)
        }
    }
}

extension StreamJournal.Place {
    /// As a snapshot keeps it.
    var text: String { "\(offset) \(lines)" }

    /// - Returns: `nil` for what is no place.
    init?(text: String) {
        let numbers = text.split(separator: " ").compactMap { Int($0) }
        guard numbers.count == 2, 0 ... 1 << 53 ~= numbers[0], 0 ... numbers[0] ~= numbers[1] else { return nil }
        (offset, lines) = (numbers[0], numbers[1])
    }
}
