import CommandDriver
import Foundation

/// A fitted watchdog and days of simulated traffic, made once and read by many tests.
struct Office: Sendable {
    static let shared = Result<Office, any Error> {
        let office = try Office()
        atexit(removeAtExit)
        return office
    }

    /// Holds `normal.csv`, `calm.csv`, `today.csv` and `office.gibbs`; nothing may be changed in it.
    let place: Workplace
    let fit: Outcome

    private init() throws {
        place = try Workplace()
        _ = try place.gibbs("simulate", "connections", "--count", "6000", "--key", "1", "--out", "normal.csv")
        _ = try place.gibbs("simulate", "connections", "--count", "3000", "--key", "3", "--out", "calm.csv")
        _ = try place.gibbs("simulate", "connections", "--count", "2000", "--attacks", "0.1", "--key", "2", "--out", "today.csv")
        fit = try place.gibbs("fit", "table", "normal.csv", "--label", "label", "--normal", "normal", "--ignore", "time",
                              "--false-alarms", "0.005", "--out", "office.gibbs")
    }

    /// A fresh workplace with copies of the named files.
    static func copy(_ names: String...) throws -> Workplace {
        let office = try shared.get(), place = try Workplace()
        for name in names { try FileManager.default.copyItem(atPath: office.place.place(name), toPath: place.place(name)) }
        return place
    }
}

private func removeAtExit() { try? Office.shared.get().place.remove() }
