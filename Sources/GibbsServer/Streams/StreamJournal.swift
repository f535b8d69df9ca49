import Foundation
import Gibbs

/// The lines that a stream has accepted, in files of some MiB each: what a crash has not scored yet is read again, and alerts show their lines.
///
/// A place is a number of bytes since the stream began; it goes on from file to file. What was appended is on the disk when `append` returns, or was never
/// accepted: batches are there whole or not at all (see `JournalFrame`). Used by one stream alone.
package final class StreamJournal {
    /// A place, and the lines before it.
    package struct Place: Hashable {
        package var offset = 0, lines = 0

        package init(offset: Int = 0, lines: Int = 0) { (self.offset, self.lines) = (offset, lines) }
    }

    private struct Segment { var start: Place, path: String, length: Int }

    private let folder: String, sync: (Int32) -> Int32
    private var segments: [Segment] = [], descriptor: Int32 = -1
    /// Whether the last file ends in something that could not be taken back.
    private var isTorn = false
    /// Where the next batch comes.
    package private(set) var end = Place()
    /// The requests that were taken in last.
    package private(set) var requests = KnownRequests()
    /// What whoever runs the service should know.
    package private(set) var remarks: [String] = []
    /// Bytes after which another file is begun.
    private static let segmentLength = 32 << 20
    /// Bytes of a line that is shown.
    private static let shownLength = 4_096

    /// Opens the journal of a folder, or begins one. A last batch that a crash left unfinished, which nobody was told to be accepted, is cut off; what is
    /// damaged otherwise is kept beside, and told.
    ///
    /// - Parameter sync: Returns 0 when all that was written to a descriptor lies on the disk; called before a batch is accepted.
    /// - Throws: `GibbsError` with code `.cannotWrite` or `.cannotRead`.
    package init(folder: String, waitsForDisk: Bool, sync: @escaping (Int32) -> Int32 = { fdatasync($0) }) throws {
        (self.folder, self.sync) = (folder, waitsForDisk ? sync : { _ in 0 })
        for name in try FileManager.default.contentsOfDirectory(atPath: folder).filter({ $0.hasPrefix("journal-") }).sorted() {
            let numbers = name.split(separator: "-").dropFirst().compactMap { Int($0) }
            guard numbers.count == 2 else { continue }
            var status = stat()
            guard stat(folder + "/" + name, &status) == 0 else { throw failure(folder + "/" + name) }
            let start = Place(offset: numbers[0], lines: numbers[1])
            if let last = segments.indices.last { segments[last].length = min(segments[last].length, start.offset - segments[last].start.offset) }
            segments.append(Segment(start: start, path: folder + "/" + name, length: Int(status.st_size)))
        }
        try recover()
    }

    deinit { if descriptor >= 0 { close(descriptor) } }

    /// The oldest batch that is still there.
    package var begin: Place { segments.first?.start ?? end }
    /// Bytes that are kept.
    package var length: Int { segments.reduce(0) { $0 + $1.length } }

    private func recover() throws {
        for index in segments.indices {
            let segment = segments[index], isLast = index == segments.count - 1
            let data = try contents(of: segment)
            var frames = JournalFrames(data, isChecked: isLast), lines = 0
            while let found = frames.next() {
                requests.add(found.frame.key)
                lines += found.frame.lines
            }
            guard isLast else { continue }
            if frames.whole < data.count { try cut(segment, data, at: frames.whole) }
            try open(segment.path)
            segments[index].length = frames.whole
            end = Place(offset: segment.start.offset + frames.whole, lines: segment.start.lines + lines)
        }
    }

    /// Ends a file where its whole batches do.
    private func cut(_ segment: Segment, _ data: Data, at whole: Int) throws {
        // A batch that is there to its last byte, and yet is not what was written, or bytes that are no batch: no crash of ours leaves that.
        let rest = data[(data.startIndex + whole)...], isUnfinished = JournalFrame.read(rest).map { $0.length + $0.frame.bytes >= rest.count } ?? (rest.count < JournalFrame.headerLimit)
        if !isUnfinished {
            let copy = segment.path.replacing("/journal-", with: "/damaged-")
            try? FileManager.default.removeItem(atPath: copy)
            do { try FileManager.default.copyItem(atPath: segment.path, toPath: copy) } catch { throw failure(copy) }
            remarks.append("\(segment.path) is damaged at byte \(whole); what follows was left out, and the file kept as \(copy)")
        }
        guard truncate(segment.path, off_t(whole)) == 0 else { throw failure(segment.path) }
    }

    /// Takes in whole lines.
    ///
    /// - Parameters:
    ///   - bytes: Ends with a line feed.
    ///   - lines: How many they are.
    ///   - key: What their request is called by, if it has a name.
    /// - Returns: Where they begin.
    /// - Throws: `GibbsError` with code `.cannotWrite`; then nothing of them is there.
    package func append(_ bytes: UnsafeRawBufferPointer, lines: Int, key: String = "") throws -> Place {
        try prepare()
        let header = JournalFrame(bytes, lines: lines, key: key).header
        do { try write(header, bytes) } catch {
            takeBack()
            throw error
        }
        let last = segments.count - 1, begin = Place(offset: end.offset + header.count, lines: end.lines)
        segments[last].length += header.count + bytes.count
        end = Place(offset: begin.offset + bytes.count, lines: end.lines + lines)
        requests.add(key)
        return begin
    }

    /// Whether a batch of so many bytes could be taken in: writes as many, and takes them back.
    ///
    /// - Throws: `GibbsError` with code `.cannotWrite` where it could not.
    package func probe(_ count: Int) throws {
        try prepare()
        let nothing = [UInt8](repeating: 0x0A, count: min(max(1, count), Self.probeLength))
        defer { takeBack() }
        try nothing.withUnsafeBytes { bytes in
            // By its header it is longer than it is: should a crash leave it there, it is a batch that was cut short, and nothing that was damaged.
            try write(JournalFrame(claiming: bytes.count + 1).header, bytes)
        }
    }

    /// Bytes of a probe at most.
    private static let probeLength = 1 << 20

    /// Begins another file where the last one is long enough, or can take no more.
    private func prepare() throws {
        if isTorn || segments.last.map({ $0.length >= Self.segmentLength }) ?? true { try beginSegment() }
    }

    /// Puts a batch behind what is there; what of it was written before a failure stays until it is taken back.
    private func write(_ header: [UInt8], _ bytes: UnsafeRawBufferPointer) throws {
        let path = segments[segments.count - 1].path
        try header.withUnsafeBytes { try put($0, to: path) }
        try put(bytes, to: path)
        guard sync(descriptor) == 0 else { throw failure(path) }
    }

    /// Ends the last file where its accepted batches do.
    private func takeBack() {
        if let last = segments.last, ftruncate(descriptor, off_t(last.length)) != 0 { isTorn = true }
    }

    private func put(_ bytes: UnsafeRawBufferPointer, to path: String) throws {
        var rest = bytes[...]
        while !rest.isEmpty {
            let part = UnsafeRawBufferPointer(rebasing: rest), count = Foundation.write(descriptor, part.baseAddress, part.count)
            if count < 0, errno == EINTR { continue }
            guard count > 0 else { throw failure(path) }
            rest = rest.dropFirst(count)
        }
    }

    private func beginSegment() throws {
        let path = folder + String(format: "/journal-%018d-%015d", end.offset, end.lines)
        try open(path)
        // One that could not be begun before may lie there.
        guard ftruncate(descriptor, 0) == 0 else { throw failure(path) }
        if segments.last?.path == path { segments.removeLast() }
        segments.append(Segment(start: end, path: path, length: 0))
        isTorn = false
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
    private func contents(of segment: Segment) throws -> Data {
        guard let data = try? Data(contentsOf: URL(fileURLWithPath: segment.path), options: .alwaysMapped) else {
            throw GibbsError(.cannotRead, "a part of the journal cannot be read", at: .init(file: segment.path), advice: "check its permissions")
        }
        return data.prefix(segment.length)
    }

    /// Hands out the batches behind a place, and where each begins.
    ///
    /// - Parameter place: Where a batch ended.
    /// - Throws: `GibbsError` with code `.cannotRead`.
    package func read(from place: Place, _ body: (Data, Place) -> Void) throws {
        for segment in segments where segment.start.offset + segment.length > place.offset {
            let first = max(0, place.offset - segment.start.offset)
            var at = Place(offset: segment.start.offset + first, lines: first == 0 ? segment.start.lines : place.lines)
            for found in try JournalFrames(contents(of: segment).dropFirst(first), isChecked: false) {
                body(found.lines, Place(offset: segment.start.offset + first + found.begin, lines: at.lines))
                at.lines += found.frame.lines
            }
        }
    }

    /// The line that begins at an offset, cut at 4096 bytes; `nil` where it is no longer kept.
    package func text(at offset: Int) -> String? {
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
    package func forget(beyond limit: Int, seen place: Place) {
        while segments.count > 1, length - segments[0].length >= limit, segments[0].start.offset + segments[0].length <= place.offset {
            unlink(segments.removeFirst().path)
        }
    }
}

extension StreamJournal.Place {
    /// As a snapshot keeps it.
    package var text: String { "\(offset) \(lines)" }

    /// - Returns: `nil` for what is no place.
    package init?(text: String) {
        let numbers = text.split(separator: " ").compactMap { Int($0) }
        guard numbers.count == 2, 0 ... 1 << 53 ~= numbers[0], 0 ... numbers[0] ~= numbers[1] else { return nil }
        (offset, lines) = (numbers[0], numbers[1])
    }
}
