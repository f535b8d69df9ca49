import Foundation
import GibbsCore
import GibbsData
import GibbsEvents
import GibbsNumerics
import Testing

/// Frames from tables and piano rolls, and what is none.
@Suite struct FrameSequencesTests {
    private static func roll(_ text: String, part: String? = nil) throws -> FrameSequences {
        let path = NSTemporaryDirectory() + "roll-\(UUID().uuidString).json"
        defer { try? FileManager.default.removeItem(atPath: path) }
        try Data(text.utf8).write(to: URL(fileURLWithPath: path))
        return try FrameSequences(pianoRoll: path, part: part)
    }

    private static func table(_ text: String, entity: String? = nil, ignoring: [String] = []) throws -> FrameSequences {
        let path = NSTemporaryDirectory() + "frames-\(UUID().uuidString).csv"
        defer { try? FileManager.default.removeItem(atPath: path) }
        try Data(text.utf8).write(to: URL(fileURLWithPath: path))
        return try FrameSequences(table: TableReader(path: path).readAll(), entity: entity, ignoring: ignoring)
    }

    @Test func piecesOfATable() throws {
        let found = try Self.table("t,who,heat,on\n1,b,1.5,0\n2,a,2.5,1\n3,b,3.5,1\n", entity: "who", ignoring: ["t"])
        #expect(found.columns == ["heat", "on"] && found.variables == [.real, .binary] && found.frames.values == [1.5, 0, 3.5, 1, 2.5, 1])
        #expect(found.pieces == [.init(id: "b", frames: 0 ..< 2), .init(id: "a", frames: 2 ..< 3)] && found.lines == [2, 4, 3])
    }

    @Test func piecesOfARoll() throws {
        let found = try Self.roll("{\"train\": [[[0, 87], []], [], [[3]]], \"test\": [[[100]]]}", part: "train")
        #expect(found.columns.count == 101 && found.frames.rows == 3 && found.pieces == [.init(id: "1", frames: 0 ..< 2), .init(id: "3", frames: 2 ..< 3)])
        #expect(found.frames.values.reduce(0, +) == 3 && found.frames[0, 87] == 1 && found.frames[2, 3] == 1 && found.variables.allSatisfy { $0 == .binary })
        #expect(try Self.roll("[[[1]]]").columns.count == 88)
    }

    @Test(arguments: ["", "{", "{}", "[]", "[[[-1]]]", "[[[4096]]]", "[[[1.5]]]", "[[[\"a\"]]]", "{\"train\": [[1]]}", "{\"a\": [], \"b\": []}", "{\"train\": [[]]}", "[[[99999999999999999999]]]",
                      String(repeating: "[", count: 100_000)])
    func noRolls(text: String) throws {
        let error = #expect(throws: GibbsError.self) { try Self.roll(text) }
        #expect(error?.place.file != nil || text == "{\"a\": [], \"b\": []}")
    }

    @Test(arguments: ["a,b\n", "a,b\n1,\n", "a,b\n1,nan\n", "a,b\n1,red\n", "a,b\n1,2,3\n"])
    func noFrames(text: String) { #expect(throws: GibbsError.self) { try Self.table(text) } }

    @Test func absentColumns() {
        #expect(throws: GibbsError.self) { try Self.table("a,b\n1,2\n", entity: "c") }
        #expect(throws: GibbsError.self) { try Self.table("a,b\n1,2\n", ignoring: ["c"]) }
        #expect(throws: GibbsError.self) { try Self.table("a,b\n1,2\n", entity: "a", ignoring: ["b"]) }
        #expect(throws: GibbsError.self) { try Self.table("a,b\n,2\n", entity: "a") }
    }
}
