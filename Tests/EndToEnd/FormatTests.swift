import CommandDriver
import Foundation
import Testing

/// The same records in any container give the same model and the same energies.
@Suite struct FormatTests {
    let place: Workplace
    let rows: [[Double]] = (0 ..< 300).map { i in
        let angle = Double(i) * 0.7
        return [sin(angle), cos(angle) + Double(i % 7) / 10, Double(i * i % 101)]
    }

    init() throws {
        place = try Workplace()
        let cells = rows.map { $0.map { "\($0)" } }
        let csv = "c1,c2,c3\n" + cells.map { $0.joined(separator: ",") + "\n" }.joined()
        try place.file("data.csv", csv)
        try place.file("data.tsv", csv.replacing(",", with: "\t"))
        try place.file("semicolons.csv", csv.replacing(",", with: ";"))
        try place.file("bare.csv", csv.split(separator: "\n").dropFirst().joined(separator: "\n"))
        try place.file("windows.csv", "\u{FEFF}" + csv.replacing("\n", with: "\r\n"))
        try place.file("data.ndjson", cells.map { "{\"c1\":\($0[0]),\"c2\":\($0[1]),\"c3\":\($0[2])}\n" }.joined())
        try place.file("data.npy", Containers.npy(rows))
        try place.file("data.npz", Containers.zip("X.npy", Containers.npy(rows)))
        Containers.gzip(Array(csv.utf8), to: place.place("data.csv.gz"))
        let values = cells.map { "(" + $0.joined(separator: ",") + ")" }.joined(separator: ",")
        #expect(Containers.sqlite("CREATE TABLE flows (c1 REAL, c2 REAL, c3 REAL); INSERT INTO flows VALUES \(values)", to: place.place("data.sqlite")))
        #expect(try place.gibbs("fit", "table", "data.csv", "--out", "csv.gibbs").status == 0)
    }

    /// The file and the options that reading it takes.
    static let containers: [[String]] = [
        ["data.tsv"], ["semicolons.csv"], ["bare.csv", "--no-header"], ["windows.csv"], ["data.ndjson"], ["data.npy"], ["data.npz"],
        ["data.csv.gz"], ["data.sqlite", "--table", "flows"],
    ]

    @Test(arguments: containers) func sameEnergies(container: [String]) throws {
        let expected = try place.gibbs("score", "csv.gibbs", "data.csv").energies
        #expect(expected.count == rows.count)
        let scored = try place.gibbs(["score", "csv.gibbs"] + container)
        #expect(scored.status == 0, "\(scored)")
        #expect(try scored.energies == expected)
        let fitted = try place.gibbs(["fit", "table"] + container + ["--out", "other.gibbs"])
        #expect(fitted.status == 0, "\(fitted)")
        #expect(try place.gibbs("score", "other.gibbs", "data.csv").energies == expected)
    }

    @Test(arguments: [("data.csv", "csv"), ("data.csv.gz", "csv"), ("data.ndjson", "ndjson"), ("data.npy", "npy"), ("data.npz", "npz")])
    func standardInput(file: String, format: String) throws {
        let expected = try place.gibbs("score", "csv.gibbs", file)
        let piped = try place.gibbs("score", "csv.gibbs", "-", "--format", format, input: file)
        #expect(piped.status == 0, "\(piped)")
        #expect(piped.output == expected.output)
        let shell = try place.shell("cat \(file) | \"$GIBBS\" score csv.gibbs - --format \(format)")
        #expect(shell.output == expected.output, "\(shell)")
    }

    @Test func fitFromAPipe() throws {
        let outcome = try place.shell("cat data.csv | \"$GIBBS\" fit table - --format csv --out piped.gibbs")
        #expect(outcome.status == 0, "\(outcome)")
        #expect(try place.bytes("piped.gibbs") == place.bytes("csv.gibbs"))
        #expect(try place.contents.allSatisfy { !$0.hasPrefix("tmp/") })
    }
}
