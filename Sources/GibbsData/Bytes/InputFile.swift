import Foundation
import GibbsNumerics

/// An input that can be opened, possibly more than once: a path, standard input, a spooled copy of either, or bytes in memory.
struct InputFile {
    private enum Origin {
        case path(String)
        case standardInput
        case spool(Spool)
        case memory([UInt8])
    }

    private let origin: Origin
    /// What messages call it.
    let name: String
    private let expectsGzip: Bool

    init(path: String) {
        origin = path == "-" ? .standardInput : .path(path)
        name = path == "-" ? "standard input" : path
        expectsGzip = path.lowercased().hasSuffix(".gz")
    }

    /// Bytes in memory, which messages call by that name.
    init(bytes: [UInt8], name: String) {
        origin = .memory(bytes)
        self.name = name
        expectsGzip = name.lowercased().hasSuffix(".gz")
    }

    private init(spool: Spool, name: String) {
        origin = .spool(spool)
        self.name = name
        expectsGzip = false
    }

    /// Opens the bytes from their beginning, decompressed where they are gzip.
    func open() throws -> ByteSource {
        switch origin {
        case .standardInput:
            return try ByteSource(descriptor: 0, closes: false, name: name, expectsGzip: expectsGzip)
        case .path(let path):
            return try ByteSource(descriptor: Self.descriptor(path), closes: true, name: name, expectsGzip: expectsGzip)
        case .spool(let spool):
            lseek(spool.descriptor, 0, SEEK_SET)
            return try ByteSource(descriptor: spool.descriptor, closes: false, name: name, expectsGzip: false)
        case .memory(let bytes):
            return try ByteSource(bytes: bytes, name: name, expectsGzip: expectsGzip)
        }
    }

    /// This input where it can be read again, or else a copy of its bytes in an unlinked temporary file.
    func rereadable(limit: Int) throws -> InputFile {
        switch origin {
        case .spool, .memory: return self
        case .path(let path):
            var status = stat()
            if stat(path, &status) == 0, status.st_mode & S_IFMT != S_IFREG, status.st_mode & S_IFMT != S_IFDIR { break }
            return self
        case .standardInput: break
        }
        return InputFile(spool: try Spool(copying: open(), limit: limit, keepsName: false), name: name)
    }

    /// A path that holds these bytes uncompressed, for libraries that open files themselves; the spool keeps it alive.
    func plainPath(limit: Int) throws -> (path: String, spool: Spool?) {
        if case .path(let path) = origin {
            let source = try open()
            if !source.isLive, !source.isCompressed { return (path, nil) }
        }
        let spool = try Spool(copying: open(), limit: limit, keepsName: true)
        return (spool.path!, spool)
    }

    /// All bytes of a file that is read whole, decompressed where they are gzip.
    func bytes(limit: Int) throws -> [UInt8] {
        let source = try open()
        let part = UnsafeMutableRawBufferPointer.allocate(byteCount: 1 << 18, alignment: 64)
        defer { part.deallocate() }
        var bytes = [UInt8]()
        while true {
            let count = try source.read(into: part)
            if count == 0 { return bytes }
            guard bytes.count + count <= limit else {
                throw GibbsError(.limitExceeded, "more than \(limit) bytes", at: .init(file: name), advice: "give a smaller file")
            }
            bytes.append(contentsOf: UnsafeRawBufferPointer(rebasing: part[..<count]))
        }
    }

    /// Opens a path for reading; a directory is refused here because `open` accepts it.
    static func descriptor(_ path: String) throws -> Int32 {
        let descriptor = Foundation.open(path, O_RDONLY | O_CLOEXEC)
        guard descriptor >= 0 else {
            let reason = String(cString: strerror(errno))
            throw GibbsError(.cannotRead, "cannot be opened (\(reason))", at: .init(file: path),
                             advice: "check the path and its permissions")
        }
        var status = stat()
        guard fstat(descriptor, &status) == 0, status.st_mode & S_IFMT != S_IFDIR else {
            close(descriptor)
            throw GibbsError(.cannotRead, "is a directory", at: .init(file: path), advice: "name a file inside it")
        }
        return descriptor
    }
}

/// A temporary copy of a stream, gone with the last reference to it.
final class Spool {
    let descriptor: Int32
    /// Only where the copy keeps its name; otherwise it is unlinked from the start and vanishes even in a crash.
    let path: String?

    init(copying source: ByteSource, limit: Int, keepsName: Bool) throws {
        var template = Array((NSTemporaryDirectory() + "/gibbs-spool-XXXXXX").utf8CString)
        descriptor = mkstemp(&template)
        guard descriptor >= 0 else {
            throw GibbsError(.cannotWrite, "a temporary copy cannot be created (\(String(cString: strerror(errno))))",
                             at: .init(file: source.name), advice: "set TMPDIR to a directory with room")
        }
        let name = template.withUnsafeBufferPointer { String(cString: $0.baseAddress!) }
        path = keepsName ? name : nil
        if !keepsName { unlink(name) }
        let buffer = UnsafeMutableRawBufferPointer.allocate(byteCount: 1 << 20, alignment: 64)
        defer { buffer.deallocate() }
        var total = 0
        while true {
            let count = try source.read(into: buffer)
            if count == 0 { break }
            total += count
            guard total <= limit else {
                throw GibbsError(.limitExceeded, "more than \(limit) bytes to copy", at: .init(file: source.name),
                                 advice: "raise the limit spooledBytes or give an uncompressed file")
            }
            var written = 0
            while written < count {
                let part = write(descriptor, buffer.baseAddress! + written, count - written)
                if part < 0, errno == EINTR { continue }
                guard part > 0 else {
                    throw GibbsError(.cannotWrite, "a temporary copy cannot be completed (\(String(cString: strerror(errno))))",
                                     at: .init(file: source.name), advice: "set TMPDIR to a directory with room")
                }
                written += part
            }
        }
    }

    deinit {
        close(descriptor)
        if let path { unlink(path) }
    }
}
