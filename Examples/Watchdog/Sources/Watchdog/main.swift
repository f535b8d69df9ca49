import Gibbs

let normal = try ConnectionSimulator(key: Key(1)).records(20_000)
let today = try ConnectionSimulator(key: Key(2), attackShare: 0.04).records(5_000)

let options = WatchdogOptions(ignoring: ["time", "label"], falseAlarmRate: 0.001)
let watchdog = try Watchdog.fitted(to: normal, options: options)

for (row, score) in try watchdog.scores(of: today).enumerated() where score.alert {
    let reason = try watchdog.explanation(of: today, row: row).reasons[0]
    print("record \(score.line), p = \(score.pValue!): \(reason.field) is \(reason.value ?? "missing"), "
        + "expected \(reason.expected ?? "nothing"); in truth \(try today.text(row: row, column: "label")!)")
}
