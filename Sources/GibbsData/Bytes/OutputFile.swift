import Foundation
import GibbsNumerics

/// A file that appears complete or not at all: bytes go to a temporary file beside the target, which `commit` renames.
///
/// The path `-` is standard output; there, and for pipes and devices, bytes are passed on as they come. A target that is a
/// symbolic link keeps being one. Without `commit` nothing is left behind.
public final class OutputFile {
    private static let bufferSize = 1 << 16
    private let path: String
    /// Where the link chain of `path` ends.
    private let target: String
    private var temporary: String?
    private var descriptor: Int32
    private var buffer = [UInt8]()

    /// Begins a file. Nothing appears under `path` before `commit`; standard output, pipes and devices are opened as they are.
    ///
    /// - Throws: `.cannotWrite` for a directory, a missing or unwritable parent directory. An existing file is no error.
    public init(path: String) throws {
        self.path = path
        buffer.reserveCapacity(Self.bufferSize)
        guard path != "-" else {
            (target, descriptor) = ("-", 1)
            return
        }
        var status = stat()
        let exists = stat(path, &status) == 0
        if exists, status.st_mode & S_IFMT == S_IFDIR {
            throw GibbsError(.cannotWrite, "is a directory", at: .init(file: path), advice: "name a file inside it")
        }
        if exists, status.st_mode & S_IFMT != S_IFREG {
            target = path
            descriptor = open(path, O_WRONLY | O_CLOEXEC)
            guard descriptor >= 0 else { throw Self.failure(path, "cannot be opened for writing") }
            return
        }
        if exists, let resolved = realpath(path, nil) {
            target = String(cString: resolved)
            free(resolved)
        } else {
            target = path
        }
        let parts = PathParts(target)
        let place = parts.sibling(".\(parts.name).\(getpid())-\(UInt32.random(in: 0 ... .max)).tmp")
        // An existing file keeps its permissions; a new one gets what the process's mask allows.
        descriptor = open(place, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0o666)
        guard descriptor >= 0 else { throw Self.cannotBeCreated(path, in: parts.directory) }
        if exists { fchmod(descriptor, status.st_mode & 0o7777) }
        temporary = place
    }

    deinit { discard() }

    /// Takes in bytes; they may wait in a buffer of 64 KiB.
    ///
    /// - Throws: `.cannotWrite` when the disk is full or the reader has gone; also after `commit` or `discard`.
    public func write(_ bytes: UnsafeRawBufferPointer) throws {
        if buffer.count + bytes.count > Self.bufferSize { try flush() }
        if bytes.count >= Self.bufferSize { try pass(bytes) } else { buffer.append(contentsOf: bytes) }
    }

    /// Takes in bytes, as above.
    public func write(_ bytes: [UInt8]) throws { try bytes.withUnsafeBytes { try write($0) } }

    /// Takes in text as UTF-8, as above.
    public func write(_ text: String) throws {
        var text = text
        try text.withUTF8 { try write(UnsafeRawBufferPointer($0)) }
    }

    /// Passes on what waits in the buffer. On standard output this makes it visible; a file still waits for `commit`.
    ///
    /// - Throws: As `write`.
    public func flush() throws {
        let waiting = buffer
        buffer.removeAll(keepingCapacity: true)
        try waiting.withUnsafeBytes { try pass($0) }
    }

    /// Makes the file appear under its name, replacing what was there. Nothing can be written afterwards.
    ///
    /// - Throws: `.cannotWrite`; then the old file, if any, is untouched and the temporary one is gone.
    public func commit() throws {
        do {
            try flush()
            guard let temporary else { discard(); return }
            guard fsync(descriptor) == 0 else { throw Self.failure(path, "cannot be completed") }
            guard rename(temporary, target) == 0 else { throw Self.failure(path, "cannot be put in place") }
            self.temporary = nil
        } catch {
            discard()
            throw error
        }
        discard()
    }

    /// Gives up: the temporary file goes, the target stays as it was. Calling it after `commit` does nothing.
    public func discard() {
        if descriptor > 2 { close(descriptor) }
        descriptor = -1
        if let temporary { unlink(temporary) }
        temporary = nil
        buffer = []
    }

    /// Writes a whole file and commits it.
    ///
    /// - Throws: `.cannotWrite`; then the old file, if any, is untouched.
    public static func write(_ bytes: [UInt8], to path: String) throws {
        let file = try OutputFile(path: path)
        try file.write(bytes)
        try file.commit()
    }

    private func pass(_ bytes: UnsafeRawBufferPointer) throws {
        guard descriptor >= 0 else {
            throw GibbsError(.cannotWrite, "is already finished", at: .init(file: path), advice: "open it again")
        }
        var written = 0
        while written < bytes.count {
            let count = Foundation.write(descriptor, bytes.baseAddress! + written, bytes.count - written)
            if count < 0, errno == EINTR { continue }
            guard count > 0 else { throw Self.failure(path, "cannot be completed") }
            written += count
        }
    }

    private static func cannotBeCreated(_ path: String, in directory: String) -> GibbsError {
        guard errno == ENOENT, !directory.isEmpty, access(directory, F_OK) != 0 else { return failure(path, "cannot be created") }
        return GibbsError(.cannotWrite, "the directory '\(directory)' does not exist (No such file or directory)", at: .init(file: path),
                          advice: "make it first: mkdir -p '\(directory)'")
    }

    private static func failure(_ path: String, _ what: String) -> GibbsError {
        let reason = String(cString: strerror(errno))
        return GibbsError(.cannotWrite, "\(what) (\(reason))", at: .init(file: path == "-" ? "standard output" : path),
                          advice: "check the directory, its permissions and the room on its disk")
    }
}
