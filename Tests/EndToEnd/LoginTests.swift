import CommandDriver
import Foundation
import Testing

/// `gibbs simulate logins` by the real binary.
@Suite struct LoginTests {
    let place: Workplace

    init() throws { place = try Workplace() }

    private static let attacked = ["--users", "300", "--days", "2", "--start-day", "14", "--campaigns", "stuffing=2,spraying=1,slow=1", "--key", "2"]

    private func simulate(_ options: [String], to name: String) throws {
        let outcome = try place.gibbs(["simulate", "logins"] + options + ["--out", name])
        #expect(outcome.status == 0 && outcome.output == "" && outcome.errors == "", "\(outcome)")
    }

    @Test func linesAndRows() throws {
        try simulate(Self.attacked, to: "a.ndjson")
        try simulate(Self.attacked, to: "a.csv")
        let fields = ["time", "user", "address", "country", "device", "outcome", "label", "campaign"]
        let lines = try place.text("a.ndjson").split(separator: "\n"), rows = try place.text("a.csv").split(separator: "\n")
        #expect(rows[0] == fields.joined(separator: ",") && rows.count == lines.count + 1 && lines.count > 600)
        for (line, row) in zip(lines, rows.dropFirst()) {
            let object = try #require(JSONSerialization.jsonObject(with: Data(line.utf8)) as? [String: String])
            #expect(fields.map { object[$0] ?? "absent" } == row.split(separator: ",", omittingEmptySubsequences: false).map(String.init))
            #expect(object["time"]?.wholeMatch(of: /2026-03-1[67]T\d\d:\d\d:\d\d\.\d{3}Z/) != nil)
            #expect(object["address"]?.wholeMatch(of: /2(4\d|5[0-5])(\.\d{1,3}){3}/) != nil)
            #expect((object["label"] == "normal") == (object["campaign"] == ""))
        }
        let campaigns = Set(rows.dropFirst().compactMap { $0.split(separator: ",", omittingEmptySubsequences: false).last }.filter { !$0.isEmpty })
        #expect(campaigns == ["stuffing-1", "stuffing-2", "spraying-1", "slow-1"])
        #expect(Set(zip(lines, lines.dropFirst()).map { $0.prefix(34) <= $1.prefix(34) }) == [true])
        #expect(try place.gibbs(["simulate", "logins"] + Self.attacked).output == place.text("a.ndjson"))
    }

    /// Two days of a week, asked for alone, are those two days.
    @Test func aRangeContinuesACompany() throws {
        try simulate(["--users", "200", "--days", "4", "--key", "7"], to: "four.csv")
        try simulate(["--users", "200", "--days", "2", "--start-day", "2", "--key", "7"], to: "two.csv")
        let later = try place.text("four.csv").split(separator: "\n").filter { $0 >= "2026-03-04" && $0 < "2026-03-06" }
        #expect(try place.text("two.csv").split(separator: "\n").dropFirst() == later[...])
        try simulate(["--users", "200", "--days", "2", "--start-day", "2", "--key", "8"], to: "other.csv")
        #expect(try place.bytes("other.csv") != place.bytes("two.csv"))
        try simulate(["--users", "200", "--days", "2", "--start-day", "2", "--key", "7", "--population-key", "2"], to: "company.csv")
        #expect(try place.bytes("company.csv") != place.bytes("two.csv"))
    }

    @Test func ctrlCLeavesNoFile() throws {
        let terminal = try #require(Terminal())
        let run = try place.start(["simulate", "logins", "--users", "20000", "--days", "3000", "--out", "long.csv"], errors: terminal.writer)
        terminal.writer.closeFile()
        terminal.wait(for: "days")
        run.send(SIGINT)
        let seen = terminal.wait(for: nil), outcome = try run.finish()
        #expect(outcome.status == 130 && seen.contains("nothing was written"), "\(outcome) \(seen.suffix(200))")
        #expect(try place.contents.isEmpty)
    }
}
