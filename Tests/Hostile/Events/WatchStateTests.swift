import CommandDriver
import Foundation
import Testing

/// States that cannot be gone on with: refused with advice, and left as they are.
@Suite struct WatchStateTests {
    let place: Workplace, good: [UInt8]

    init() throws {
        place = try SmallStream.copy("attack.ndjson")
        try place.expectState()
        good = try place.bytes("m.gibbs.state")
    }

    private func refused(_ bytes: [UInt8], _ part: String, _ more: String..., sourceLocation: SourceLocation = #_sourceLocation) throws {
        try place.file("m.gibbs.state", bytes)
        try place.expectRefusal(65, "m.gibbs.state", part, by: ["watch", "m.gibbs", "attack.ndjson"] + more, sourceLocation: sourceLocation)
        #expect(try place.bytes("m.gibbs.state") == bytes, sourceLocation: sourceLocation)
    }

    @Test func damaged() throws {
        for step in stride(from: 0, to: good.count, by: good.count / 12) {
            var bytes = good
            bytes[step] ^= 0x10
            try refused(bytes, "state")
            try refused(Array(good.prefix(step)), "state")
        }
        try refused(good + [0], "damaged")
        try refused([], "is no state")
        try refused(Array("{\"not\": \"a state\"}".utf8) + [UInt8](repeating: 0, count: 40), "is no state")
        // What is no state is not replaced by one either.
        try refused(Array("dear diary".utf8), "would be replaced", "--cold")
    }

    @Test func ofAnotherModel() throws {
        let normal = try SmallStream.shared.get().place.place("normal.ndjson")
        #expect(try place.gibbs(["fit", "events", normal, "--out", "n.gibbs", "--epochs", "2"] + SmallStream.columns).status == 0)
        let before = try place.bytes("m.gibbs.state")
        try place.expectRefusal(65, "m.gibbs.state", "another model", by: ["watch", "n.gibbs", "attack.ndjson", "--state", "m.gibbs.state"])
        #expect(try place.bytes("m.gibbs.state") == before)
        // A calibration changes no score, so that the state stays good.
        #expect(try place.gibbs("calibrate", "m.gibbs", normal, "--false-alarms", "5%").status == 0)
        #expect(try place.gibbs("watch", "m.gibbs", "attack.ndjson").status == 0)
    }

    @Test func places() throws {
        try FileManager.default.createDirectory(atPath: place.place("folder"), withIntermediateDirectories: true)
        for more in [[], ["--cold"]] { try place.expectRefusal(66, "folder", by: ["watch", "m.gibbs", "attack.ndjson", "--state", "folder"] + more) }
        try place.expectRefusal(73, "nowhere/s", by: ["watch", "m.gibbs", "attack.ndjson", "--state", "nowhere/s"])
        if getuid() != 0 {
            #expect(chmod(place.place("m.gibbs.state"), 0) == 0)
            try place.expectRefusal(66, "m.gibbs.state", by: ["watch", "m.gibbs", "attack.ndjson"])
        }
    }

    @Test func hostilePast() throws {
        try FileManager.default.removeItem(atPath: place.place("m.gibbs.state"))
        let past = try place.bytes("m.gibbs.past")
        for bytes in [Array(past.prefix(past.count / 2)), past + past, Array("no".utf8), []] as [[UInt8]] {
            try place.file("m.gibbs.past", bytes)
            for verb in [["watch", "m.gibbs", "attack.ndjson"], ["score", "m.gibbs", "attack.ndjson"], ["evaluate", "m.gibbs", "attack.ndjson", "--label", "label", "--normal", "normal"]] {
                try place.expectRefusal(65, "m.gibbs.past", by: verb)
            }
            #expect(try place.bytes("m.gibbs.past") == bytes)
        }
        try FileManager.default.removeItem(atPath: place.place("m.gibbs.past"))
        let without = try place.gibbs("watch", "m.gibbs", "attack.ndjson", "--dry-run")
        #expect(without.status == 0 && without.errors.contains("there is no m.gibbs.past"), "\(without)")
    }
}

extension Workplace {
    fileprivate func expectState() throws {
        let watch = try gibbs("watch", "m.gibbs", "attack.ndjson")
        #expect(watch.status == 0 && exists("m.gibbs.state"), "\(watch)")
    }
}
