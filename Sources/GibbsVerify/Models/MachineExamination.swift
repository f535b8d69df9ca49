import Foundation
import GibbsCore
import GibbsMachines
import GibbsNumerics

/// Looks into a machine on rows like those it was trained on: numbers that are none, units that do nothing, weights out of bounds.
public struct MachineExamination: Sendable {
    /// A hidden probability this near 0 or 1 counts as off or on: an input beyond ±9.2.
    public static let saturation: Float = 1e-4
    /// Share of the rows in which a saturated unit is at one of its ends.
    public static let saturatedShare = 0.99
    /// A unit whose probability moves by less than this over all rows is dead: always off, always on, or never told to be either.
    public static let leastMove: Float = 0.02
    /// A column that moves no hidden unit's input by this many nats has no say.
    public static let leastSay: Float = 0.01
    /// Beyond this a single weight decides a unit alone.
    public static let largestWeight: Float = 50
    /// With fewer rows a unit may look dead by chance.
    public static let fewestRows = 20

    private let machine: RBM
    private let columns: [String]
    /// p(hⱼ = 1 | v) of the rows.
    private let means: Matrix

    /// An examination of a machine, whose columns have these names, on complete rows, shape `[any, columns.count]`.
    ///
    /// Traps on another number of names than columns.
    /// - Throws: As `RBM.hiddenMeans(given:)`.
    public init(of machine: RBM, columns: [String], rows: Matrix) throws {
        precondition(columns.count == machine.features, "\(columns.count) names for \(machine.features) columns")
        self.machine = machine
        self.columns = columns
        means = try machine.hiddenMeans(given: rows)
    }

    /// Everything there is to say; of a machine with a parameter that is no number only that.
    public var findings: [Finding] {
        let parameters = machine.weights.values + machine.visibleBias + machine.hiddenBias + machine.logVariance, wrong = parameters.count { !$0.isFinite }
        if wrong > 0 {
            return [Finding("weights", "\(wrong) of \(parameters.count) parameters are infinite or no numbers",
                            .warning(advice: "the training ran away or the machine was damaged; train it again with a smaller rate"))]
        }
        guard means.rows >= Self.fewestRows else {
            return [weights, Finding("hidden units", "not looked at on \(means.rows) row\(means.rows == 1 ? "" : "s")", .unknown(need: "give at least \(Self.fewestRows) complete rows")), ignored]
        }
        return [weights, dead, saturated, ignored]
    }

    private var weights: Finding {
        let norm = machine.weights.values.reduce(0.0) { $0 + Double($1) * Double($1) }.squareRoot(), largest = machine.weights.values.map(abs).max()!
        return Finding("weights", String(format: "norm %.3g, the largest %.3g", norm, Double(largest)), warnsIf: largest > Self.largestWeight || norm == 0,
                       advice: norm == 0 ? "the machine has learned nothing beyond its columns' own rates; train it longer"
                           : "train again with more weight decay or a smaller rate")
    }

    /// Units that are the same in every row: they add a constant.
    private var dead: Finding {
        let units = unitsWhere { $0.max()! - $0.min()! < Self.leastMove }
        return Finding("dead hidden units", units.counted(of: machine.hiddenCount), warnsIf: !units.isEmpty,
                       advice: "they are the same in every row and say nothing; train with fewer hidden units, longer, or with centring")
    }

    /// Units that live, but only at their ends: neither learning nor sampling moves them.
    private var saturated: Finding {
        let units = unitsWhere { values in
            let ends = values.count { $0 < Self.saturation || $0 > 1 - Self.saturation }
            return Double(ends) > Self.saturatedShare * Double(values.count) && values.max()! - values.min()! >= Self.leastMove
        }
        return Finding("saturated hidden units", units.counted(of: machine.hiddenCount), warnsIf: !units.isEmpty,
                       advice: "their inputs are so large that they only switch; train again with more weight decay or a smaller rate")
    }

    /// Columns whose weights are all nearly zero. Some may well be independent of the rest; all of them are not.
    private var ignored: Finding {
        let without = columns.indices.filter { say(of: $0) < Self.leastSay }
        return Finding("columns without a say", without.counted(of: columns.count) { columns[$0] }, warnsIf: without.count == columns.count,
                       advice: "the machine takes every column to be independent of all others; train it longer")
    }

    private func unitsWhere(_ holds: ([Float]) -> Bool) -> [Int] { (0 ..< machine.hiddenCount).filter { holds(means.column($0)) } }

    /// How far a column can move the input of a hidden unit: a binary one from 0 to 1, a real one by σ, a category to another one.
    private func say(of column: Int) -> Float {
        let layout = machine.layout
        if let unit = layout.realColumns.firstIndex(of: column) {
            return machine.weights.row(unit).map(abs).max()! * exp(-machine.logVariance[unit] / 2)
        }
        if let unit = layout.binaryColumns.firstIndex(of: column) { return machine.weights.row(layout.realCount + unit).map(abs).max()! }
        let group = layout.groupColumns.firstIndex(of: column)!, rows = layout.rows(ofGroup: group)
        return (0 ..< machine.hiddenCount).map { j in
            let weights = rows.map { machine.weights[$0, j] }
            return weights.max()! - weights.min()!
        }.max()!
    }
}
