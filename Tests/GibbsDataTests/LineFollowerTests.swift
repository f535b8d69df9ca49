import Foundation
import GibbsData
import GibbsNumerics
import Testing

/// Lines of files that grow, are rotated, cut short or replaced.
@Suite struct LineFollowerTests {
    let pad = Scratchpad()

    private func append(_ path: String, _ text: String) throws {
        let handle = try #require(FileHandle(forWritingAtPath: path))
        try handle.seekToEnd()
        try handle.write(contentsOf: Data(text.utf8))
        try handle.close()
    }

    /// Everything until nothing comes any more, as `number offset text`.
    private func lines(_ follower: LineFollower) throws -> [String] {
        var result = [String](), idle = 0
        while idle < 3 {
            let step = try follower.read(waiting: 0) {
                result.append("\($0.number) \($0.offset) \(String(decoding: $0.bytes, as: UTF8.self))\($0.wasCut ? " cut" : "")")
                #expect(($0.bytes.baseAddress! + $0.bytes.count).pointee == 0x0A || ($0.bytes.baseAddress! + $0.bytes.count).pointee == 0x0D)
            }
            if step == .end { break }
            idle = step == .idle ? idle + 1 : 0
        }
        return result
    }

    @Test func lastLinesAndBlankOnes() throws {
        let path = pad.file("log", "one\r\n\ntwo\n\r\nthree")
        #expect(try lines(LineFollower(path: path)) == ["1 0 one", "3 6 two", "5 12 three"])
        #expect(try lines(LineFollower(path: pad.file("empty", ""))) == [])
        // What may still grow is waited for.
        let follower = try LineFollower(path: path, follows: true)
        #expect(try lines(follower) == ["1 0 one", "3 6 two"])
        try append(path, "fold")
        #expect(try lines(follower) == [])
        try append(path, "\nfour\n")
        #expect(try lines(follower) == ["5 12 threefold", "6 22 four"] && follower.changes == [])
        #expect(follower.text(at: 12) == "threefold" && follower.text(at: 0) == "one")
    }

    @Test func rotationByRenaming() throws {
        let path = pad.file("log", "one\n"), follower = try LineFollower(path: path, follows: true)
        #expect(try lines(follower) == ["1 0 one"])
        try FileManager.default.moveItem(atPath: path, toPath: path + ".1")
        #expect(try lines(follower) == [])
        // The writer has not noticed yet, and leaves a line unfinished.
        try append(path + ".1", "late\nlast")
        _ = pad.file("log", "new\n")
        #expect(try lines(follower) == ["2 4 late", "3 9 last", "1 0 new"] && follower.changes == [.rotated])
        try append(path, "newer\n")
        #expect(try lines(follower) == ["2 4 newer"])
    }

    @Test func truncation() throws {
        let path = pad.file("log", "one\ntwo\n"), follower = try LineFollower(path: path, follows: true)
        #expect(try lines(follower).count == 2)
        let handle = try #require(FileHandle(forWritingAtPath: path))
        try handle.truncate(atOffset: 0)
        try handle.close()
        try append(path, "a\n")
        #expect(try lines(follower) == ["1 0 a"] && follower.changes == [.truncated])
    }

    /// Cut short between two looks, and longer than it was at the second: other bytes at its beginning, or before the place, tell.
    @Test(arguments: ["alpha\nbeta\ngamma\n", "one\ntwo-and\nthree\n", "one\nwot\nthree\n"]) func regrown(text: String) throws {
        let path = pad.file("log", "one\ntwo\nunfin"), follower = try LineFollower(path: path, follows: true)
        func rewrite(_ text: String) throws {
            let handle = try #require(FileHandle(forWritingAtPath: path))
            try handle.truncate(atOffset: 0)
            try handle.close()
            try append(path, text)
        }
        #expect(try lines(follower) == ["1 0 one", "2 4 two"])
        try rewrite(text)
        let whole = try lines(LineFollower(path: path))
        #expect(try lines(follower) == whole && whole.count == 3 && follower.changes == [.truncated])
        try append(path, "more\n")
        #expect(try lines(follower).map { String($0.suffix(4)) } == ["more"] && follower.changes.count == 1)
        // After a restart it is noticed as well, and far behind the first bytes.
        try append(path, (0 ..< 100).map { "line \($0)\n" }.joined())
        _ = try lines(follower)
        let again = try LineFollower(path: path, follows: true, from: follower.resumable)
        #expect(try lines(again) == [])
        try rewrite(text + "more\n" + (0 ..< 200).map { "line \($0 == 98 ? 8 : $0)\n" }.joined())
        #expect(try lines(again).count == 204 && again.changes == [.truncated])
    }

    /// What only grows is never read twice, in whatever pieces it comes.
    @Test func grownInPieces() throws {
        let path = pad.file("log", ""), follower = try LineFollower(path: path, follows: true), text = (0 ..< 60).map { "line \($0 * $0)\n" }.joined()
        var found = [String](), rest = text[...], step = 1
        while !rest.isEmpty {
            try append(path, String(rest.prefix(step)))
            (rest, step) = (rest.dropFirst(step), step % 23 + 1)
            found += try lines(follower)
        }
        #expect(found.count == 60 && follower.changes == [] && follower.position.offset == text.utf8.count)
    }

    /// Ten million bytes without a line feed are one line, cut at the limit; lines at the limit are whole.
    @Test func longLines() throws {
        let long = String(repeating: "x", count: 10_000_000)
        let path = pad.file("log", "a\n" + long + "\nb\n" + String(long.prefix(8)) + "\r\n" + String(long.prefix(9)) + "\nc\n")
        let found = try lines(LineFollower(path: path, limit: 8))
        #expect(found == ["1 0 a", "2 2 xxxxxxxx cut", "3 10000003 b", "4 10000005 xxxxxxxx", "5 10000015 xxxxxxxx cut", "6 10000025 c"])
        let open = try lines(LineFollower(path: pad.file("open", "a\n" + long), limit: 1_000))
        #expect(open == ["1 0 a", "2 2 \(long.prefix(1_000)) cut"])
    }

    /// A line that comes byte by byte is whole when its end comes, even where it is as long as the limit.
    @Test func limitIsReachedBeforeTheEndComes() throws {
        let path = pad.file("log", "12345678"), follower = try LineFollower(path: path, follows: true, limit: 8)
        #expect(try lines(follower) == [])
        try append(path, "\r")
        #expect(try lines(follower) == [])
        try append(path, "\nnext\n")
        #expect(try lines(follower) == ["1 0 12345678", "2 10 next"])
    }

    @Test func goesOnWhereItWas() throws {
        let path = pad.file("log", "one\ntwo\n"), first = try LineFollower(path: path)
        #expect(try lines(first).count == 2)
        try append(path, "three\n")
        let again = try LineFollower(path: path, from: first.resumable)
        #expect(try lines(again) == ["3 8 three"] && again.changes == [])
        // The place survives being written down.
        let place = try JSONDecoder().decode(LineFollower.Position.self, from: JSONEncoder().encode(again.resumable))
        #expect(try lines(LineFollower(path: path, from: place)) == [])
        // Renamed by a rotation while nobody looked: what was left in the old file comes first.
        try FileManager.default.moveItem(atPath: path, toPath: path + ".1")
        try append(path + ".1", "four\n")
        _ = pad.file("log", "five\n")
        let rotated = try LineFollower(path: path, follows: true, from: place)
        #expect(try lines(rotated) == ["4 14 four", "1 0 five"] && rotated.changes == [.rotated])
    }

    /// The same file with other bytes, and another file of the same name, are read from their beginning.
    @Test func replacedFiles() throws {
        let path = pad.file("log", "one\ntwo\n"), first = try LineFollower(path: path)
        _ = try lines(first)
        let place = first.resumable, handle = try #require(FileHandle(forWritingAtPath: path))
        try handle.write(contentsOf: Data("uno\ndue\ntre\n".utf8))
        try handle.close()
        let other = try LineFollower(path: path, from: place)
        #expect(try lines(other).count == 3 && other.changes == [.replaced])
        try FileManager.default.removeItem(atPath: path)
        _ = pad.file("other", "hold the number")
        _ = pad.file("log", "one\ntwo\nthree\n")
        let fresh = try LineFollower(path: path, from: other.resumable)
        #expect(try lines(fresh).count == 3 && fresh.changes == [.replaced])
    }

    /// An archive is gone on with where it unpacks to the bytes that were read, be it packed since; any other is read from its beginning.
    @Test func archivesOfOtherDays() throws {
        let plain = pad.file("log", "one\ntwo\n"), archive = pad.file("log.gz", try gzipped(plain))
        let first = try LineFollower(path: archive), log = try LineFollower(path: plain)
        #expect(try lines(first).count == 2 && lines(log).count == 2)
        for place in [first.resumable, log.resumable] {
            #expect(try lines(LineFollower(path: archive, from: place)) == [])
            try append(plain, "three\n")
            _ = pad.file("log.gz", try gzipped(plain))
            let longer = try LineFollower(path: archive, from: place)
            #expect(try lines(longer).first == "3 8 three" && longer.changes == [])
            _ = pad.file("log", "one\ntwo\n")
            _ = pad.file("log.gz", try gzipped(plain))
        }
        for text in ["uno\ndue\ntre\n", "one\n"] {
            _ = pad.file("other", text)
            let other = pad.file("other.gz", try gzipped(pad.place("other"))), again = try LineFollower(path: other, from: first.resumable)
            #expect(try lines(again).count == text.split(separator: "\n").count && again.changes == [.replaced])
        }
        // Alike for longer than the header of a table.
        let header = String(repeating: "column,", count: 200)
        _ = pad.file("monday", header + "\n1\n")
        _ = pad.file("tuesday", header + "\n2\n3\n")
        let monday = try LineFollower(path: pad.file("monday.gz", try gzipped(pad.place("monday"))))
        _ = try lines(monday)
        let tuesday = try LineFollower(path: pad.file("tuesday.gz", try gzipped(pad.place("tuesday"))), from: monday.resumable)
        #expect(try lines(tuesday).count == 3 && tuesday.changes == [.replaced])
    }

    /// A file to follow that is not there yet is waited for, and what log rotation renamed before it is read first.
    @Test func awaited() throws {
        let path = pad.place("log"), follower = try LineFollower(path: path, follows: true)
        #expect(try follower.isAwaited && lines(follower) == [])
        _ = pad.file("log", "one\n")
        #expect(try lines(follower) == ["1 0 one"] && !follower.isAwaited)
        try append(path, "two\n")
        #expect(try lines(follower) == ["2 4 two"])
        // Gone with its place, as behind a disk that is not there yet, or renamed.
        let place = follower.resumable
        try append(path, "three\n")
        try FileManager.default.moveItem(atPath: path, toPath: pad.place("away"))
        let late = try LineFollower(path: path, follows: true, from: place)
        #expect(try lines(late) == [] && late.resumable == place)
        try FileManager.default.moveItem(atPath: pad.place("away"), toPath: path)
        #expect(try lines(late) == ["3 8 three"] && late.changes == [])
        try FileManager.default.moveItem(atPath: path, toPath: path + ".1")
        let renamed = try LineFollower(path: path, follows: true, from: place)
        #expect(try !renamed.isAwaited && lines(renamed) == ["3 8 three"])
        _ = pad.file("log", "new\n")
        #expect(try lines(renamed) == ["1 0 new"] && renamed.changes == [.rotated])
        expectError(.cannotRead, "nosuch") { try LineFollower(path: pad.place("nosuch")) }
    }

    @Test func archivesAndRefusals() throws {
        let plain = pad.file("log", "one\ntwo\n"), archive = pad.file("log.gz", try gzipped(plain)), follower = try LineFollower(path: archive)
        #expect(try lines(follower) == ["1 0 one", "2 4 two"] && !follower.isRegular)
        expectError(.usage, "gzipped") { try LineFollower(path: archive, follows: true) }
        expectError(.cannotRead, "nosuch") { try LineFollower(path: pad.place("nosuch")) }
        expectError(.cannotRead, "directory") { try LineFollower(path: pad.path) }
    }
}
