import Foundation
import GibbsCore
import GibbsData
import GibbsNumerics
import GibbsWatch
import Testing

/// What it costs to leave a field out.
@Suite struct PresenceEnergyTests {
    static let nan = Float.nan

    /// Never, once, half the time and always missing in four records, by the formula; each field's prices are a distribution.
    @Test func prices() {
        let variables = [Variable](repeating: .real, count: 4)
        let energy = PresenceEnergy(fitting: Matrix([[1, Self.nan, Self.nan, Self.nan], [2, 0, 0, Self.nan], [3, 0, Self.nan, Self.nan], [4, 0, 0, Self.nan]]), variables: variables)
        let missing = [0.5, 1.5, 2.5, 4.5].map { Float(-log($0 / 5)) }, known = [4.5, 3.5, 2.5, 0.5].map { Float(-log($0 / 5)) }
        #expect(zip(energy.missing, missing).allSatisfy { abs($0 - $1) < 1e-6 } && zip(energy.known, known).allSatisfy { abs($0 - $1) < 1e-6 })
        for j in 0 ..< 4 {
            let sum = exp(-energy.missing[j]) + exp(-energy.known[j])
            #expect(abs(sum - 1) < 1e-6 && energy.new[j] == 0)
        }
        let found = energy.energies(of: Matrix([[9, 9, 9, 9], [Self.nan, 9, 9, Self.nan]]))
        #expect(abs(found[0] - known.reduce(0, +)) < 1e-5 && abs(found[1] - (missing[0] + known[1] + known[2] + missing[3])) < 1e-5)
    }

    /// Names that all recur, and a column where every second name came once: a new name is dear in the first only. The last code
    /// stands for new names; records that the fit itself counted as new make them cheaper.
    @Test func newNames() {
        let rows: [[Float]] = [[0, 0, 1], [1, 0, 1], [0, 0, 0], [1, 0, 0], [0, 1, 0], [1, 2, 0], [0, 3, 0], [1, 4, 0]]
        let energy = PresenceEnergy(fitting: Matrix(rows), variables: [.categorical(3), .categorical(6), .categorical(2)])
        let new: [Double] = [8.5 * 0.5 / 81, 8.5 * 4.5 / 81, 8.5 * 2.5 / 81]
        for j in 0 ..< 3 {
            #expect(abs(energy.new[j] - Float(-log(new[j]))) < 1e-5)
            let sum = exp(-energy.missing[j]) + exp(-energy.new[j]) + exp(-energy.known[j])
            #expect(abs(sum - 1) < 1e-6)
        }
        let found = energy.energies(of: Matrix([[0, 0, 0], [2, 0, 0], [2, 5, 1]])), known = energy.known.reduce(0, +)
        let one = known - energy.known[0] + energy.new[0], all = energy.new.reduce(0, +)
        #expect(abs(found[0] - known) < 1e-5 && abs(found[1] - one) < 1e-5 && abs(found[2] - all) < 1e-5)
    }

    /// A record that alerts does so still when its strange fields are left out, and the reasons name them; a field that is
    /// missing now and then raises nothing.
    @Test(arguments: WatchdogOptions.Model.allCases) func leavingOutDoesNotPay(model: WatchdogOptions.Model) throws {
        let normal = Sample.mixed(600, key: Key(1), missing: 0)
        let watchdog = try Watchdog.fitted(to: normal, options: .init(model: model, falseAlarmRate: 0.02, hidden: 8, epochs: 3))
        let attack = Sample.mixed(1, key: Key(2), missing: 0).with("violet", row: 0, column: "colour").with(1e6, row: 0, column: "x")
        let blanked = attack.with(.missing, row: 0, column: "colour").with(.missing, row: 0, column: "x")
        #expect(try watchdog.scores(of: attack)[0].alert)
        #expect(try watchdog.scores(of: blanked)[0].alert)
        let reasons = try watchdog.explanation(of: blanked, row: 0).reasons.filter { $0.value == nil }
        #expect(Set(reasons.map(\.field)) == ["colour", "x"] && reasons.allSatisfy { $0.expected != nil && $0.surprise > 5 && $0.excess > 5 })

        // A name never seen where names recur, and nothing else.
        let invented = normal.selecting(rows: [3]).with("violet", row: 0, column: "colour")
        #expect(try watchdog.explanation(of: invented, row: 0).reasons.first { $0.field == "colour" }!.excess > 5)
        #expect(try watchdog.energies(of: invented)[0] > watchdog.energies(of: normal.selecting(rows: [3]))[0] + 5)

        // One in ten cells missing, as in the records it was fitted to: the rate stays near the promise.
        let gaps = try Watchdog.fitted(to: Sample.mixed(2000, key: Key(3), missing: 0.1), options: .init(model: model, falseAlarmRate: 0.05, hidden: 8, epochs: 3))
        let alerts = try gaps.scores(of: Sample.mixed(1000, key: Key(4), missing: 0.1)).count { $0.alert }
        #expect((20 ... 90).contains(alerts), "\(alerts) of 1000 at 5 %")
    }
}
