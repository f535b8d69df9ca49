import CommandDriver
import Foundation
import Testing

/// A file of any size is scored within the same memory.
@Suite(.enabled(if: FileManager.default.fileExists(atPath: "/proc/self/status"), "the system does not tell a process's peak memory"))
struct MemoryTests {
    /// Megabytes of the file; GIBBS_TEST_MEGABYTES makes it larger.
    static let megabytes = ProcessInfo.processInfo.environment["GIBBS_TEST_MEGABYTES"].flatMap(Int.init) ?? 200
    static let allowed = 128 << 20

    @Test func scoringALargeFile() throws {
        let place = try Office.copy("calm.csv", "today.csv")
        let options = ["--label", "label", "--normal", "normal", "--ignore", "time", "--model", "categorical", "--out", "m.gibbs"]
        #expect(try place.gibbs(["fit", "table", "calm.csv"] + options).status == 0)
        let text = try place.bytes("today.csv"), header = text.prefix { $0 != 10 } + [10], body = text.dropFirst(header.count)
        let copies = Self.megabytes << 20 / body.count
        let large = try #require(FileHandle(forWritingAtPath: place.place(place.file("large.csv", Array(header)))))
        large.seekToEndOfFile()
        for _ in 0 ..< copies { large.write(Data(body)) }
        large.closeFile()

        let run = try place.start(["score", "m.gibbs", "large.csv", "--alerts", "--out", "alerts.ndjson"])
        var peak = 0
        while run.isRunning {
            peak = max(peak, run.peakMemory ?? 0)
            usleep(20_000)
        }
        let outcome = try run.finish()
        #expect(outcome.status == 0, "\(outcome)")
        #expect(peak > 0 && peak < Self.allowed, "\(peak >> 20) MiB for a file of \(Self.megabytes) MB")
        let once = try place.gibbs("score", "m.gibbs", "today.csv", "--alerts").lines.count
        #expect(once > 0)
        #expect(try place.text("alerts.ndjson").utf8.count { $0 == 10 } == once * copies, "every copy of the records raises the same alerts")
    }
}
