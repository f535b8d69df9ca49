/// Whether an estimate lies within six of its standard errors of the exact value: a correct estimate with a normal error
/// fails twice in a thousand million times.
///
/// - Parameters:
///   - value: The estimate.
///   - standardError: Its standard error.
///   - exact: The exact value.
///   - rounding: Error of the estimate that no amount of sampling removes, for instance from single precision.
///   - name: What the failure calls it.
public func checkEstimate(_ value: Double, standardError: Double, exact: Double, rounding: Double = 0,
                          name: String = "estimate") -> [CheckFailure] {
    guard value.isFinite, standardError.isFinite, standardError >= 0 else {
        return [CheckFailure(name, "\(value) ± \(standardError) is no estimate")]
    }
    // In standard errors; what rounding explains is no deviation. Without an error of sampling, only rounding is allowed.
    let beyond = max(abs(value - exact) - rounding, 0), errors = beyond == 0 ? 0 : beyond / standardError
    guard isWithin(errors, limit: 6) else {
        return [CheckFailure(name, "\(value) ± \(standardError) where \(exact) is exact: \((value - exact) / standardError) standard errors")]
    }
    return []
}

/// Whether the mean of independent values agrees with the exact expectation, by `checkEstimate` with the values' own spread.
public func checkMean(_ values: some Collection<Double>, exact: Double, rounding: Double = 0, name: String = "mean") -> [CheckFailure] {
    let n = Double(values.count), mean = values.reduce(0, +) / n
    let variance = values.reduce(0.0) { $0 + ($1 - mean) * ($1 - mean) } / max(1, n - 1)
    return checkEstimate(mean, standardError: (variance / n).squareRoot(), exact: exact, rounding: rounding, name: name)
}
