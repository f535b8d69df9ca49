import Foundation
import GibbsData
import GibbsNumerics
import GibbsWatch
import Testing

/// Explanations: shares that add up, surprises that are conditional probabilities, expectations that are the best values.
@Suite struct ExplanationTests {
    static func fitted(_ table: Table, _ model: WatchdogOptions.Model) throws -> Watchdog {
        try Watchdog.fitted(to: table, options: .init(model: model, hidden: 8, epochs: 3))
    }

    @Test(arguments: WatchdogOptions.Model.allCases) func sharesSumToTheDifference(model: WatchdogOptions.Model) throws {
        let watchdog = try Self.fitted(Sample.mixed(300, key: Key(1)), model)
        let strange = Sample.mixed(12, key: Key(2), missing: 0.3).with("violet", row: 3, column: "colour").with(1e9, row: 5, column: "x").with("v4", row: 6, column: "version")
        let energies = try watchdog.energies(of: strange)
        for row in 0 ..< strange.rowCount {
            let explanation = try watchdog.explanation(of: strange, row: row)
            #expect(abs(explanation.energy - energies[row]) <= 1e-5 * max(1, abs(energies[row])))
            #expect(Set(explanation.reasons.map(\.field)) == Set(strange.columnNames))
            let difference = Double(explanation.energy) - Double(explanation.referenceEnergy), sum = explanation.reasons.reduce(0.0) { $0 + Double($1.share) }
            #expect(abs(sum - difference) < 1e-3 * max(1, abs(difference)), "row \(row): \(sum) for \(difference)")
            #expect(zip(explanation.reasons, explanation.reasons.dropFirst()).allSatisfy { $0.excess >= $1.excess })
            // A field without a value has its absence for a reason; one with a value shows it.
            for reason in explanation.reasons {
                let isMissing = try strange.text(row: row, column: reason.field) == nil
                #expect((reason.value == nil) == isMissing && reason.expected != nil)
                if isMissing {
                    let j = watchdog.encoder.usedFields.firstIndex { $0.name == reason.field }!
                    #expect(reason.surprise == watchdog.presence.missing[j] - watchdog.presence.known[j] && abs(reason.share - reason.surprise) < 1e-4 && reason.excess == reason.surprise)
                }
            }
        }
    }

    /// −ln p(xⱼ | the known rest) by enumeration over all codes, that for new names included; p(x) ∝ exp(−E). A new name has its
    /// price and no more, and the experts see a record as if it were missing there.
    @Test(arguments: [WatchdogOptions.Model.auto, .rbm, .categorical, .memory]) func surprisesByEnumeration(model: WatchdogOptions.Model) throws {
        let table = Sample.categories(200, key: Key(3)), watchdog = try Self.fitted(table, model)
        let values = ["a": ["p", "q", "new"], "b": ["r", "s", "t", "new"], "c": ["m", "n", "new"]]
        for a in values["a"]! { for b in values["b"]! {
            let record: [String: TableValue] = ["a": .text(a), "b": .text(b), "c": "n"]
            let explanation = try watchdog.explanation(of: Table(record: record), row: 0)
            for reason in explanation.reasons {
                let j = watchdog.encoder.usedFields.firstIndex { $0.name == reason.field }!
                func seen(_ records: [[String: TableValue]], except field: String) throws -> [Double] {
                    var batch = try watchdog.encoder.encode(Table(records: records))
                    for (k, used) in watchdog.encoder.usedFields.enumerated() where used.name != field && record[used.name] == "new" {
                        for row in 0 ..< batch.rows { batch[row, k] = .nan }
                    }
                    return try watchdog.energy.energies(of: batch).map(Double.init)
                }
                #expect(reason.isUnseen == (record[reason.field] == "new"))
                let trials = values[reason.field]!.map { value in record.merging([reason.field: .text(value)]) { $1 } }
                let energies = try seen(trials, except: reason.field)
                let exact = reason.isUnseen ? Double(watchdog.presence.new[j] - watchdog.presence.known[j])
                    : try seen([record], except: reason.field)[0] + logSumExp(energies.map { -$0 })
                #expect(abs(Double(reason.surprise) - exact) < 1e-3 * max(1, abs(exact)), "\(record) \(reason.field)")
                let found = values[reason.field]!.firstIndex(of: reason.expected!)!
                #expect(energies[found] <= energies.dropLast().min()! + 1e-5)
            }
            let states = watchdog.presence.energies(of: try watchdog.encoder.encode(Table(record: record)))[0]
            #expect(abs(try watchdog.energies(of: Table(record: record))[0] - Float(try { () throws -> Double in
                var batch = try watchdog.encoder.encode(Table(record: record))
                for (k, used) in watchdog.encoder.usedFields.enumerated() where record[used.name] == "new" { batch[0, k] = .nan }
                return Double(try watchdog.energy.energies(of: batch)[0])
            }()) - states) < 1e-4)
        } }
    }

    /// The expected number is the candidate of lowest energy, by scoring every candidate.
    @Test func expectedNumbersAreTheArgmin() throws {
        let watchdog = try Self.fitted(Sample.mixed(300, key: Key(4)), .auto), table = Sample.mixed(10, key: Key(5), missing: 0).with(4000, row: 0, column: "y")
        let batch = try watchdog.encoder.encode(table)
        for row in 0 ..< 10 {
            let reasons = Dictionary(uniqueKeysWithValues: try watchdog.explanation(of: table, row: row).reasons.map { ($0.field, $0) })
            for (j, field) in watchdog.encoder.usedFields.enumerated() {
                let values = watchdog.candidates[j] + [batch[row, j]]
                let energies = try watchdog.energy.energies(of: Matrix(values.map { value in
                    var trial = Array(batch.row(row))
                    trial[j] = value
                    return trial
                }))
                let lowest = energies.min()!, best = values.indices.filter { energies[$0] <= lowest + 1e-4 }.compactMap { watchdog.encoder.text(values[$0], field: j) }
                #expect(best.contains(reasons[field.name]!.expected!), "row \(row), \(field.name): \(reasons[field.name]!.expected!) is none of \(best)")
            }
        }
    }

    /// One field of a normal row is spoilt: a number moved far out, or a value that never goes with the rest. It is named first.
    @Test func plantedCulpritsComeFirst() throws {
        let watchdog = try Watchdog.fitted(to: Sample.connections(4000, key: Key(6)).table)
        let table = try Sample.connections(1500, key: Key(7)).table, states = try table.column("state"), services = try table.column("service")
        let rows = (0 ..< 1500).filter { states.text($0) == "SF" && services.text($0) == "https" }.prefix(200)
        let plants: [(String, TableValue)] = [("bytes_out", 1e13), ("bytes_in", 1e13), ("duration", 1e8), ("packets", 1e11), ("failed_logins", 500), ("port", 31_337),
                                              ("protocol", "icmp"), ("service", "snmp"), ("country", "Atlantis"), ("sensor", "v9")]
        var found = 0, tried = 0
        var misses = [String: Int]()
        for (index, row) in rows.enumerated() {
            let (field, value) = plants[index % plants.count]
            let first = try watchdog.explanation(of: table.selecting(rows: [row]).with(value, row: 0, column: field), row: 0).reasons[0]
            tried += 1
            if first.field == field { found += 1 } else { misses["\(field) → \(first.field)", default: 0] += 1 }
        }
        #expect(tried == 200 && Double(found) >= 0.95 * Double(tried), "\(found) of \(tried); \(misses)")
    }
}
