import GibbsCore
import GibbsNumerics

/// Where the visible units of a machine stand in its weight matrix.
///
/// Real and binary columns are *dense*: they come first, one row each, and meet the weights in a matrix product.
/// Categorical columns are *groups*: `count` rows each after the dense ones, of which a state selects one, so that the
/// product with the weights is a row lookup.
public struct UnitLayout: Sendable, Hashable {
    /// The batch's columns.
    public let variables: [Variable]
    /// Batch columns of the dense units, in weight order.
    public let denseColumns: [Int]
    /// Batch columns of the groups, in weight order.
    public let groupColumns: [Int]
    /// First weight row of each group, counted from the first dense row; one entry more than there are groups.
    public let groupOffsets: [Int32]
    /// Positions within the dense units that are real.
    public let realUnits: [Int]

    /// The layout for these columns.
    public init(_ variables: [Variable]) {
        self.variables = variables
        var dense = [Int](), groups = [Int](), real = [Int](), widths = [Int]()
        for (column, variable) in variables.enumerated() {
            switch variable {
            case .real: real.append(dense.count); dense.append(column)
            case .binary: dense.append(column)
            case .categorical(let count): groups.append(column); widths.append(count)
            }
        }
        denseColumns = dense
        groupColumns = groups
        realUnits = real
        var offsets = [Int32(dense.count)]
        for width in widths { offsets.append(offsets.last! + Int32(width)) }
        groupOffsets = offsets
    }

    /// The number of real and binary columns.
    public var denseCount: Int { denseColumns.count }
    /// The number of categorical columns.
    public var groupCount: Int { groupColumns.count }
    /// Rows of the weight matrix: dense units plus all categories.
    public var width: Int { Int(groupOffsets[groupCount]) }
    /// The weight rows of group `g`.
    public func rows(ofGroup g: Int) -> Range<Int> { Int(groupOffsets[g]) ..< Int(groupOffsets[g + 1]) }
}

/// The visible states of a batch, split as the layout says.
struct VisibleStates: Sendable {
    /// Shape `[rows, denseCount]`.
    var dense: Matrix
    /// `rows * groupCount` category indices; −1 stands for a missing value.
    var codes: [Int32]
    var rows: Int { dense.rows }

    init(rows: Int, layout: UnitLayout) {
        dense = Matrix(rows: rows, columns: layout.denseCount)
        codes = [Int32](repeating: 0, count: rows * layout.groupCount)
    }

    /// Splits a batch that has been checked against the layout's variables.
    init(_ batch: Matrix, layout: UnitLayout) {
        self.init(rows: layout.groupCount == 0 ? 0 : batch.rows, layout: layout)
        if layout.groupCount == 0 {
            dense = batch
            return
        }
        for row in 0 ..< batch.rows {
            let source = row * batch.columns
            for (unit, column) in layout.denseColumns.enumerated() {
                dense.values[row * layout.denseCount + unit] = batch.values[source + column]
            }
            for (group, column) in layout.groupColumns.enumerated() {
                let value = batch.values[source + column]
                codes[row * layout.groupCount + group] = value.isNaN ? -1 : Int32(value)
            }
        }
    }

    /// The batch these states stand for; −1 becomes `nan`.
    func batch(layout: UnitLayout) -> Matrix {
        if layout.groupCount == 0 { return dense }
        var batch = Matrix(rows: rows, columns: layout.variables.count)
        for row in 0 ..< rows {
            for (unit, column) in layout.denseColumns.enumerated() { batch[row, column] = dense[row, unit] }
            for (group, column) in layout.groupColumns.enumerated() {
                let code = codes[row * layout.groupCount + group]
                batch[row, column] = code < 0 ? .nan : Float(code)
            }
        }
        return batch
    }
}
