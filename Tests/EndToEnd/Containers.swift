import CSQLite
import CZlib
import Foundation

/// The same numbers in every container that the program reads.
enum Containers {
    /// An array of doubles as NumPy stores it.
    static func npy(_ rows: [[Double]]) -> [UInt8] {
        var header = "{'descr': '<f8', 'fortran_order': False, 'shape': (\(rows.count), \(rows[0].count)), }"
        header += String(repeating: " ", count: 63 - (10 + header.utf8.count) % 64) + "\n"
        let length = UInt16(header.utf8.count)
        return [0x93] + Array("NUMPY".utf8) + [1, 0] + little(length) + Array(header.utf8) + rows.joined().flatMap { little($0.bitPattern) }
    }

    /// A zip with one member, stored as it is.
    static func zip(_ name: String, _ bytes: [UInt8]) -> [UInt8] {
        let checksum = UInt32(crc32(0, bytes, UInt32(bytes.count))), size = UInt32(bytes.count), letters = Array(name.utf8)
        let common = little(UInt16(20)) + little(UInt16(0)) + little(UInt16(0)) + little(UInt32(0)) + little(checksum) + little(size)
            + little(size) + little(UInt16(letters.count)) + little(UInt16(0))
        let local = little(UInt32(0x0403_4B50)) + common + letters + bytes
        let central = little(UInt32(0x0201_4B50)) + little(UInt16(20)) + common + [UInt8](repeating: 0, count: 10) + little(UInt32(0)) + letters
        return local + central + little(UInt32(0x0605_4B50)) + [0, 0, 0, 0] + little(UInt16(1)) + little(UInt16(1))
            + little(UInt32(central.count)) + little(UInt32(local.count)) + [0, 0]
    }

    static func gzip(_ bytes: [UInt8], to path: String) {
        let file = gzopen(path, "wb")
        gzwrite(file, bytes, UInt32(bytes.count))
        gzclose(file)
    }

    static func sqlite(_ statements: String, to path: String) -> Bool {
        var handle: OpaquePointer?
        defer { sqlite3_close(handle) }
        return sqlite3_open(path, &handle) == SQLITE_OK && sqlite3_exec(handle, statements, nil, nil, nil) == SQLITE_OK
    }

    private static func little<Number: FixedWidthInteger>(_ value: Number) -> [UInt8] { withUnsafeBytes(of: value.littleEndian, Array.init) }
}
