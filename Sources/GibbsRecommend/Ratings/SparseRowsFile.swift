import GibbsNumerics

/// Sparse rows as tensors: how many entries a row has, their columns and their values. Single precision holds columns up to 2²⁴.
extension SparseRows {
    /// The most columns that an archive can hold.
    public static let storedColumnLimit = 1 << 24

    /// Reads rows that `archived(under:)` wrote.
    ///
    /// - Throws: `GibbsError` with code `.unsuitableModel` for tensors that are missing or do not fit one another.
    init(_ archive: Archive, under name: String, rows: Int, columns: Int) throws {
        let counts = try archive.vector(name + ".counts", count: rows), indices = try archive.vector(name + ".items")
        let values = try archive.vector(name + ".values", count: indices.count)
        func isIndex(_ value: Float, below bound: Int) -> Bool { value >= 0 && value < Float(bound) && value == value.rounded() }
        var starts = [0]
        for count in counts {
            guard isIndex(count, below: columns + 1) else { throw GibbsError(.unsuitableModel, "the tensor '\(name).counts' holds \(count)", advice: "the file is damaged") }
            starts.append(starts.last! + Int(count))
        }
        guard starts.last! == indices.count, indices.allSatisfy({ isIndex($0, below: columns) }),
              (0 ..< rows).allSatisfy({ row in
                  let row = indices[starts[row] ..< starts[row + 1]]
                  return zip(row, row.dropFirst()).allSatisfy { $0 < $1 }
              }) else { throw GibbsError(.unsuitableModel, "the tensors of '\(name)' do not fit one another", advice: "the file is damaged") }
        self.init(columns: columns, starts: starts, indices: indices.map { Int32($0) }, values: values)
    }

    /// The rows as tensors under a name.
    func archived(under name: String) -> [String: Archive.Tensor] {
        [name + ".counts": .init((0 ..< rows).map { Float(range($0).count) }), name + ".items": .init(indices.map(Float.init)), name + ".values": .init(values)]
    }
}
