import Foundation
import GibbsData
import GibbsNumerics
import GibbsSimulation
import Testing

/// The simulated log: made again by its key, with the shares, dependences and oddities that its documentation states.
@Suite struct ConnectionSimulatorTests {
    private typealias Attack = ConnectionSimulator.Attack

    /// The rows as a person would write them.
    private func texts(_ table: Table, rows: Range<Int>) -> [[String?]] {
        rows.map { row in table.columns.map { $0.text(row) } }
    }

    private func numbers(_ table: Table, _ name: String) throws -> [Double] {
        guard case .numbers(let values) = try table.column(name).storage else { throw Unexpected() }
        return values
    }

    private func names(_ table: Table, _ name: String) throws -> [String?] {
        let column = try table.column(name)
        return (0 ..< table.rowCount).map(column.text)
    }

    private struct Unexpected: Error {}

    /// Five standard errors of a share of `count` rows: a right simulator fails once in two million such checks.
    private func margin(_ share: Double, _ count: Int) -> Double { 5 * (share * (1 - share) / Double(count)).squareRoot() }

    @Test func sameKeySameRowsAndOtherKeyOtherRows() throws {
        let once = try ConnectionSimulator(key: Key(7), attackShare: 0.1).records(500)
        let again = try ConnectionSimulator(key: Key(7), attackShare: 0.1).records(500)
        let other = try ConnectionSimulator(key: Key(8), attackShare: 0.1).records(500)
        #expect(texts(once, rows: 0 ..< 500) == texts(again, rows: 0 ..< 500))
        #expect(try names(once, "time") != names(other, "time"))
        #expect(once.columnNames == other.columnNames)
    }

    @Test func shorterRunIsTheBeginningOfALongerOne() throws {
        let simulator = ConnectionSimulator(key: Key(3), attackShare: 0.2)
        let short = try simulator.records(300), long = try simulator.records(1200)
        #expect(texts(short, rows: 0 ..< 300) == texts(long, rows: 0 ..< 300))
    }

    @Test func columnsAndTypesAreTheDocumentedOnes() throws {
        let table = try ConnectionSimulator(key: Key(1)).records(2000)
        #expect(table.columnNames == [
            "time", "hour", "duration", "protocol", "service", "port", "state", "bytes_out", "bytes_in", "packets",
            "failed_logins", "logged_in", "encrypted", "same_host_rate", "distinct_ports", "source_zone", "destination_zone",
            "country", "user_agent", "sensor", "label",
        ])
        for name in ["hour", "duration", "port", "bytes_out", "packets", "same_host_rate"] {
            #expect(try table.column(name).type == .number)
        }
        for name in ["logged_in", "encrypted"] { #expect(try table.column(name).type == .boolean) }
        #expect(try Set(names(table, "sensor")) == ["v3.1"])
        #expect(try Set(names(table, "label")) == [ConnectionSimulator.normalLabel])
        #expect(try ConnectionSimulator(key: Key(1)).records(0).columnNames == table.columnNames)
    }

    @Test func attacksHaveTheShareAskedForAndComeEvenly() throws {
        let count = 20_000, share = 0.3
        let labels = try names(ConnectionSimulator(key: Key(2), attackShare: share).records(count), "label")
        let attacks = labels.filter { $0 != ConnectionSimulator.normalLabel }
        #expect(abs(Double(attacks.count) / Double(count) - share) < margin(share, count))
        let each = 1 / Double(Attack.allCases.count)
        for kind in Attack.allCases {
            let seen = Double(attacks.filter { $0 == kind.rawValue }.count) / Double(attacks.count)
            #expect(abs(seen - each) < margin(each, attacks.count), "\(kind)")
        }
    }

    @Test func onlyTheKindsAskedForAppear() throws {
        let table = try ConnectionSimulator(key: Key(2), attackShare: 1, kinds: [.dnsTunnel]).records(400)
        #expect(try Set(names(table, "label")) == ["dnsTunnel"])
        #expect(try Set(names(table, "service")) == ["dns"])
    }

    @Test func valuesStayInTheirRanges() throws {
        let table = try ConnectionSimulator(key: Key(4), attackShare: 0.2).records(20_000)
        for name in ["bytes_out", "bytes_in"] { #expect(try numbers(table, name).allSatisfy { $0 >= 0 && $0.isFinite && $0 == $0.rounded() }) }
        #expect(try numbers(table, "packets").allSatisfy { $0 >= 1 })
        #expect(try numbers(table, "duration").allSatisfy { $0.isNaN || $0 >= 0 })
        #expect(try numbers(table, "same_host_rate").allSatisfy { (0.01 ... 1).contains($0) })
        #expect(try numbers(table, "distinct_ports").allSatisfy { (1 ... 100).contains($0) })
        #expect(try numbers(table, "failed_logins").allSatisfy { (0 ... 6).contains($0) })
        #expect(try numbers(table, "port").allSatisfy { $0.isNaN || (1 ... 65_535).contains($0) })
    }

    @Test func timeRunsForwardThroughWorkingHours() throws {
        // Two working days: Monday and Tuesday.
        let table = try ConnectionSimulator(key: Key(5), recordsPerDay: 10_000).records(20_000)
        let times = try names(table, "time").compactMap { $0 }
        #expect(times == times.sorted())
        #expect(times.first?.hasPrefix("2026-03-02T00:") == true)
        #expect(times.allSatisfy { $0.utf8.count == 20 && $0.hasSuffix("Z") })
        let hours = try numbers(table, "hour")
        #expect(zip(times, hours).allSatisfy { Int($0.dropFirst(11).prefix(2)) == Int($1) })
        let office = hours.filter { (8 ..< 18).contains($0) }.count, night = hours.filter { $0 < 5 }.count
        #expect(Double(office) > 10 * Double(night))
        let weekend = try ConnectionSimulator(key: Key(5), start: 1_772_409_600 - 2 * 86_400).records(2000)
        #expect(try names(weekend, "time")[0]?.hasPrefix("2026-02-28") == true)
        // 2950 records are expected on the two days of the weekend, so 2000 end on Sunday at the latest.
        #expect(try names(weekend, "time")[1999]! < "2026-03-02")
    }

    @Test func marginsMatchTheDocumentedProbabilities() throws {
        let count = 30_000
        let table = try ConnectionSimulator(key: Key(6)).records(count)
        let states = try names(table, "state")
        for (state, share) in [("SF", 0.95), ("S0", 0.01), ("RSTO", 0.016), ("REJ", 0.008), ("RSTR", 0.008), ("S1", 0.008)] {
            let seen = Double(states.filter { $0 == state }.count) / Double(count)
            #expect(abs(seen - share) < margin(share, count), "\(state)")
        }
        // Print jobs have a median of 260,000 bytes.
        let services = try names(table, "service"), out = try numbers(table, "bytes_out")
        let prints = (0 ..< count).filter { services[$0] == "print" && states[$0] == "SF" }.map { out[$0] }
        let below = Double(prints.filter { $0 < 260_000 }.count) / Double(prints.count)
        #expect(abs(below - 0.5) < margin(0.5, prints.count))
        let queries = (0 ..< count).filter { services[$0] == "dns" && states[$0] == "SF" }.map { out[$0] }
        let within = Double(queries.filter { $0 < 62 * exp(0.22) }.count) / Double(queries.count)
        // One standard deviation of the logarithm; sizes are whole bytes, which moves the share by half a byte's worth.
        #expect(abs(within - 0.8413) < margin(0.8413, queries.count) + 0.012)
    }

    @Test func someValuesAreMissingAsInRealLogs() throws {
        let table = try ConnectionSimulator(key: Key(6)).records(5000)
        for name in ["duration", "port", "logged_in", "country", "user_agent"] {
            let missing = try table.column(name).missingCount
            #expect(missing > 0 && missing < table.rowCount, "\(name)")
        }
        let protocols = try names(table, "protocol"), port = try table.column("port")
        #expect((0 ..< table.rowCount).allSatisfy { (port.text($0) == nil) == (protocols[$0] == "icmp") })
    }

    @Test func fieldsDependOnEachOther() throws {
        let table = try ConnectionSimulator(key: Key(9)).records(20_000)
        let services = try names(table, "service"), hours = try numbers(table, "hour")
        let out = try numbers(table, "bytes_out"), back = try numbers(table, "bytes_in")
        let calls = services.indices.filter { services[$0] == "sip" && back[$0] > 0 && out[$0] > 0 }
        // Telephone calls carry as much one way as the other: the logarithms correlate at 0.97.
        #expect(correlation(calls.map { log(out[$0]) }, calls.map { log(back[$0]) }) > 0.9)
        let backups = services.indices.filter { services[$0] == "backup" }
        #expect(Double(backups.filter { (1 ... 3).contains(hours[$0]) }.count) > 0.6 * Double(backups.count))
    }

    @Test func exfiltrationIsOddOnlyTogether() throws {
        let normal = try ConnectionSimulator(key: Key(10)).records(20_000)
        let theft = try ConnectionSimulator(key: Key(11), attackShare: 1, kinds: [.dataExfiltration]).records(500)
        // Its sizes and services are those of normal rows…
        let largest = try numbers(normal, "bytes_out").max()!
        #expect(try Double(numbers(theft, "bytes_out").filter { $0 < largest }.count) > 495)
        #expect(try Set(names(theft, "service")).isSubset(of: Set(names(normal, "service"))))
        // …but hardly any normal web connection sends so much more than comes back.
        let lopsided = { (table: Table, service: String) throws -> Double in
            let services = try self.names(table, "service")
            let out = try self.numbers(table, "bytes_out"), back = try self.numbers(table, "bytes_in")
            let rows = services.indices.filter { services[$0] == service && back[$0] > 0 }
            return Double(rows.filter { out[$0] > 1e6 && out[$0] > 50 * back[$0] }.count) / Double(rows.count)
        }
        #expect(try lopsided(theft, "https") > 0.8)
        #expect(try lopsided(normal, "https") < 0.005)
    }

    @Test func settingsOutsideTheirRangesAreRefused() throws {
        let refused: [(ConnectionSimulator, Int, GibbsError.Code)] = [
            (ConnectionSimulator(key: Key(1), attackShare: 1.5), 10, .usage),
            (ConnectionSimulator(key: Key(1), attackShare: .nan), 10, .usage),
            (ConnectionSimulator(key: Key(1), attackShare: 0.1, kinds: []), 10, .usage),
            (ConnectionSimulator(key: Key(1), recordsPerDay: 0), 10, .usage),
            (ConnectionSimulator(key: Key(1), start: -1), 10, .usage),
            (ConnectionSimulator(key: Key(1)), -1, .usage),
            (ConnectionSimulator(key: Key(1)), ConnectionSimulator.maximumCount + 1, .limitExceeded),
        ]
        for (simulator, count, code) in refused {
            let error = #expect(throws: GibbsError.self) { try simulator.records(count) }
            #expect(error?.code == code)
            #expect(error?.advice != nil)
        }
    }

    private func correlation(_ x: [Double], _ y: [Double]) -> Double {
        let meanX = Statistics.mean(x), meanY = Statistics.mean(y)
        let joint = zip(x, y).reduce(0) { $0 + ($1.0 - meanX) * ($1.1 - meanY) } / Double(x.count)
        return joint / (Statistics.standardDeviation(x) * Statistics.standardDeviation(y))
    }
}
