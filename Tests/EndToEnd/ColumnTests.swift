import CommandDriver
import Foundation
import Testing

/// What may differ between the data of a fit and the data of a score.
@Suite struct ColumnTests {
    let place: Workplace

    init() throws {
        place = try Workplace()
        let rows = (0 ..< 400).map { "\(20 + $0 * 37 % 11),\(["tcp", "udp", "icmp"][$0 % 10 < 6 ? 0 : $0 % 10 < 9 ? 1 : 2]),\($0 % 2 == 0)" }
        try place.file("data.csv", "size,protocol,secure\n" + rows.joined(separator: "\n") + "\n")
        #expect(try place.gibbs("fit", "table", "data.csv", "--out", "m.gibbs").status == 0)
    }

    private func energies(_ text: String, _ options: String...) throws -> [Double] {
        try place.file("new.csv", text)
        let outcome = try place.gibbs(["score", "m.gibbs", "new.csv"] + options)
        #expect(outcome.status == 0, "\(outcome)")
        return try outcome.energies
    }

    @Test func orderAndExtras() throws {
        let expected = try energies("size,protocol,secure\n24,tcp,true\n30,udp,false\n")
        #expect(expected.count == 2 && expected.allSatisfy { $0.isFinite })
        #expect(try energies("secure,size,protocol\ntrue,24,tcp\nfalse,30,udp\n") == expected)
        #expect(try energies("note,secure,size,more,protocol\nx,true,24,\"a,b\",tcp\n,false,30,,udp\n") == expected)
    }

    @Test func unseenAndMissing() throws {
        let scores = try energies("size,protocol,secure\n24,tcp,true\n24,carrier pigeon,true\n,tcp,true\n24,,\n,,\n24,tcp,perhaps\n")
        #expect(scores.count == 6 && scores.allSatisfy { $0.isFinite })
        #expect(scores[1] > scores[0] + 1, "a protocol never seen is strange: \(scores)")
        #expect(scores[5] > scores[0] + 1, "so is a new spelling of a boolean: \(scores)")
        #expect(scores[2] > scores[0] + 1 && scores[3] > scores[2] && scores[4] > scores[3], "so are fields that were never missing: \(scores)")
    }

    @Test func missingAsAnyWord() throws {
        let expected = try energies("size,protocol,secure\n,tcp,true\n24,,true\n")
        #expect(try energies("size,protocol,secure\nNA,tcp,true\n24,?,true\n") == expected)
        #expect(try energies("size,protocol,secure\n-,tcp,true\n24,unknown,true\n", "--missing=-,unknown") == expected)
    }

    @Test func reasonsOfUnseenValues() throws {
        try place.file("new.csv", "size,protocol,secure\n24,\"carrier \"\"pigeon\"\"\n🕊\",true\n")
        let outcome = try place.gibbs("score", "m.gibbs", "new.csv", "--explain-all", "--reasons", "1")
        let reasons = try #require(try outcome.objects[0]["reasons"] as? [[String: Any]])
        #expect(reasons.count == 1)
        #expect(reasons[0]["field"] as? String == "protocol")
        #expect(reasons[0]["expected"] as? String == "tcp")
    }

    @Test func linesOfQuotedRecords() throws {
        try place.file("new.csv", "size,protocol,secure,note\n24,tcp,true,\"one\ntwo\r\n\nthree \"\"q\"\"\"\n25,udp,false,plain\n26,tcp,true,\"\n\"\n27,tcp,true,end")
        #expect(try place.gibbs("score", "m.gibbs", "new.csv").rows == [2, 6, 7, 9])
        #expect(try place.gibbs("score", "m.gibbs", "new.csv", "--chunk", "1").rows == [2, 6, 7, 9])
    }

    @Test func typesOverrideInference() throws {
        let outcome = try place.gibbs("fit", "table", "data.csv", "--types", "size=category,secure=boolean", "--out", "typed.gibbs", "--json")
        let fields = try #require(try outcome.object["fields"] as? [[String: Any]])
        #expect(fields[0]["type"] as? String == "category")
        #expect(fields[0]["names"] as? Int == 11)
        try place.file("new.csv", "size,protocol,secure\n24,tcp,true\nlarge,tcp,true\n")
        let scores = try place.gibbs("score", "typed.gibbs", "new.csv").energies
        #expect(scores.count == 2 && scores[1] > scores[0])
    }

    @Test func badCellsOnRequest() throws {
        try place.file("new.csv", "size,protocol,secure\n24,tcp,true\nlarge,tcp,true\n")
        let outcome = try place.gibbs("score", "m.gibbs", "new.csv", "--bad-cells-missing")
        #expect(outcome.status == 0, "\(outcome)")
        #expect(try outcome.energies.allSatisfy { $0.isFinite })
    }
}
