import Foundation
import GibbsCore
import GibbsNumerics

/// Which fields a record has: E(x) = Σⱼ −ln p(field j is there, or is missing), nats, normalised.
///
/// The experts of a pool sum a missing value out, which makes it neither strange nor ordinary; whether a field may be missing at
/// all is judged here, so that leaving out a telling field does not pay: one that was there in each of n normal records costs
/// ln(2n + 2) when it is missing. A field that is as often missing as not costs the same either way.
///
/// - Source: Krichevsky & Trofimov's estimate (m + ½) / (n + 1), IEEE Trans. Information Theory 1981.
public struct PresenceEnergy: Sendable, Hashable {
    /// −ln p(missing) of each field, nats.
    public let missing: [Float]
    /// −ln p(there) of each field, nats.
    public let present: [Float]

    init(missing: [Float], present: [Float]) {
        self.missing = missing
        self.present = present
    }

    /// The prices from encoded normal records, shape `[rows, fields]`.
    public init(fitting data: Matrix) {
        let n = Double(data.rows)
        var counts = [Double](repeating: 0, count: data.columns)
        for row in 0 ..< data.rows { for (j, value) in data.row(row).enumerated() where value.isNaN { counts[j] += 1 } }
        missing = counts.map { Float(-log(($0 + 0.5) / (n + 1))) }
        present = counts.map { Float(-log((n - $0 + 0.5) / (n + 1))) }
    }

    /// The energy of every encoded row, shape `[rows]`, nats; traps on another number of fields than it was fitted to. Cost: one pass.
    public func energies(of batch: Matrix) -> [Float] {
        precondition(batch.columns == missing.count, "\(batch.columns) fields where \(missing.count) were fitted")
        return (0 ..< batch.rows).map { row in
            zip(batch.row(row), zip(missing, present)).reduce(0) { $0 + ($1.0.isNaN ? $1.1.0 : $1.1.1) }
        }
    }
}
