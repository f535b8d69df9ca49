import CommandDriver
import Testing

/// Frames and models of frames that are none.
@Suite struct FrameFileTests {
    let place: Workplace

    init() throws { place = try Workplace() }

    @Test func refused() throws {
        for (name, text, parts) in [("gap.csv", "a,b\n1,2\n3,\n", ["gap.csv:3", "missing"]), ("text.csv", "a,b\n1,2\n3,red\n", ["text.csv:3", "'b'", "--ignore"]), ("few.csv", "a,b\n1,2\n", ["few.csv", "too few"]),
                                    ("none.csv", "a,b\n", ["none.csv", "no frame"]), ("ragged.csv", "a,b\n1,2\n3\n", ["ragged.csv:3"]), ("roll.json", "{\"train\": [[[-4]]]}", ["roll.json", "the key -4"])] {
            try place.file(name, text)
            for part in parts { try place.expectRefusal(65, part, by: ["fit", "frames", name, "--out", "x.gibbs"]) }
        }
        try place.file("still.csv", "a,b\n" + (0 ..< 50).map { "7,\($0)\n" }.joined())
        try place.expectRefusal(65, "'a'", "same value", by: ["fit", "frames", "still.csv", "--out", "x.gibbs"])
        try place.file("two.json", "{\"a\": [[[1]]], \"b\": [[[1]]]}")
        try place.expectRefusal(64, "--part", "a, b", by: ["fit", "frames", "two.json", "--out", "x.gibbs"])
        try place.expectRefusal(64, "--history", by: ["fit", "frames", "still.csv", "--ignore", "a", "--out", "x.gibbs", "--history", "-1"])
        #expect(!place.exists("x.gibbs"))
    }

    @Test func damagedModels() throws {
        try place.file("good.csv", "a,b\n" + (0 ..< 60).map { "\($0 * 37 % 11),\($0 % 2)\n" }.joined())
        try place.expectSuccess("fit", "frames", "good.csv", "--out", "m.gibbs", "--hidden", "3", "--epochs", "2")
        let good = try place.bytes("m.gibbs")
        for count in [9, 200, good.count / 2, good.count - 1] {
            try place.file("bad.gibbs", Array(good.prefix(count)))
            for verb in [["inspect", "bad.gibbs"], ["score", "bad.gibbs", "good.csv"], ["evaluate", "bad.gibbs", "good.csv"]] { try place.expectRefusal(65, "bad.gibbs", by: verb) }
        }
        for step in stride(from: 8, to: good.count, by: max(1, good.count / 80)) {
            var bytes = good
            bytes[step] ^= 0x11
            try place.file("bad.gibbs", bytes)
            let outcome = try place.gibbs("score", "bad.gibbs", "good.csv", "--explain-all")
            #expect(outcome.signal == nil && [0, 65].contains(outcome.status), "byte \(step): \(outcome)")
        }
        try place.expectRefusal(65, "good.csv", "1 columns", by: ["score", "m.gibbs", "good.csv", "--ignore", "b"])
        try place.expectRefusal(64, "at least one", by: ["evaluate", "m.gibbs", "good.csv", "--limit", "0"])
    }
}
