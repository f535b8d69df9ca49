import CKernels
import Foundation
import GibbsData
import GibbsEvents
import GibbsNumerics
import GibbsTestSupport
import Testing

/// A monitor as a file: it goes on as though nothing had happened; what a file claims is looked at.
@Suite struct StreamSnapshotTests {
    private let path = NSTemporaryDirectory() + "stream-\(UUID().uuidString).state"

    private func bits(_ monitor: inout StreamMonitor, _ events: ArraySlice<SmallLog.Event>) -> (scores: [[UInt32]], alerts: [StreamAlert]) {
        var scores = [[UInt32]]()
        let alerts = monitor.observe(SmallLog.batch(events)) { scores.append([$0.surprise, $0.gain, $0.score].map(\.bitPattern)) }
        return (scores, alerts)
    }

    @Test(arguments: [false, true]) func goesOn(learns: Bool) throws {
        let watchdog = try SmallLog.watchdog.get(), events = SmallLog.attack
        defer { try? FileManager.default.removeItem(atPath: path) }
        for cut in [0, 1, events.count / 3, events.count / 2, events.count - 1] {
            var whole = watchdog.monitor()
            if learns { try whole.learn(with: Frequencies(of: watchdog.measure.model, halfLife: 200)) }
            _ = bits(&whole, events[..<cut])
            try StreamSnapshot(whole, place: "partition 3, \(cut)").write(to: path, model: watchdog.fingerprint)
            let read = try StreamSnapshot(contentsOf: path, of: watchdog)
            var copy = read.monitor
            #expect(read.place == "partition 3, \(cut)" && copy.counters == whole.counters && copy.entityCount == whole.entityCount && copy.frequencies == whole.frequencies)
            let (a, b) = (bits(&whole, events[cut...]), bits(&copy, events[cut...]))
            #expect(close(a.scores, b.scores) && a.alerts.map(\.id) == b.alerts.map(\.id) && whole.counters == copy.counters, "cut at \(cut)")
            if cut == events.count / 2 { #expect(!a.alerts.isEmpty) }
        }
    }

    private func close(_ a: [[UInt32]], _ b: [[UInt32]]) -> Bool { a == b }

    /// With room for fewer, the entities seen last are kept.
    @Test func fewerEntities() throws {
        let watchdog = try SmallLog.watchdog.get()
        defer { try? FileManager.default.removeItem(atPath: path) }
        var monitor = watchdog.monitor()
        _ = bits(&monitor, SmallLog.attack[...])
        try StreamSnapshot(monitor).write(to: path, model: watchdog.fingerprint)
        var few = try StreamSnapshot(contentsOf: path, of: watchdog, limit: 5).monitor
        #expect(few.entityCount == 5 && few.droppedEntities == monitor.entityCount - 5)
        _ = bits(&few, SmallLog.attack[...])
        #expect(few.entityCount == 5)
    }

    /// A file whose sum is right and whose claims are not: refused, or read and harmless.
    @Test func hostileClaims() throws {
        let watchdog = try SmallLog.watchdog.get()
        defer { try? FileManager.default.removeItem(atPath: path) }
        var monitor = watchdog.monitor()
        _ = bits(&monitor, SmallLog.attack[...])
        try StreamSnapshot(monitor).write(to: path, model: watchdog.fingerprint)
        let good = [UInt8](try Data(contentsOf: URL(fileURLWithPath: path))), length = Int(good[8]) | Int(good[9]) << 8 | Int(good[10]) << 16
        let header = String(decoding: good[16 ..< 16 + length], as: UTF8.self), body = good[(16 + length)...].dropLast(8)
        func write(_ header: String, _ body: some Sequence<UInt8>) throws {
            var bytes = good[..<8] + withUnsafeBytes(of: UInt64(header.utf8.count).littleEndian) { Array($0) } + Array(header.utf8) + Array(body)
            let sum = bytes.withUnsafeBufferPointer { gk_hash($0.baseAddress!, $0.count, 0) }
            withUnsafeBytes(of: sum.littleEndian) { bytes.append(contentsOf: $0) }
            try Data(bytes).write(to: URL(fileURLWithPath: path))
        }
        try write(header, body)
        _ = try StreamSnapshot(contentsOf: path, of: watchdog)
        for (name, values) in [("rows", ["-1", "0", "3", "1000000000000"]), ("groups", ["-1", "2", "99999999"]), ("dropped", ["-1", "9223372036854775807"]), ("events", ["-5", "9223372036854775807"]),
                               ("days", ["0", "999"]), ("tallies", ["-1", "70"]), ("history", ["0", "9"])] {
            for value in values {
                let changed = header.replacing(try Regex("\"\(name)\":[0-9]+"), with: "\"\(name)\":\(value)", maxReplacements: 1)
                #expect(changed != header)
                try write(changed, body)
                #expect(checkRefusal([.unsuitableData], "\(name) = \(value)") { _ = try StreamSnapshot(contentsOf: path, of: watchdog) } == [])
            }
        }
        // Every stretch of the arrays in turn says something wild.
        for wild: UInt8 in [0xFF, 0x7F, 0x80] {
            for first in stride(from: body.startIndex, to: body.endIndex, by: max(1, body.count / 40)) {
                var changed = body
                for index in first ..< min(first + 64, body.endIndex) { changed[index] = wild }
                try write(header, changed)
                guard var read = try? StreamSnapshot(contentsOf: path, of: watchdog).monitor else { continue }
                let (scores, _) = bits(&read, SmallLog.attack[...])
                #expect(scores.count == SmallLog.attack.count)
            }
        }
    }
}
