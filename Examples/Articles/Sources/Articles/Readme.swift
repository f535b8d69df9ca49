import Gibbs

/// The README's watchdog in Swift; compiled, and not run, because it reads files of yours.
func readmeWatchdog() throws {
    let normal = try TableReader(path: "normal.csv").readAll()
    let watchdog = try Watchdog.fitted(to: normal, options: .init(ignoring: ["label", "time"], falseAlarmRate: 0.001))
    try watchdog.write(to: "watchdog.gibbs")

    let today = try watchdog.reader(path: "today.csv").readAll()
    for (row, score) in try watchdog.scores(of: today).enumerated() where score.alert {
        let reason = try watchdog.explanation(of: today, row: row).reasons[0]
        print(score.line, score.pValue!, reason.field, reason.value ?? "missing", "expected", reason.expected ?? "–")
    }
}

/// The README's sampling in Swift.
func readmeSampling(_ first: some DifferentiableEnergy, _ second: some DifferentiableEnergy) throws {
    print("# README")
    let kernel = HamiltonianMonteCarlo(on: 0.5 * first + 0.5 * second)
    let tuned = try kernel.warmedUp(from: ChainStart.noise(chains: 64).positions(for: kernel.target.variables, key: Key(1)), key: Key(2))
    let samples = try tuned.kernel.sample(1_000, from: .positions(tuned.positions), key: Key(3))
    print(samples.acceptance!, samples.columnDiagnostics().map(\.splitRHat).max()!, samples.divergences)
}
