import Foundation
import GibbsData
import GibbsNumerics
import Testing

/// Broken model files: always `.unsuitableModel` or `.cannotRead`, with the file's name and advice.
@Suite struct HostileModelTests {
    let pad = Scratchpad()
    static let metadata = "\"__metadata__\":{\"gibbs.kind\":\"rbm\",\"gibbs.version\":\"1\"}"

    private func model(_ header: String, data: Int = 0, length: UInt64? = nil) -> String {
        let text = Array(header.utf8)
        return pad.file("m", bytes([(length ?? UInt64(text.count)).littleEndian]) + text + [UInt8](repeating: 0, count: data))
    }

    private func tensor(_ name: String, _ shape: String, _ start: Int, _ end: Int, type: String = "F32") -> String {
        "\"\(name)\":{\"dtype\":\"\(type)\",\"shape\":\(shape),\"data_offsets\":[\(start),\(end)]}"
    }

    @Test func theGoodOneIsRead() throws {
        let path = model("{\(Self.metadata),\(tensor("a", "[2]", 0, 8))}", data: 8)
        #expect(try ModelFile.read(path, kind: "rbm").vector("a") == [0, 0])
        #expect(try ModelFile.read(model(" {\n\(Self.metadata) }  ")).tensors.isEmpty)
    }

    @Test func files() {
        expectError(.cannotRead, "nowhere", "path") { try ModelFile.read(pad.place("nowhere")) }
        expectError(.cannotRead, "directory") { try ModelFile.read(pad.path) }
        expectError(.unsuitableModel, "empty") { try ModelFile.read(pad.file("m", "")) }
        expectError(.unsuitableModel, "7 bytes") { try ModelFile.read(pad.file("m", "1234567")) }
        expectError(.unsuitableModel, "header has") { try ModelFile.read(pad.file("m", "a,b\n1,2\n3,4\n")) }
        expectError(.cannotRead, "regular") { try ModelFile.read("/dev/null") }
    }

    @Test(arguments: [UInt64(200), 1 << 26 + 1, 1 << 40, 1 << 63, .max]) func lengths(length: UInt64) {
        expectError(.unsuitableModel, "m: ", "\(length) bytes") { try ModelFile.read(model("{\(Self.metadata)}", length: length)) }
    }

    @Test func kindsAndVersions() {
        expectError(.unsuitableModel, "'rbm'", "'memory'") { try ModelFile.read(model("{\(Self.metadata)}"), kind: "memory") }
        for version in ["2", "10", "x", "", "-1", "1.5"] {
            let header = "{\"__metadata__\":{\"gibbs.kind\":\"rbm\",\"gibbs.version\":\"\(version)\"}}"
            expectError(.unsuitableModel, "version '\(version)'", "up to 1", "update") { try ModelFile.read(model(header)) }
        }
        expectError(.unsuitableModel, "gibbs.kind") { try ModelFile.read(model("{}")) }
        expectError(.unsuitableModel, "gibbs.version") { try ModelFile.read(model("{\"__metadata__\":{\"gibbs.kind\":\"rbm\"}}")) }
    }

    @Test func tensors() {
        func check(_ part: String, _ tensors: String, data: Int, sourceLocation: SourceLocation = #_sourceLocation) {
            expectError(.unsuitableModel, part, sourceLocation: sourceLocation) { try ModelFile.read(model("{\(Self.metadata),\(tensors)}", data: data)) }
        }
        check("begins at byte 4", tensor("a", "[2]", 0, 8) + "," + tensor("b", "[2]", 4, 12), data: 12)
        check("begins at byte 12", tensor("a", "[2]", 0, 8) + "," + tensor("b", "[1]", 12, 16), data: 16)
        check("ends at byte 8", tensor("a", "[2]", 0, 8), data: 4)
        check("occupy 8 of 9", tensor("a", "[2]", 0, 8), data: 9)
        check("F16", tensor("a", "[4]", 0, 8, type: "F16"), data: 8)
        check("I64", tensor("a", "[1]", 0, 8, type: "I64"), data: 8)
        check("occupies 8 bytes", tensor("a", "[3]", 0, 8), data: 8)
        check("impossible shape", tensor("a", "[4294967296,4294967296,4294967296]", 0, 8), data: 8)
        check("too large", tensor("a", "[99999999999999999999]", 0, 8), data: 8)
        check("too large", tensor("a", "[2]", 0, 9_999_999_999_999_999), data: 8)
        check("lacks", tensor("a", "[2]", 8, 0), data: 8)
        check("lacks", "\"a\":{\"dtype\":\"F32\",\"shape\":[2]}", data: 8)
        check("'more'", "\"a\":{\"dtype\":\"F32\",\"more\":1}", data: 8)
        check("'dtype'", "\"a\":{\"dtype\":\"F32\",\"dtype\":\"F32\"}", data: 8)
        check("occurs twice", tensor("a", "[2]", 0, 8) + "," + tensor("a", "[2]", 8, 16), data: 16)
        check("occurs twice", Self.metadata, data: 0)
        check("whole number", tensor("a", "[-2]", 0, 8), data: 8)
        check("64 numbers", tensor("a", "[" + Array(repeating: "1", count: 100).joined(separator: ",") + "]", 0, 4), data: 4)
    }

    @Test(arguments: ["", "x", "[]", "{", "{}x", "{\"a\"", "{\"a\":1}", "{\"__metadata__\":{\"k\":1}}", "{\"__metadata__\":[]}", "{\"a\":{\"shape\":[1,]}}", "{\"a\":\"\\ud800\"}"])
    func noHeaders(header: String) {
        expectError(.unsuitableModel, "m: ", "header is damaged") { try ModelFile.read(model(header)) }
    }

    @Test func deepNesting() {
        expectError(.unsuitableModel, "damaged") { try ModelFile.read(model(String(repeating: "{\"a\":", count: 2_000_000))) }
    }

    @Test func everyCutAndEveryFlippedByte() throws {
        try ModelFile.write(Archive(tensors: ["w": .init([1, 2])], metadata: ["k": "v"]), to: pad.place("good"), kind: "rbm")
        let good = [UInt8](try Data(contentsOf: URL(fileURLWithPath: pad.place("good"))))
        for count in 0 ..< good.count {
            expectError(.unsuitableModel, "cut") { try ModelFile.read(pad.file("cut", Array(good.prefix(count)))) }
        }
        for position in good.indices {
            for flip: UInt8 in [0x01, 0x20, 0x80] {
                var broken = good
                broken[position] ^= flip
                do { _ = try ModelFile.read(pad.file("f", broken), kind: "rbm") } catch {
                    #expect((error as? GibbsError)?.code == .unsuitableModel)
                }
            }
        }
    }
}
