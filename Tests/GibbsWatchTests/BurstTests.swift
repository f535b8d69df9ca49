import GibbsData
import GibbsNumerics
import GibbsWatch
import Testing

/// Records that come in sessions of near copies, as real logs do.
@Suite struct BurstTests {
    static func sessions(_ count: Int, key: Key) -> Table {
        let length = 20, centres = key.folding(0).normals(count * 4), jitter = key.folding(1).normals(count * length * 4)
        return Table(columns: (0 ..< 4).map { column in
            Column(name: "x\(column)", numbers: (0 ..< count * length).map { row in
                Double(centres[row / length * 4 + column]) + 0.001 * Double(jitter[row * 4 + column])
            })
        })
    }

    /// Sessions never met before alert about as often as promised: calibration keeps whole stretches of the log. Split row by
    /// row, nine of ten fresh records alert.
    @Test(arguments: [WatchdogOptions.Model.auto, .memory]) func freshSessionsKeepThePromise(model: WatchdogOptions.Model) throws {
        let watchdog = try Watchdog.fitted(to: Self.sessions(200, key: Key(1)), options: .init(model: model, falseAlarmRate: 0.05))
        let scores = try watchdog.scores(of: Self.sessions(400, key: Key(2)))
        let rate = Double(scores.count { $0.alert }) / Double(scores.count)
        // Some fifty sessions calibrate, so that the rate among sessions is a beta variate with mean 0.05 and deviation 0.03.
        #expect(rate < 0.2, "\(rate) of fresh records alert")
    }
}
