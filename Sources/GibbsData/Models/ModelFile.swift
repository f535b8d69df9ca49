import Foundation
import GibbsNumerics

/// Model files: an `Archive` in the layout of safetensors, which any PyTorch or JAX user can open. Nothing in a file is run.
///
/// The file is eight bytes of header length, a JSON header padded with blanks to a multiple of eight, and the tensors in
/// 32-bit floats, all little-endian, in the order of their names: equal archives give equal bytes.
///
/// - Source: <https://huggingface.co/docs/safetensors>, *Format*.
public enum ModelFile {
    /// The version this package writes, and the newest one it reads.
    public static let version = 1
    /// The metadata entry that holds the kind, such as `watchdog`; `write` sets it and `read` leaves it in the archive.
    public static let kindKey = "gibbs.kind"
    /// The metadata entry that holds the version in decimal digits; as `kindKey`.
    public static let versionKey = "gibbs.version"

    static let headerLimit = 64 << 20

    /// Writes a model file, complete or not at all. The path `-` is standard output.
    ///
    /// - Parameters:
    ///   - archive: The model.
    ///   - path: The file to write, or `-`.
    ///   - kind: What the archive is, such as `rbm`; replaces an entry of that meaning in the archive.
    /// - Throws: `.cannotWrite`; `.usage` for a tensor called `__metadata__` or a header beyond 64 MiB.
    public static func write(_ archive: Archive, to path: String, kind: String) throws {
        guard archive.tensors["__metadata__"] == nil else {
            throw GibbsError(.usage, "a tensor cannot be called __metadata__", advice: "give it another name")
        }
        var metadata = archive.metadata
        metadata[kindKey] = kind
        metadata[versionKey] = String(version)
        let names = archive.tensors.keys.sorted { $0.utf8.lexicographicallyPrecedes($1.utf8) }
        var parts = ["\"__metadata__\":{" + metadata.sorted { $0.key.utf8.lexicographicallyPrecedes($1.key.utf8) }
            .map { JSONValue.quote($0.key) + ":" + JSONValue.quote($0.value) }.joined(separator: ",") + "}"]
        var offset = 0
        for name in names {
            let tensor = archive.tensors[name]!
            let end = offset + tensor.values.count * 4
            let shape = tensor.shape.map(String.init).joined(separator: ",")
            parts.append("\(JSONValue.quote(name)):{\"dtype\":\"F32\",\"shape\":[\(shape)],\"data_offsets\":[\(offset),\(end)]}")
            offset = end
        }
        var header = Array(("{" + parts.joined(separator: ",") + "}").utf8)
        while header.count % 8 != 0 { header.append(0x20) }
        guard header.count <= headerLimit else {
            throw GibbsError(.usage, "a model header of \(header.count) bytes", advice: "shorten its metadata to below 64 MiB")
        }
        let file = try OutputFile(path: path)
        try withUnsafeBytes(of: UInt64(header.count).littleEndian) { try file.write($0) }
        try file.write(header)
        for name in names { try archive.tensors[name]!.values.withUnsafeBytes { try file.write($0) } }
        try file.commit()
    }

    /// Reads a model file, checking every length and offset before using it.
    ///
    /// - Parameters:
    ///   - path: A regular file.
    ///   - kind: The kind it must be; nil for any, which the archive's metadata then tells.
    /// - Throws: `.cannotRead` for a path that cannot be opened; `.unsuitableModel` for anything that is no intact model file of
    ///   that kind and of a known version. Tensor values that are not finite are no error here.
    public static func read(_ path: String, kind: String? = nil) throws -> Archive {
        try archive(path, takesOtherTypes: false, advice: "give a file that gibbs fit has written; it is named before the data") { try check($0, kind: kind) }.archive
    }

    /// Reads a safetensors file of any origin: its floats of 32 bits, and those of 16 (F16 and BF16), which become 32 without loss.
    ///
    /// - Parameter path: A regular file.
    /// - Returns: The tensors, and the types of those that were left out, such as `I64`, by their names.
    /// - Throws: As `read`, but for kinds and versions, which such files need not have. Tensors of other types are no error.
    public static func tensors(_ path: String) throws -> (archive: Archive, skipped: [String: String]) {
        try archive(path, takesOtherTypes: true, advice: "give a file in the layout of safetensors") { _ in }
    }

    private static func archive(_ path: String, takesOtherTypes: Bool, advice: String, check: ([String: String]) throws -> Void) throws -> (archive: Archive, skipped: [String: String]) {
        let descriptor = try InputFile.descriptor(path)
        defer { close(descriptor) }
        do {
            var status = stat()
            guard fstat(descriptor, &status) == 0, status.st_mode & S_IFMT == S_IFREG else {
                throw GibbsError(.cannotRead, "is not a regular file", advice: "save the model to a file first")
            }
            let size = Int(status.st_size)
            let lengthBytes = try bytes(descriptor, 8, fileSize: size)
            let length = lengthBytes.reversed().reduce(UInt64(0)) { $0 << 8 | UInt64($1) }
            guard length <= UInt64(headerLimit), Int(length) <= size - 8 else {
                throw GibbsError(.unsuitableModel, "is no model file, or is cut off: by its first bytes its header has \(length) bytes, of \(size) in all", advice: advice)
            }
            let header = try ModelHeader(try bytes(descriptor, Int(length), fileSize: size), dataSize: size - 8 - Int(length), takesOtherTypes: takesOtherTypes)
            try check(header.metadata)
            var archive = Archive(metadata: header.metadata), skipped = [String: String]()
            for entry in header.entries {
                let count = entry.end - entry.start
                switch entry.type {
                case "F32": archive.tensors[entry.name] = .init(shape: entry.shape, values: try values(descriptor, count / 4, of: Float.self))
                case "F16": archive.tensors[entry.name] = .init(shape: entry.shape, values: try values(descriptor, count / 2, of: UInt16.self).map(ShortFloats.half))
                case "BF16": archive.tensors[entry.name] = .init(shape: entry.shape, values: try values(descriptor, count / 2, of: UInt16.self).map(ShortFloats.brain))
                default:
                    lseek(descriptor, off_t(count), SEEK_CUR)
                    skipped[entry.name] = entry.type
                }
            }
            return (archive, skipped)
        } catch let error as GibbsError {
            throw error.located(at: .init(file: path))
        }
    }

    private static func check(_ metadata: [String: String], kind: String?) throws {
        guard let found = metadata[kindKey], let version = metadata[versionKey] else {
            throw GibbsError(.unsuitableModel, "is a safetensors file, but not one of Gibbs: '\(kindKey)' or '\(versionKey)' is missing",
                             advice: "give a file that gibbs fit has written")
        }
        guard let number = Int(version), number >= 1, number <= Self.version else {
            throw GibbsError(.unsuitableModel, "has the version '\(version)', and this program reads up to \(Self.version)",
                             advice: "update Gibbs, or train the model again")
        }
        if let kind, found != kind {
            throw GibbsError(.unsuitableModel, "holds a model of the kind '\(found)' where '\(kind)' is needed",
                             advice: "give a model of the kind '\(kind)'")
        }
    }

    private static func bytes(_ descriptor: Int32, _ count: Int, fileSize: Int) throws -> [UInt8] {
        guard count <= fileSize else {
            throw GibbsError(.unsuitableModel, fileSize == 0 ? "is empty" : "has \(fileSize) bytes, too few for a model",
                             advice: "it is no model file, or is cut off")
        }
        var result = [UInt8](repeating: 0, count: count)
        try result.withUnsafeMutableBytes { try fill(descriptor, $0) }
        return result
    }

    private static func values<Value: ExpressibleByIntegerLiteral>(_ descriptor: Int32, _ count: Int, of type: Value.Type) throws -> [Value] {
        var result = [Value](repeating: 0, count: count)
        try result.withUnsafeMutableBytes { try fill(descriptor, $0) }
        return result
    }

    private static func fill(_ descriptor: Int32, _ output: UnsafeMutableRawBufferPointer) throws {
        var total = 0
        while total < output.count {
            let count = Foundation.read(descriptor, output.baseAddress! + total, output.count - total)
            if count < 0, errno == EINTR { continue }
            guard count > 0 else { throw GibbsError(.unsuitableModel, "ends too early", advice: "the file is cut off") }
            total += count
        }
    }
}
