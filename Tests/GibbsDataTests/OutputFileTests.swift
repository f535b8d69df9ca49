import Foundation
import GibbsData
import GibbsNumerics
import Testing

@Suite struct OutputFileTests {
    let pad = Scratchpad()

    private func content(_ name: String) throws -> String { try String(contentsOfFile: pad.place(name), encoding: .utf8) }

    @Test func nothingAppearsBeforeCommit() throws {
        let file = try OutputFile(path: pad.place("a"))
        try file.write("one, ")
        try file.write([UInt8](repeating: 0x78, count: 200_000))
        try file.write("two")
        #expect(!FileManager.default.fileExists(atPath: pad.place("a")))
        #expect(pad.names.count == 1)
        try file.commit()
        #expect(pad.names == ["a"])
        #expect(try content("a") == "one, " + String(repeating: "x", count: 200_000) + "two")
        expectError(.cannotWrite, "finished") { try file.write([UInt8](repeating: 0, count: 100_000)) }
    }

    @Test func withoutCommitNothingIsLeft() throws {
        let path = pad.file("a", "old")
        do {
            let file = try OutputFile(path: path)
            try file.write([UInt8](repeating: 0x78, count: 200_000))
        }
        let other = try OutputFile(path: pad.place("b"))
        try other.write("x")
        other.discard()
        #expect(pad.names == ["a"])
        #expect(try content("a") == "old")
    }

    @Test func replacingKeepsPermissionsAndLinks() throws {
        let path = pad.file("a", "old")
        #expect(chmod(path, 0o640) == 0)
        #expect(symlink("a", pad.place("link")) == 0)
        try OutputFile.write(Array("new".utf8), to: pad.place("link"))
        #expect(try content("a") == "new")
        var status = stat()
        #expect(lstat(pad.place("link"), &status) == 0 && status.st_mode & S_IFMT == S_IFLNK)
        #expect(stat(path, &status) == 0 && status.st_mode & 0o777 == 0o640)
        #expect(pad.names == ["a", "link"])
    }

    @Test func clearErrors() {
        expectError(.cannotWrite, pad.path, "is a directory") { try OutputFile(path: pad.path) }
        expectError(.cannotWrite, "No such file") { try OutputFile(path: pad.place("no/where/a")) }
        expectError(.cannotWrite, "Not a directory") { try OutputFile(path: pad.file("f", "") + "/a") }
        #expect(pad.names == ["f"])
    }

    @Test func devicesAreWrittenDirectly() throws {
        try OutputFile.write([1, 2, 3], to: "/dev/null")
        #if os(Linux)
        expectError(.cannotWrite, "/dev/full", "No space") { try OutputFile.write([1, 2, 3], to: "/dev/full") }
        #endif
    }
}
