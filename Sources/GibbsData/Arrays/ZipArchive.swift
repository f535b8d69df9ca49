import Foundation
import GibbsNumerics

/// The members of a zip file, stored or deflated: as much of the format as NumPy's `.npz` needs.
///
/// - Source: PKWARE, *.ZIP File Format Specification* 6.3, sections 4.3.7, 4.3.12 and 4.3.16. Files beyond 4 GiB, encrypted
///   members and archives in several parts are refused.
struct ZipArchive {
    private struct Entry {
        var isDeflated: Bool
        var isEncrypted: Bool
        var compressedSize: Int
        var checksum: UInt
        var offset: Int
    }

    private let path: String
    private let name: String
    private let spool: Spool?
    private var entries = [String: Entry]()
    private let fileSize: Int

    /// Reads the table of contents.
    init(_ input: InputFile, limits: TableOptions.Limits) throws {
        name = input.name
        (path, spool) = try input.plainPath(limit: limits.spooledBytes)
        let descriptor = try InputFile.descriptor(path)
        defer { close(descriptor) }
        var status = stat()
        fstat(descriptor, &status)
        fileSize = Int(status.st_size)
        let tailSize = min(fileSize, 65_557)
        let tail = try Self.bytes(descriptor, at: fileSize - tailSize, count: tailSize)
        guard let end = (0 ..< max(0, tailSize - 21)).last(where: { Self.number(tail, $0, 4) == 0x0605_4B50 }) else {
            throw GibbsError(.malformedData, "is no zip archive, or is cut off", advice: "write it with numpy.savez")
        }
        let count = Self.number(tail, end + 10, 2), size = Self.number(tail, end + 12, 4), offset = Self.number(tail, end + 16, 4)
        guard offset != 0xFFFF_FFFF else {
            throw GibbsError(.limitExceeded, "zip archives beyond 4 GiB are not read", advice: "save the array as .npy")
        }
        guard size <= limits.lineLength, offset + size <= fileSize else {
            throw GibbsError(.malformedData, "the zip table of contents lies outside the file", advice: "the file is damaged")
        }
        try readEntries(Self.bytes(descriptor, at: offset, count: size), count: count)
    }

    /// The names of the members, for messages.
    var memberNames: String { entries.isEmpty ? "nothing" : entries.keys.sorted().prefix(20).joined(separator: ", ") }

    /// The content of a member, or nil where there is none of that name.
    func member(_ member: String) throws -> ByteSource? {
        guard let entry = entries[member] else { return nil }
        guard !entry.isEncrypted else {
            throw GibbsError(.unsuitableData, "the member '\(member)' is encrypted", advice: "save it without a password")
        }
        let descriptor = try InputFile.descriptor(path)
        do {
            let header = try Self.bytes(descriptor, at: entry.offset, count: 30)
            guard Self.number(header, 0, 4) == 0x0403_4B50 else {
                throw GibbsError(.malformedData, "the member '\(member)' is not where the zip says", advice: "the file is damaged")
            }
            let start = entry.offset + 30 + Self.number(header, 26, 2) + Self.number(header, 28, 2)
            guard start + entry.compressedSize <= fileSize else {
                throw GibbsError(.malformedData, "the member '\(member)' ends outside the file", advice: "the file is cut off")
            }
            lseek(descriptor, off_t(start), SEEK_SET)
        } catch {
            close(descriptor)
            throw error
        }
        return ByteSource(zipMember: descriptor, length: entry.compressedSize, isDeflated: entry.isDeflated, checksum: entry.checksum,
                          name: name, keeping: spool)
    }

    private mutating func readEntries(_ table: [UInt8], count: Int) throws {
        var at = 0
        for _ in 0 ..< count {
            guard at + 46 <= table.count, Self.number(table, at, 4) == 0x0201_4B50 else {
                throw GibbsError(.malformedData, "the zip table of contents is damaged", advice: "write the file again")
            }
            let method = Self.number(table, at + 10, 2), nameLength = Self.number(table, at + 28, 2)
            let next = at + 46 + nameLength + Self.number(table, at + 30, 2) + Self.number(table, at + 32, 2)
            guard next <= table.count else {
                throw GibbsError(.malformedData, "the zip table of contents is damaged", advice: "write the file again")
            }
            let member = String(decoding: table[at + 46 ..< at + 46 + nameLength], as: UTF8.self)
            let entry = Entry(isDeflated: method == 8, isEncrypted: Self.number(table, at + 8, 2) & 1 != 0,
                              compressedSize: Self.number(table, at + 20, 4), checksum: UInt(Self.number(table, at + 16, 4)),
                              offset: Self.number(table, at + 42, 4))
            guard method == 0 || method == 8 || !["X.npy", "x.npy", "y.npy"].contains(member) else {
                throw GibbsError(.unsuitableData, "the member '\(member)' is compressed by method \(method)",
                                 advice: "save it with numpy.savez or numpy.savez_compressed")
            }
            if entries.updateValue(entry, forKey: member) != nil {
                throw GibbsError(.malformedData, "the member '\(member)' occurs twice", advice: "write the file again")
            }
            at = next
        }
    }

    private static func number(_ bytes: [UInt8], _ offset: Int, _ size: Int) -> Int {
        (0 ..< size).reduce(0) { $0 | Int(bytes[offset + $1]) << (8 * $1) }
    }

    private static func bytes(_ descriptor: Int32, at offset: Int, count: Int) throws -> [UInt8] {
        var result = [UInt8](repeating: 0, count: count)
        var total = 0
        while total < count {
            let part = result.withUnsafeMutableBytes { pread(descriptor, $0.baseAddress! + total, count - total, off_t(offset + total)) }
            guard part > 0 else { throw GibbsError(.malformedData, "ends too early", advice: "the file is cut off") }
            total += part
        }
        return result
    }
}
