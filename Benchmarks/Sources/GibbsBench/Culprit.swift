import Foundation
import Gibbs

/// Whether an explanation names a planted field first: one field of a fresh normal record is replaced by a value that is
/// rare given the rest of the record.
///
/// Rare given the rest: a value that the field takes elsewhere in the training data, but at least one deviation away from
/// (or, for a category, absent among) its values in the 200 training records nearest in all other fields; where there is no
/// such value, three deviations beyond the largest seen (for a category: a name never seen).
enum Culprit {
    static func run(folder: String, trials: Int, keys: Int) throws {
        let names = try TableReader(path: folder + "/KDDTrain+_20Percent.txt.gz", options: .init(hasHeader: false)).readAll()
        let label = try names.column("c42")
        let normal = names.selecting(rows: (0 ..< names.rowCount).filter { label.text($0) == "normal" }).dropping(columns: ["c42", "c43"])
        for model in [WatchdogOptions.Model.auto, .gaussian, .rbm] {
            var first = 0, top3 = 0, total = 0
            for seed in 1 ... keys {
                let key = Key(UInt64(seed)), order = key.permutation(normal.rowCount)
                let fit = normal.selecting(rows: order.dropFirst(1000).sorted()), fresh = normal.selecting(rows: Array(order.prefix(1000)))
                let watchdog = try Watchdog.fitted(to: fit, options: .init(model: model, seed: UInt64(seed)))
                let encoder = watchdog.encoder, rows = try encoder.encode(fresh), known = try encoder.encode(fit.selecting(rows: Array(0 ..< min(fit.rowCount, 6000))))
                for trial in 0 ..< trials {
                    let field = KeyedField.pick(key.folding(trial), encoder.variables.count)
                    guard let planted = plant(rows.slice(trial ..< trial + 1), field: field, known: known, variables: encoder.variables, key: key.folding(trial)) else { continue }
                    let reasons = try watchdog.explanation(ofEncoded: planted).reasons
                    let name = encoder.usedFields[field].name
                    total += 1
                    first += reasons[0].field == name ? 1 : 0
                    top3 += reasons.prefix(3).contains { $0.field == name } ? 1 : 0
                }
            }
            report("culprit", "named_first", Double(first) / Double(total), ["model": model.rawValue, "trials": total, "in_first_three": Double(top3) / Double(total)])
        }
    }

    /// The record with its field replaced, or `nil` for a constant field.
    private static func plant(_ row: Matrix, field: Int, known: Matrix, variables: [Variable], key: Key) -> Matrix? {
        let values = known.column(field)
        if Set(values.prefix(2000)).count < 2 { return nil }
        var distances = [(Float, Int)]()
        for other in 0 ..< known.rows {
            var sum: Float = 0
            for j in 0 ..< known.columns where j != field {
                let (a, b) = (row[0, j], known[other, j])
                sum += variables[j] == .real ? (a - b) * (a - b) : (a == b ? 0 : 2)
            }
            distances.append((sum, other))
        }
        let near = distances.sorted { $0.0 < $1.0 }.prefix(200).map { values[$0.1] }
        var generator = KeyedGenerator(key: key), result = row
        for _ in 0 ..< 50 {
            let candidate = values[Int.random(in: 0 ..< values.count, using: &generator)]
            let isRare = variables[field] == .real ? near.allSatisfy { abs($0 - candidate) > 1 } : !near.contains(candidate)
            if isRare { result[0, field] = candidate; return result }
        }
        if case .categorical(let count) = variables[field] { result[0, field] = Float(count - 1) } else { result[0, field] = values.max()! + 3 }
        return result
    }
}

enum KeyedField {
    static func pick(_ key: Key, _ count: Int) -> Int { Int(key.folding(99).uniform() * Double(count)) }
}
