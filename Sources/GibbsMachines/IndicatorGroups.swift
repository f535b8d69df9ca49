import GibbsCore
import GibbsNumerics

/// Binary columns that are indicators of one category: of a group of neighbours exactly one, or at most one, is ever on.
///
/// One-hot tables hide their categories from a machine, which then spends probability on rows that cannot be, and whose chains must
/// cross them to change a category. As softmax groups the same rows are what the machine is made for.
public struct IndicatorGroups: Sendable, Hashable {
    /// One group of neighbouring columns.
    public struct Group: Sendable, Hashable {
        /// The columns.
        public let columns: Range<Int>
        /// Whether all of them may be off, a category of its own.
        public let hasNone: Bool

        /// Categories: the columns, and `none` where that is one. A column by itself stays binary.
        var categories: Int { columns.count + (hasNone ? 1 : 0) }
        var isBinary: Bool { columns.count == 1 }
    }

    /// The groups, in the order of the columns.
    public let groups: [Group]

    /// Finds groups among the columns of binary rows, from left to right.
    ///
    /// Neighbours are a group when exactly one of them is on in every row; or else when at most one is on in every row, though
    /// independent columns of the same means would have left at least ten rows with two.
    ///
    /// - Parameter rows: Shape `[rows, columns]`, values 0 and 1.
    /// - Throws: `GibbsError` with code `.unsuitableData` for another value or no row.
    /// - Complexity: A pass over the columns for the longest group at each.
    public static func found(in rows: Matrix) throws -> IndicatorGroups {
        guard rows.rows > 0, rows.values.allSatisfy({ $0 == 0 || $0 == 1 }) else {
            throw GibbsError(.unsuitableData, "indicators are columns of 0 and 1, in at least one row", advice: "give binary rows without missing values")
        }
        let columns = (0 ..< rows.columns).map { rows.column($0) }
        var groups = [Group](), first = 0
        while first < columns.count {
            let group = exactlyOne(columns, first) ?? atMostOne(columns, first)
            groups.append(group)
            first = group.columns.upperBound
        }
        return IndicatorGroups(groups: groups)
    }

    /// The longest run from `first` of which exactly one is on in every row.
    private static func exactlyOne(_ columns: [[Float]], _ first: Int) -> Group? {
        var sums = [Float](repeating: 0, count: columns[first].count), end: Int?
        for column in first ..< columns.count {
            var least = Float.infinity, most: Float = 0
            for row in sums.indices {
                sums[row] += columns[column][row]
                least = min(least, sums[row])
                most = max(most, sums[row])
            }
            if most > 1 { break }
            if least == 1 { end = column + 1 }
        }
        // A column that is always on says nothing by itself.
        return end.flatMap { $0 - first > 1 ? Group(columns: first ..< $0, hasNone: false) : nil }
    }

    private static func atMostOne(_ columns: [[Float]], _ first: Int) -> Group {
        var sums = columns[first], end = first + 1
        let count = Float(sums.count)
        while end < columns.count {
            let expected = sums.reduce(0, +) * columns[end].reduce(0, +) / count
            guard expected >= 10, zip(sums, columns[end]).allSatisfy({ $0 + $1 <= 1 }) else { break }
            for row in sums.indices { sums[row] += columns[end][row] }
            end += 1
        }
        return Group(columns: first ..< end, hasNone: true)
    }

    /// A variable a group.
    public var variables: [Variable] { groups.map { $0.isBinary ? .binary : .categorical($0.categories) } }

    /// The rows with a column a group, and which of them fit; a row that does not fit holds anything.
    ///
    /// Traps unless the rows have the columns the groups were found in.
    public func encoded(_ rows: Matrix) -> (rows: Matrix, fits: [Bool]) {
        precondition(rows.columns == groups.last?.columns.upperBound ?? 0, "rows of \(rows.columns) columns")
        var result = Matrix(rows: rows.rows, columns: groups.count), fits = [Bool](repeating: true, count: rows.rows)
        for row in 0 ..< rows.rows {
            for (index, group) in groups.enumerated() {
                let on = group.columns.filter { rows[row, $0] == 1 }
                if group.isBinary {
                    result[row, index] = Float(on.count)
                } else if on.count == 1 {
                    result[row, index] = Float(on[0] - group.columns.lowerBound)
                } else {
                    fits[row] = fits[row] && on.isEmpty && group.hasNone
                    result[row, index] = group.hasNone ? Float(group.columns.count) : 0
                }
            }
        }
        return (result, fits)
    }
}
