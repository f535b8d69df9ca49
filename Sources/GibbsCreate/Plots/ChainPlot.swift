import Foundation
import GibbsCore
import GibbsData
import GibbsNumerics

extension PlotPanels {
    /// The most chains whose lines are drawn; all count in the figures.
    private static var shownChains: Int { 6 }

    /// How some chains of a scalar ran: traces, the ranks of each chain, autocorrelation, and split R̂ of the first draws.
    ///
    ///     try PlotPanels.chains(samples.energySeries, title: "banana by HMC").write(to: "chains.svg")
    ///
    /// - Parameters:
    ///   - series: A list of draws for each chain, all of one length, at least eight draws.
    ///   - quantity: What the draws are, with the unit.
    ///   - title: Stands above the traces, before how many chains are shown.
    /// - Throws: `GibbsError` with code `.unsuitableData` for fewer draws, lengths that differ, values that are not finite, or chains
    ///   none of which ever moved. Chains that have not converged are no error: that is what the plot is for.
    public static func chains(_ series: [[Float]], of quantity: String = "energy (nats)", title: String = "") throws -> PlotPanels {
        let draws = series.first?.count ?? 0
        guard draws >= 8, series.allSatisfy({ $0.count == draws }) else {
            throw GibbsError(.unsuitableData, "\(series.count) chains of \(Set(series.map(\.count)).sorted().map(String.init).joined(separator: ", ")) draws tell nothing of their convergence",
                             advice: "keep at least 8 draws of every chain")
        }
        let broken = series.reduce(0) { $0 + $1.count { !$0.isFinite } }
        guard broken == 0 else {
            throw GibbsError(.unsuitableData, "\(broken) of \(draws * series.count) draws are no finite numbers", advice: "a chain ran away: take a smaller step, or leave it out")
        }
        let diagnostics = ChainDiagnostics(series)
        guard diagnostics.splitRHat.isFinite else {
            throw GibbsError(.unsuitableData, "no chain ever moved: all \(draws) draws of each are one number", advice: "take a smaller step size or more steps, or another kernel")
        }
        return PlotPanels([traces(series, quantity, title), ranks(series), autocorrelations(series, diagnostics), rHats(series, diagnostics)], columns: 2)
    }

    private static func shown(_ series: [[Float]]) -> [(number: Int, draws: [Float])] {
        let count = min(shownChains, series.count)
        return (0 ..< count).map { let at = $0 * series.count / count; return (at + 1, series[at]) }
    }

    private static func traces(_ series: [[Float]], _ quantity: String, _ title: String) -> Plot {
        let shown = shown(series), count = shown.count < series.count ? "\(shown.count) of \(series.count) chains" : series.count == 1 ? "1 chain" : "\(series.count) chains"
        let places: [Float] = (1 ... series[0].count).map { Float($0) }
        let lines = shown.map { Plot.Layer.line(x: places, y: $0.draws, name: "chain \($0.number)") }
        return Plot((title.isEmpty ? "" : title + ": ") + count, x: "draw", y: Plot.Axis(quantity), layers: lines, legend: .none)
    }

    /// With a band in which 95 % of the bins would lie, were a chain's draws as many independent ones as it alone says they are worth.
    private static func ranks(_ series: [[Float]]) -> Plot {
        let bins = max(4, min(20, series[0].count / 5)), shares = ChainDiagnostics.rankShares(of: series, bins: bins), p = 1 / Double(bins)
        let each = series.map { ChainDiagnostics([$0]).effectiveSampleSize }.filter(\.isFinite), worth = max(1, Statistics.median(each.isEmpty ? [1] : each)), room = 1.96 * (p * (1 - p) / worth).squareRoot()
        var layers = [Plot.Layer]()
        for (number, _) in shown(series) {
            let edges: [Double] = (0 ..< bins).flatMap { bin -> [Double] in [100 * p * Double(bin), 100 * p * Double(bin + 1)] }
            let heights: [Double] = shares[number - 1].flatMap { share -> [Double] in [share, share] }
            // The names give each chain the colour of its trace.
            layers.append(.line(x: edges, y: heights, name: "chain \(number)"))
        }
        let low = max(0, p - room), high = p + room, top = max(3 * p, 1.1 * shares.map { $0.max()! }.max()!)
        layers.append(.band(x: [0, 100], lower: [low, low], upper: [high, high]))
        return Plot("ranks: in the band where chains agree", x: Plot.Axis("rank among all draws (%)", range: 0 ... 100), y: Plot.Axis("share of the chain's draws", range: 0 ... top), layers: layers, legend: .none)
    }

    private static func autocorrelations(_ series: [[Float]], _ diagnostics: ChainDiagnostics) -> Plot {
        let n = series[0].count, whole = ChainDiagnostics.autocorrelation(of: series, upTo: min(n / 2, 200))
        // Up to twice the lag where it first crosses zero: what follows is noise.
        let crossing = whole.firstIndex { $0 < 0 } ?? whole.count, end = min(whole.count - 1, max(10, 2 * crossing))
        let ess = String(format: "ESS %.0f of %d draws", diagnostics.effectiveSampleSize, diagnostics.draws)
        let lags: [Double] = (0 ... end).map { Double($0) }, shown: [Double] = Array(whole[0 ... end])
        return Plot("autocorrelation: " + ess, x: "lag (draws)", y: "correlation", layers: [.horizontal(0.0), .line(x: lags, y: shown)])
    }

    private static func rHats(_ series: [[Float]], _ diagnostics: ChainDiagnostics) -> Plot {
        let n = series[0].count, ends = Set((1 ... 20).map { max(8, n * $0 / 20) }).sorted()
        let found: [(Double, Double)] = ends.map { end in (Double(end), ChainDiagnostics(series.map { Array($0.prefix(end)) }).splitRHat) }.filter { $0.1.isFinite }
        let places: [Double] = found.map { $0.0 }, values: [Double] = found.map { $0.1 }
        return Plot(String(format: "split R̂ %.3f after all draws", diagnostics.splitRHat), x: "draws of each chain", y: "split R̂",
                    layers: [.horizontal(1.01, name: "1.01"), .line(x: places, y: values, name: "R̂ of the first draws")])
    }
}
