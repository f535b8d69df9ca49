import Foundation
import GibbsData

/// The few texts in a column of numbers that made it a column of text.
public struct StrayTexts: Sendable, Hashable {
    /// Cells that are no numbers.
    public var count: Int
    /// Cells with a value, numbers included.
    public var cells: Int
    /// The row of the first such cell.
    public var firstRow: Int
    /// What stands in it.
    public var firstText: String
    /// Whether all of them read alike, as a mark for "no value" does.
    public var areAlike: Bool

    /// The fewest numbers that make a column one of numbers.
    static let leastNumbers = 20

    /// What spoils `column`; nil for one of numbers, and for one of text: where more than a tenth of the cells are no numbers,
    /// unless these all read alike and the numbers are of twenty values or more.
    ///
    /// - Complexity: One pass, and one reading of every different text.
    public init?(in column: Column) {
        guard case .categories(let codes, let names) = column.storage, names != Column.booleanNames else { return nil }
        let isNumber = names.map { Double($0.trimmingCharacters(in: .whitespaces))?.isFinite ?? false }
        var counts = [Int](repeating: 0, count: names.count)
        for code in codes where code >= 0 { counts[Int(code)] += 1 }
        let cells = counts.reduce(0, +), strays = names.indices.filter { counts[$0] > 0 && !isNumber[$0] }
        let count = strays.reduce(0) { $0 + counts[$1] }, values = names.indices.count { counts[$0] > 0 && isNumber[$0] }
        let isRare = count * 10 <= cells, isMark = strays.count == 1 && values >= Self.leastNumbers
        guard count > 0, cells - count >= Self.leastNumbers, isRare || isMark,
              let first = codes.firstIndex(where: { $0 >= 0 && !isNumber[Int($0)] }) else { return nil }
        self.init(count: count, cells: cells, firstRow: first, firstText: names[Int(codes[first])], areAlike: strays.count == 1)
    }

    private init(count: Int, cells: Int, firstRow: Int, firstText: String, areAlike: Bool) {
        (self.count, self.cells, self.firstRow, self.firstText, self.areAlike) = (count, cells, firstRow, firstText, areAlike)
    }
}
