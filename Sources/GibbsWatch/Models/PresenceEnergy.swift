import Foundation
import GibbsCore
import GibbsNumerics

/// Which fields a record has, and whether their names are known: E(x) = Σⱼ −ln p(field j is missing, new or known), nats,
/// normalised.
///
/// The experts of a pool judge the values that are known and sum out the others, missing or new, of which nothing was learned:
/// p(x) = p(states) · p(known values | states). So a new name has one price, this one, and not a second for differing from every
/// name known. Leaving out a telling field does not pay, nor does an invented name: a field that was there in each of n normal
/// records costs ln(2n + 2) when it is missing, and one whose names all recurred about as much when its name is new. Where names
/// come and go, a new one costs little.
///
/// - Source: missing: Krichevsky & Trofimov's estimate (m + ½) / (n + 1), IEEE Trans. Information Theory 1981. New: Good–Turing,
///   the share of names seen once, with the same half: Good, Biometrika 1953.
public struct PresenceEnergy: Sendable, Hashable {
    /// −ln p(missing) of each column's field, nats; of a field with several columns it stands at the first, and 0 at the others, here and below.
    public let missing: [Float]
    /// −ln p(there, with a name that the fit never saw) of each column's field, nats; 0 for a number or a text, which has no name.
    public let new: [Float]
    /// −ln p(there, and not new) of each column's field, nats.
    public let known: [Float]
    /// The code of names never seen, −1 for numbers.
    private let newCodes: [Float]

    /// The prices from encoded normal records, shape `[rows, columns]`; the last category of a field stands for new names.
    ///
    /// - Parameter following: Columns that belong to the field of the column before: they are there when that is, and cost nothing.
    public init(fitting data: Matrix, variables: [Variable], following: Set<Int> = []) {
        let n = Double(data.rows)
        var prices = [(missing: Double, new: Double)]()
        for (j, variable) in variables.enumerated() {
            if following.contains(j) {
                prices.append((0, 0))
                continue
            }
            let present = data.column(j).filter { !$0.isNaN }, missing = (n - Double(present.count) + 0.5) / (n + 1)
            guard case .categorical(let count) = variable else {
                prices.append((missing, 0))
                continue
            }
            var counts = [Int](repeating: 0, count: count)
            for value in present { counts[Int(value)] += 1 }
            let once = counts.dropLast().count { $0 == 1 } + counts[count - 1]
            prices.append((missing, (1 - missing) * (Double(once) + 0.5) / (Double(present.count) + 1)))
        }
        self.init(missing: prices.map { $0.missing > 0 ? Float(-log($0.missing)) : 0 }, new: prices.map { $0.new > 0 ? Float(-log($0.new)) : 0 },
                  known: prices.map { Float(-log(1 - $0.missing - $0.new)) }, variables: variables)
    }

    init(missing: [Float], new: [Float], known: [Float], variables: [Variable]) {
        self.missing = missing
        self.new = new
        self.known = known
        newCodes = variables.map { if case .categorical(let count) = $0 { Float(count - 1) } else { -1 } }
    }

    /// What the state of one encoded column costs beyond that of a known value, nats.
    func excess(_ value: Float, column j: Int) -> Float {
        value.isNaN ? missing[j] - known[j] : isNew(value, column: j) ? new[j] - known[j] : 0
    }

    /// The batch with new names left out, as the experts are to see it; shape as given.
    func knownValues(of batch: Matrix) -> Matrix {
        var result = batch
        for (j, code) in newCodes.enumerated() where code >= 0 {
            for row in 0 ..< batch.rows where batch[row, j] == code { result[row, j] = .nan }
        }
        return result
    }

    private func isNew(_ value: Float, column j: Int) -> Bool { newCodes[j] >= 0 && value == newCodes[j] }

    /// The energy of every encoded row, shape `[rows]`, nats; traps on another number of columns than it was fitted to. Cost: one pass.
    public func energies(of batch: Matrix) -> [Float] {
        precondition(batch.columns == missing.count, "\(batch.columns) columns where \(missing.count) were fitted")
        return (0 ..< batch.rows).map { row in
            var sum: Float = 0
            for (j, value) in batch.row(row).enumerated() { sum += known[j] + excess(value, column: j) }
            return sum
        }
    }
}
