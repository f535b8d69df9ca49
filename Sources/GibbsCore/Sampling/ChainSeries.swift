import GibbsNumerics

extension ChainDiagnostics {
    /// ρ₀ … ρ of the lags up to `lags`: the autocorrelation of some chains together, 1 at lag 0.
    ///
    ///     ρₜ = 1 − (W − mean of the chains' autocovariances at t) / var⁺
    ///
    /// Chains that disagree stay correlated at every lag, which a mean over the chains' own autocorrelations would hide.
    ///
    /// - Parameters:
    ///   - chains: A list of draws for each chain, all of one length. Traps where lengths differ.
    ///   - lags: The largest lag; cut to the draws of a chain less one.
    /// - Returns: `nan` beyond lag 0 where nothing moved.
    /// - Complexity: `lags · draws` operations a chain.
    /// - Source: Vehtari et al., *Rank-normalization, folding, and localization*, Bayesian Analysis 2021, equation 10.
    public static func autocorrelation(of chains: [[Float]], upTo lags: Int) -> [Double] {
        let n = chains.first?.count ?? 0
        precondition(chains.allSatisfy { $0.count == n }, "chains of different lengths")
        guard n > 1 else { return [1] }
        let means = chains.map { Statistics.mean($0) }, centred = zip(chains, means).map { chain, mean in chain.map { Double($0) - mean } }
        func covariance(_ lag: Int) -> Double {
            Statistics.mean(centred.map { x in (0 ..< n - lag).reduce(0.0) { $0 + x[$1] * x[$1 + lag] } / Double(n - 1) })
        }
        let within = covariance(0), centre = Statistics.mean(means)
        let between = chains.count > 1 ? means.reduce(0) { $0 + ($1 - centre) * ($1 - centre) } / Double(chains.count - 1) : 0
        let plus = within * Double(n - 1) / Double(n) + between
        return [1] + (0 ..< min(max(lags, 0), n - 1)).map { plus > 0 ? 1 - (within - covariance($0 + 1)) / plus : .nan }
    }

    /// Which share of each chain's draws falls into each of `bins` equal ranges of the ranks of all draws; shape `[chains][bins]`.
    ///
    /// Chains that agree have about 1/bins everywhere. Ties share their mean rank.
    ///
    /// - Parameters:
    ///   - chains: A list of draws for each chain, all of one length, without `nan`. Traps where lengths differ.
    ///   - bins: At least one.
    /// - Source: As above, section 4.3: rank plots.
    public static func rankShares(of chains: [[Float]], bins: Int) -> [[Double]] {
        let n = chains.first?.count ?? 0
        precondition(chains.allSatisfy { $0.count == n } && bins > 0, "chains of different lengths, or no bin")
        let values = chains.flatMap { $0 }, order = values.indices.sorted { values[$0] < values[$1] }
        var shares = chains.map { _ in [Double](repeating: 0, count: bins) }, first = 0
        while first < order.count {
            var last = first
            while last + 1 < order.count, values[order[last + 1]] == values[order[first]] { last += 1 }
            let bin = min(bins - 1, (first + last + 1) * bins / (2 * values.count))
            for place in first ... last { shares[order[place] / n][bin] += 1 / Double(n) }
            first = last + 1
        }
        return shares
    }
}
