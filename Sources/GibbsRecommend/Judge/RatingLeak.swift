import GibbsNumerics

extension People {
    /// Refuses people whose histories hold what they are to be judged on.
    ///
    /// - Parameter test: What a model is to be judged on, shape people × items.
    /// - Throws: `GibbsError` with code `.unsuitableData`, saying how many of the test's pairs are in the histories, when any is, whatever its rating.
    /// - Complexity: The logarithm of a history for each pair.
    public func check(areApartFrom test: SparseRows) throws {
        precondition(test.rows == count, "a test of \(test.rows) people for \(count)")
        var shared = 0
        for row in 0 ..< count { for item in test.columns(of: row) where histories.contains(row: row, column: Int(item)) { shared += 1 } }
        guard shared == 0 else {
            throw GibbsError(.unsuitableData, "\(shared) of the \(test.entries) pairs to be judged on are in the histories that the model is given",
                             advice: "judge on ratings that were held out, or leave them out of the histories")
        }
    }
}
