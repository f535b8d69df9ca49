import GibbsCore
import GibbsNumerics

/// Where the visible units of a machine stand in its weight matrix: real columns first, then binary ones, one row each, then the
/// categorical ones, a row a category.
///
/// Real units are numbers and meet the weights in a matrix product. Of all others only those that are *on* matter: a binary
/// unit adds its row or not, a categorical column (a softmax group) selects one of its rows, so that the product with the
/// weights is a sum of few rows.
public struct UnitLayout: Sendable, Hashable {
    /// The batch's columns.
    public let variables: [Variable]
    /// Batch columns of the real units, in weight order.
    public let realColumns: [Int]
    /// Batch columns of the binary units, in weight order.
    public let binaryColumns: [Int]
    /// Batch columns of the groups, in weight order.
    public let groupColumns: [Int]
    /// First weight row of each group; one entry more than there are groups.
    public let groupOffsets: [Int32]

    /// The most categories of one column: beyond 2²⁴ whole numbers are no longer exact in single precision, and two categories
    /// would share an index.
    public static let categoryLimit = 1 << 24

    /// The layout for these columns. Traps on a categorical column without categories or with more than `categoryLimit`.
    public init(_ variables: [Variable]) {
        self.variables = variables
        var real = [Int](), binary = [Int](), groups = [Int](), widths = [Int]()
        for (column, variable) in variables.enumerated() {
            switch variable {
            case .real: real.append(column)
            case .binary: binary.append(column)
            case .categorical(let count):
                precondition(1 ... Self.categoryLimit ~= count, "\(count) categories in column \(column), where 1 to \(Self.categoryLimit) can be told apart")
                groups.append(column); widths.append(count)
            }
        }
        realColumns = real
        binaryColumns = binary
        groupColumns = groups
        var offsets = [Int32(real.count + binary.count)]
        for width in widths { offsets.append(offsets.last! + Int32(width)) }
        groupOffsets = offsets
    }

    /// The number of real columns.
    public var realCount: Int { realColumns.count }
    /// The number of binary columns.
    public var binaryCount: Int { binaryColumns.count }
    /// The number of categorical columns.
    public var groupCount: Int { groupColumns.count }
    /// Rows of the weight matrix: real and binary columns plus all categories.
    public var width: Int { Int(groupOffsets[groupCount]) }
    /// The weight rows of the binary units.
    public var binaryRows: Range<Int> { realCount ..< realCount + binaryCount }
    /// The weight rows of group `g`.
    public func rows(ofGroup g: Int) -> Range<Int> { Int(groupOffsets[g]) ..< Int(groupOffsets[g + 1]) }
}
