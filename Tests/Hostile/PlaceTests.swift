import CommandDriver
import Foundation
import Testing

/// Paths that lead nowhere, or to the wrong thing. Permission bits do not stop root, so no test relies on them.
@Suite struct PlaceTests {
    let place: Workplace

    init() throws {
        place = try .fitted()
        for name in ["folder", "folder.csv", "folder.sqlite"] {
            try FileManager.default.createDirectory(atPath: place.place(name), withIntermediateDirectories: false)
        }
    }

    private static let fit = ["fit", "table", "data.csv"]

    @Test func directoryAsData() throws {
        for name in ["folder.csv", "folder.sqlite"] {
            try place.expectRefusal(66, name, "directory", by: ["fit", "table", name, "--out", "new.gibbs"])
            try place.expectRefusal(66, name, "directory", by: ["score", "m.gibbs", name, "--out", "scores"])
        }
    }

    @Test func directoryAsModel() throws {
        for verb in [["inspect", "folder"], ["score", "folder", "data.csv"], ["calibrate", "folder", "data.csv"], ["evaluate", "folder", "data.csv"]] {
            try place.expectRefusal(66, "folder", "directory", by: verb)
        }
    }

    @Test func directoryAsOutput() throws {
        for verb in [Self.fit, ["score", "m.gibbs", "data.csv"], ["calibrate", "m.gibbs", "data.csv"], ["simulate", "connections"]] {
            try place.expectRefusal(73, "folder", "directory", by: verb + ["--out", "folder"])
            try place.expectRefusal(73, "nosuch/x", "No such file", by: verb + ["--out", "nosuch/x"])
            try place.expectRefusal(73, "data.csv/x", by: verb + ["--out", "data.csv/x"])
        }
        #expect(try FileManager.default.contentsOfDirectory(atPath: place.place("folder")) == [])
    }

    @Test(.enabled(if: FileManager.default.fileExists(atPath: "/dev/full"), "this system has no full device"))
    func fullDisk() throws {
        for verb in [["score", "m.gibbs", "data.csv"], ["simulate", "connections"], Self.fit, ["calibrate", "m.gibbs", "data.csv"]] {
            try place.expectRefusal(73, "/dev/full", "No space", by: verb + ["--out", "/dev/full"])
        }
        let printed = try place.shell("\"$GIBBS\" score m.gibbs data.csv > /dev/full")
        #expect(printed.status == 73 && printed.errors.contains("standard output"), "\(printed)")
    }

    @Test func noFile() throws {
        for verb in [["inspect", "none"], ["score", "none", "data.csv"], ["score", "m.gibbs", "none.csv"], ["fit", "table", "none.sqlite", "--out", "new.gibbs"],
                     ["fit", "table", "none.npz", "--out", "new.gibbs"], ["evaluate", "m.gibbs", "data.csv", "--negatives", "none.csv"]] {
            try place.expectRefusal(66, "none", "No such file", by: verb)
        }
    }

    /// An old model stays when a new one cannot be made.
    @Test func refusalKeepsTheOldFile() throws {
        let before = try place.bytes("m.gibbs")
        try place.file("bad.csv", "size,kind\n1\n")
        try place.expectRefusal(65, by: ["fit", "table", "bad.csv", "--out", "m.gibbs"])
        try place.expectRefusal(65, by: ["calibrate", "m.gibbs", "data.csv", "--false-alarms", "0.00001"])
        #expect(try place.bytes("m.gibbs") == before)
    }

    /// Calibrating on the very file of the fit is allowed, but said.
    @Test func calibratingOnTheFitIsSaid() throws {
        let outcome = try place.gibbs("calibrate", "m.gibbs", "data.csv", "--false-alarms", "0.1")
        #expect(outcome.status == 0 && outcome.errors.contains("fitted to"))
    }

    /// A link stays a link, and what it points to is replaced.
    @Test func outputThroughALink() throws {
        try FileManager.default.createSymbolicLink(atPath: place.place("link"), withDestinationPath: "m.gibbs")
        let data = String(decoding: try place.bytes("data.csv"), as: UTF8.self)
        try place.file("fresh.csv", data + data.split(separator: "\n").last! + "\n")
        try place.expectSuccess("calibrate", "link", "fresh.csv", "--label", "label", "--normal", "normal", "--false-alarms", "0.1")
        #expect(try FileManager.default.destinationOfSymbolicLink(atPath: place.place("link")) == "m.gibbs")
        #expect(try place.gibbs("inspect", "m.gibbs").output.contains("10 %"))
    }
}
