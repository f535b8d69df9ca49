import Foundation
import GibbsCore
import GibbsData
import GibbsNumerics

/// Frames in the order of time, piece by piece: what many sensors say, or which keys sound, at each moment.
public struct FrameSequences: Sendable {
    /// One entity's frames: a piece of music, a machine, a run.
    public struct Piece: Sendable, Hashable {
        /// Its name in the file, else its number.
        public var id: String
        /// Its frames' rows.
        public var frames: Range<Int>
        /// The number of its first frame among its entity's: above 1 behind a gap.
        public var first = 1

        /// A piece of this name.
        public init(id: String, frames: Range<Int>) { (self.id, self.frames) = (id, frames) }
    }

    /// The most values, rows × columns, held at once: 2²⁸.
    public static let valueLimit = 1 << 28

    /// The columns' names.
    public let columns: [String]
    /// Shape `[frames, columns.count]`, finite.
    public let frames: Matrix
    /// The line of the file, or the number in its piece, of each frame.
    public let lines: [Int]
    /// The pieces in the order of the file; together they hold every frame.
    public let pieces: [Piece]
    /// The file's digest; `nil` for frames made in memory.
    public var digest: String?
    /// The columns of the table that were left out.
    public private(set) var ignored: [String] = []
    /// Rows left out because a cell is empty, and the first such cell.
    public private(set) var gaps: (rows: Int, first: GibbsError.Place)?

    /// Frames in memory.
    ///
    /// - Throws: `GibbsError` with code `.unsuitableData` for no frame, or a value that is not finite.
    /// - Precondition: A name a column, and pieces that follow each other from the first frame to the last.
    public init(columns: [String], frames: Matrix, lines: [Int]? = nil, pieces: [Piece]? = nil, digest: String? = nil) throws {
        self.columns = columns
        self.frames = frames
        self.lines = lines ?? Array(1 ..< frames.rows + 1)
        self.pieces = pieces ?? [Piece(id: "1", frames: 0 ..< frames.rows)]
        self.digest = digest
        precondition(columns.count == frames.columns && self.lines.count == frames.rows && self.pieces.reduce(0) { $0 == $1.frames.lowerBound ? $1.frames.upperBound : -1 } == frames.rows,
                     "\(columns.count) names, \(self.lines.count) lines and \(self.pieces.count) pieces for \(frames.rows) × \(frames.columns) frames")
        guard frames.rows > 0, frames.columns > 0 else {
            throw GibbsError(.unsuitableData, frames.rows > 0 ? "there is no column but those left out" : "there is no frame", advice: "give a row a moment, in the order of time")
        }
        if let place = frames.values.firstIndex(where: { !$0.isFinite }) {
            let (row, column) = place.quotientAndRemainder(dividingBy: frames.columns)
            throw GibbsError(.unsuitableData, frames.values[place].isNaN ? "the value is missing" : "the value is infinite", at: .init(line: self.lines[row], field: columns[column]),
                             advice: "fill it, for instance with the value before, or leave the column out with --ignore")
        }
    }

    /// What each column's values are: binary where all are 0 or 1, real otherwise.
    public var variables: [Variable] {
        var isBinary = [Bool](repeating: true, count: columns.count)
        for (place, value) in frames.values.enumerated() where value != 0 && value != 1 { isBinary[place % columns.count] = false }
        return isBinary.map { $0 ? .binary : .real }
    }
}

// MARK: - Tables

extension FrameSequences {
    /// Takes the rows of a table as frames in the order of time.
    ///
    /// - Parameters:
    ///   - table: Numbers or booleans; a missing cell is an error.
    ///   - entity: Column whose equal values belong to one piece, wherever they stand; all rows are one piece without it.
    ///   - ignored: Columns left out, such as the time.
    ///   - skipsGaps: Whether a row with an empty cell is left out, and its piece goes on behind it as another one, without a history; else it is an error.
    /// - Throws: `GibbsError` with code `.unsuitableData`, naming line and column, or `.limitExceeded`.
    /// - Complexity: One pass.
    public init(table: Table, entity: String? = nil, ignoring ignored: [String] = [], skipsGaps: Bool = false) throws {
        for name in ignored { _ = try table.column(name) }
        let used = table.dropping(columns: ignored + [entity].compactMap { $0 })
        for column in used.columns where column.type == .category {
            let row = (0 ..< column.count).first { column.text($0).map { Double($0) == nil } ?? false }
            throw GibbsError(.unsuitableData, "the column holds text" + (row.map { ", such as '\(column.text($0)!.prefix(40))'" } ?? ""), at: .init(line: row.map { table.lines[$0] }, field: column.name),
                             advice: "frames are numbers: leave it out with --ignore, or make it the --entity")
        }
        guard used.rowCount <= Self.valueLimit / max(1, used.columns.count) else {
            throw GibbsError(.limitExceeded, "\(used.rowCount) frames of \(used.columns.count) columns are more than \(Self.valueLimit) values", advice: "give fewer rows or columns")
        }
        var order = Array(0 ..< table.rowCount), pieces = [Piece]()
        if let entity {
            let column = try table.column(entity)
            var rows = [String: [Int]](), names = [String]()
            for row in order {
                guard let name = column.text(row) else {
                    throw GibbsError(.unsuitableData, "the row belongs to no entity", at: .init(line: table.lines[row], field: entity), advice: "name one in every row")
                }
                if rows[name] == nil { names.append(name) }
                rows[name, default: []].append(row)
            }
            order = names.flatMap { rows[$0]! }
            var first = 0
            for name in names {
                pieces.append(Piece(id: name, frames: first ..< first + rows[name]!.count))
                first += rows[name]!.count
            }
        }
        let matrix = try used.matrix()
        if entity == nil { pieces = [Piece(id: "1", frames: 0 ..< order.count)] }
        let whole = skipsGaps ? Self.withoutGaps(order, pieces, matrix) : (order: order, pieces: pieces)
        guard !whole.order.isEmpty || order.isEmpty else {
            throw GibbsError(.unsuitableData, "every one of \(order.count) frames has an empty cell", advice: "leave out a column that is empty with --ignore, or fill it")
        }
        try self.init(columns: used.columnNames, frames: whole.order == Array(0 ..< table.rowCount) ? matrix : matrix.selecting(rows: whole.order), lines: whole.order.map { table.lines[$0] },
                      pieces: whole.pieces, digest: table.digest)
        self.ignored = ignored
        if let row = order.first(where: { matrix.row($0).contains { $0.isNaN } }) {
            gaps = (order.count - whole.order.count, .init(line: table.lines[row], field: zip(used.columnNames, matrix.row(row)).first { $1.isNaN }?.0))
        }
    }

    /// The rows that have a value in every column, and the pieces between the others.
    private static func withoutGaps(_ order: [Int], _ pieces: [Piece], _ matrix: Matrix) -> (order: [Int], pieces: [Piece]) {
        var kept = [Int](), result = [Piece]()
        for piece in pieces {
            var isOpen = false
            for place in piece.frames {
                if matrix.row(order[place]).contains(where: { $0.isNaN }) { isOpen = false; continue }
                if !isOpen {
                    var part = Piece(id: piece.id, frames: kept.count ..< kept.count)
                    part.first = place - piece.frames.lowerBound + 1
                    result.append(part)
                    isOpen = true
                }
                kept.append(order[place])
                result[result.count - 1].frames = result[result.count - 1].frames.lowerBound ..< kept.count
            }
        }
        return (kept, result)
    }
}
