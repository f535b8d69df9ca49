import CZlib
import Foundation
import GibbsNumerics

/// Bytes of a file or stream in order, decompressed where they are gzip, with their running digest.
final class ByteSource {
    let name: String
    /// A pipe, terminal or socket: bytes come when they come, and waiting for more would hold back what is there.
    let isLive: Bool
    /// Bytes on disk for a regular file; a hint, never trusted.
    let sizeHint: Int
    private(set) var digest = Digest()

    private let descriptor: Int32
    private let closes: Bool
    /// What is read in place of a descriptor, and how much of it has been.
    private let memory: [UInt8]?
    private var memoryRead = 0
    private var inflater: Inflater?
    private let input = UnsafeMutableRawBufferPointer.allocate(byteCount: 1 << 18, alignment: 64)
    private var pending = 0 ..< 0
    private var insideMember = true
    /// For a zip member: compressed bytes left, and the checksum its content must have.
    private var bytesLeft = Int.max
    private var expectedChecksum: UInt?
    private var checksum: UInt = 0
    private var isZipMember = false
    /// What must outlive this source, such as a temporary copy.
    private let keeping: AnyObject?

    /// The content of a zip member, whose stored or deflated bytes begin at the descriptor's position.
    init(zipMember descriptor: Int32, length: Int, isDeflated: Bool, checksum: UInt, name: String, keeping: AnyObject?) {
        self.descriptor = descriptor
        self.name = name
        self.keeping = keeping
        memory = nil
        closes = true
        isLive = false
        sizeHint = 0
        bytesLeft = length
        expectedChecksum = checksum
        isZipMember = true
        inflater = isDeflated ? Inflater(.raw) : nil
    }

    init(descriptor: Int32, closes: Bool, name: String, expectsGzip: Bool) throws {
        self.descriptor = descriptor
        self.closes = closes
        self.name = name
        (keeping, memory) = (nil, nil)
        var status = stat()
        let known = fstat(descriptor, &status) == 0
        isLive = !(known && status.st_mode & S_IFMT == S_IFREG)
        sizeHint = isLive ? 0 : Int(status.st_size)
        try look(expectsGzip: expectsGzip)
    }

    /// Bytes in memory.
    init(bytes: [UInt8], name: String, expectsGzip: Bool) throws {
        (descriptor, closes, isLive, keeping) = (-1, false, false, nil)
        (memory, self.name, sizeHint) = (bytes, name, bytes.count)
        try look(expectsGzip: expectsGzip)
    }

    /// Two bytes tell gzip from everything else that is read here, whatever the file is called.
    private func look(expectsGzip: Bool) throws {
        while pending.count < 2 {
            let count = try fetch(into: UnsafeMutableRawBufferPointer(rebasing: input[pending.count...]))
            if count == 0 { break }
            pending = 0 ..< pending.count + count
        }
        if pending.count >= 2, input[0] == 0x1F, input[1] == 0x8B {
            inflater = Inflater(.gzip)
        } else if expectsGzip {
            throw GibbsError(.malformedData, "is not gzip data despite its name", at: .init(file: name),
                             advice: "rename it without .gz, or compress it again")
        }
    }

    deinit {
        if closes { close(descriptor) }
        input.deallocate()
    }

    var isCompressed: Bool { inflater != nil }

    /// Reads at least one byte unless the end has come, which gives 0.
    ///
    /// - Throws: `.cannotRead` when the system refuses, `.malformedData` for damaged or cut-off gzip data.
    func read(into output: UnsafeMutableRawBufferPointer) throws -> Int {
        guard output.count > 0 else { return 0 }
        let count: Int
        if let inflater {
            count = try readInflated(inflater, into: output)
        } else if pending.isEmpty {
            count = try fetch(into: output)
        } else {
            count = min(pending.count, output.count)
            output.copyMemory(from: UnsafeRawBufferPointer(rebasing: input[pending.prefix(count)]))
            pending = pending.dropFirst(count)
        }
        digest.update(UnsafeRawBufferPointer(rebasing: output.prefix(count)))
        if let expectedChecksum {
            var rest = UnsafeRawBufferPointer(rebasing: output.prefix(count))[...]
            while !rest.isEmpty {
                let part = UnsafeRawBufferPointer(rebasing: rest.prefix(1 << 30))
                checksum = UInt(crc32(uLong(checksum), part.baseAddress!.assumingMemoryBound(to: UInt8.self), uInt(part.count)))
                rest = rest.dropFirst(part.count)
            }
            if count == 0, checksum != expectedChecksum {
                throw GibbsError(.malformedData, "a zip member fails its checksum", at: .init(file: name),
                                 advice: "the file is damaged; fetch or write it again")
            }
        }
        return count
    }

    /// Reads until the buffer is full or the end has come; a live source returns what there is.
    func fill(_ output: UnsafeMutableRawBufferPointer) throws -> (count: Int, atEnd: Bool) {
        var total = 0
        while total < output.count {
            let count = try read(into: UnsafeMutableRawBufferPointer(rebasing: output[total...]))
            if count == 0 { return (total, true) }
            total += count
            if isLive { break }
        }
        return (total, false)
    }

    /// Reads exactly that many bytes, or says that the file ends too early.
    func readExactly(_ output: UnsafeMutableRawBufferPointer, what: String) throws {
        var total = 0
        while total < output.count {
            let count = try read(into: UnsafeMutableRawBufferPointer(rebasing: output[total...]))
            guard count > 0 else {
                throw GibbsError(.malformedData, "ends inside \(what): \(total) of \(output.count) bytes are there",
                                 at: .init(file: name), advice: "the file is cut off; fetch or write it again")
            }
            total += count
        }
    }

    private func readInflated(_ inflater: Inflater, into output: UnsafeMutableRawBufferPointer) throws -> Int {
        while true {
            if pending.isEmpty {
                let count = try fetch(into: input)
                if count == 0 {
                    if !insideMember { return 0 }
                    throw GibbsError(.malformedData, "the compressed data ends too early", at: .init(file: name),
                                     advice: "the file is cut off; fetch or compress it again")
                }
                pending = 0 ..< count
            }
            if !insideMember {
                if isZipMember { return 0 }
                // After a member: zeros are padding, anything else must be another member.
                while let first = pending.first, input[first] == 0 { pending = pending.dropFirst() }
                if pending.isEmpty { continue }
                inflater.reset()
                insideMember = true
            }
            do {
                let step = try inflater.inflate(UnsafeRawBufferPointer(rebasing: input[pending]), into: output)
                pending = pending.dropFirst(step.consumed)
                if step.finished { insideMember = false }
                if step.produced > 0 { return step.produced }
            } catch let error as GibbsError {
                throw error.located(at: .init(file: name))
            }
        }
    }

    private func fetch(into output: UnsafeMutableRawBufferPointer) throws -> Int {
        if let memory {
            let count = min(output.count, memory.count - memoryRead)
            memory.withUnsafeBytes { output.copyMemory(from: UnsafeRawBufferPointer(rebasing: $0[memoryRead ..< memoryRead + count])) }
            memoryRead += count
            return count
        }
        while true {
            let count = Foundation.read(descriptor, output.baseAddress!, min(output.count, bytesLeft))
            if count >= 0 {
                if isZipMember { bytesLeft -= count }
                return count
            }
            if errno == EINTR { continue }
            throw GibbsError(.cannotRead, "reading failed (\(String(cString: strerror(errno))))", at: .init(file: name),
                             advice: "check the disk and the permissions")
        }
    }
}
