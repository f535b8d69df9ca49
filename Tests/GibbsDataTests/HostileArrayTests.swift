import Foundation
import GibbsData
import GibbsNumerics
import Testing

/// Broken NumPy, zip and IDX files.
@Suite struct HostileArrayTests {
    let pad = Scratchpad()

    @Test func headers() {
        func check(_ code: GibbsError.Code, _ part: String, _ content: [UInt8], sourceLocation: SourceLocation = #_sourceLocation) {
            expectError(code, "a.npy", part, sourceLocation: sourceLocation) { try read(pad.file("a.npy", content)) }
        }
        check(.malformedData, "ends inside the header", [])
        check(.malformedData, "ends inside the header", Array(npy("<f4", "(1,)", [0, 0, 0, 0]).prefix(40)))
        check(.malformedData, "no NumPy array", Array("1,2\n3,4\n5,6\n".utf8))
        check(.malformedData, "version 9", [0x93] + Array("NUMPY".utf8) + [9, 0, 4, 0] + Array("{}  ".utf8))
        check(.limitExceeded, "header of 4294967295", [0x93] + Array("NUMPY".utf8) + [2, 0, 255, 255, 255, 255])
        check(.malformedData, "cannot be read", [0x93] + Array("NUMPY".utf8) + [1, 0, 2, 0] + Array("{}".utf8))
        check(.unsuitableData, "'|O'", npy("|O", "(1,)", [0]))
        check(.unsuitableData, "'<U5'", npy("<U5", "(1,)", [0]))
        check(.unsuitableData, "5 axes", npy("<f4", "(1, 1, 1, 1, 1)", [0, 0, 0, 0]))
        check(.unsuitableData, "0 axes", npy("<f4", "()", [0, 0, 0, 0]))
        check(.malformedData, "shape", npy("<f4", "(-1, 2)", []))
        check(.malformedData, "shape", npy("<f4", "(99999999999999999999,)", []))
        check(.malformedData, "impossible", npy("<f8", "(4611686018427387904, 4)", []))
        check(.limitExceeded, "columns", npy("<f8", "(2, 4611686018427387)", []))
        check(.limitExceeded, "columns", npy("<f8", "(0, 4611686018427387)", []))
        check(.limitExceeded, "rows", npy("<f8", "(1000000000000, 2)", []))
        check(.malformedData, "4 of 8 bytes", npy("<f4", "(2,)", [0, 0, 0, 0]))
        check(.malformedData, "goes on after", npy("<f4", "(1,)", [0, 0, 0, 0, 9]))
        check(.unsuitableData, "no rows", npy("<f4", "(0, 3)", []))
        check(.malformedData, "finite", npy("<f8", "(1,)", bytes([Double.infinity])))
    }

    /// A header that promises gigabytes costs no memory before the bytes are there.
    @Test func promisesAreNotBelieved() {
        expectError(.malformedData, "ends inside") { try read(pad.file("a.npy", npy("<f8", "(40000000, 100)", [1, 2, 3]))) }
        expectError(.malformedData, "ends inside") { try NPY.matrix(pad.file("a.npy", npy("<f8", "(40000000, 100)", [1, 2, 3]))) }
        expectError(.malformedData, "ends inside") {
            try IDX.images(pad.file("i", [0, 0, 8, 3, 0, 255, 255, 255, 0, 0, 0, 20, 0, 0, 0, 20, 1]))
        }
    }

    @Test func idx() {
        expectError(.malformedData, "IDX") { try IDX.images(pad.file("i", Array("hello, world".utf8))) }
        expectError(.malformedData, "IDX") { try IDX.images(pad.file("i", [0, 0, 0x0D, 1, 0, 0, 0, 1, 0])) }
        expectError(.malformedData, "ends inside") { try IDX.labels(pad.file("i", [0, 0, 8, 1, 0, 0, 0])) }
        expectError(.malformedData, "goes on") { try IDX.labels(pad.file("i", [0, 0, 8, 1, 0, 0, 0, 1, 5, 6])) }
        expectError(.unsuitableData, "labels") { try IDX.labels(pad.file("i", [0, 0, 8, 3, 0, 0, 0, 1, 0, 0, 0, 1, 0, 0, 0, 1, 5])) }
        expectError(.malformedData, "impossible") {
            try read(pad.file("i.idx", [0, 0, 8, 3, 0, 0, 0, 1, 255, 255, 255, 255, 255, 255, 255, 255, 5]))
        }
        expectError(.cannotRead, "nowhere") { try IDX.images(pad.place("nowhere")) }
    }

    /// A zip with one stored member, written by hand so that every field can be broken.
    private func zip(name: String, _ content: [UInt8], checksum: UInt32? = nil, method: UInt16 = 0, size: Int? = nil, offset: UInt32 = 0) -> [UInt8] {
        func little<T: FixedWidthInteger>(_ value: T) -> [UInt8] { bytes([value.littleEndian]) }
        let crc = checksum ?? crc32(content), size = UInt32(size ?? content.count)
        let common = little(UInt16(20)) + little(UInt16(0)) + little(method) + little(UInt32(0)) + little(crc) + little(size) + little(size)
            + little(UInt16(name.utf8.count)) + little(UInt16(0))
        let local = little(UInt32(0x0403_4B50)) + common + Array(name.utf8) + content
        let central = little(UInt32(0x0201_4B50)) + little(UInt16(20)) + common + little(UInt16(0)) + little(UInt16(0)) + little(UInt16(0))
            + little(UInt32(0)) + little(offset) + Array(name.utf8)
        return local + central + little(UInt32(0x0605_4B50)) + little(UInt32(0)) + little(UInt16(1)) + little(UInt16(1))
            + little(UInt32(central.count)) + little(UInt32(local.count)) + little(UInt16(0))
    }

    @Test func zips() throws {
        let array = npy("<f4", "(1, 2)", bytes([Float(1), 2]))
        func check(_ code: GibbsError.Code, _ part: String, _ content: [UInt8], sourceLocation: SourceLocation = #_sourceLocation) {
            expectError(code, "a.npz", part, sourceLocation: sourceLocation) { try read(pad.file("a.npz", content)) }
        }
        let good = zip(name: "X.npy", array)
        #expect(try numbers(read(pad.file("good.npz", good)), "c2") == [2])
        check(.malformedData, "no zip", [])
        check(.malformedData, "no zip", Array(good.dropLast(30)))
        check(.malformedData, "damaged", Array(good.prefix(4)) + [1] + good.dropFirst(4))
        check(.unsuitableData, "no array X", zip(name: "Z.npy", array))
        check(.malformedData, "checksum", zip(name: "X.npy", array, checksum: 1))
        check(.malformedData, "not where", zip(name: "X.npy", array, offset: 7))
        check(.malformedData, "too early", zip(name: "X.npy", array, offset: 100_000))
        check(.malformedData, "outside", zip(name: "X.npy", array, size: 100_000))
        check(.unsuitableData, "method 99", zip(name: "X.npy", array, method: 99))
        check(.malformedData, "damaged", zip(name: "X.npy", array, method: 8))
        var outside = good
        outside.replaceSubrange(good.count - 10 ..< good.count - 6, with: [0, 0, 0, 1])
        check(.malformedData, "outside", outside)
    }

    /// No prefix and no single changed byte of a good file may do worse than an error.
    @Test func everyCutAndEveryFlippedByte() throws {
        let array = npy("<f4", "(2, 2)", bytes([Float(1), 2, 3, 4]))
        for (name, good) in [("a.npy", array), ("a.npz", zip(name: "X.npy", array)), ("a.idx", [0, 0, 8, 3, 0, 0, 0, 1, 0, 0, 0, 1, 0, 0, 0, 2, 8, 9])] {
            for count in 0 ..< good.count {
                #expect(throws: GibbsError.self, "\(name) cut to \(count)") { try read(pad.file(name, Array(good.prefix(count)))) }
            }
            for position in good.indices {
                for flip: UInt8 in [0x01, 0x80, 0xFF] {
                    var broken = good
                    broken[position] ^= flip
                    do { _ = try read(pad.file(name, broken)) } catch { #expect(error is GibbsError) }
                }
            }
        }
    }
}
