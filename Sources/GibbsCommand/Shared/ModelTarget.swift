import Gibbs

/// Where a fit's model goes; looked at before the work, so that a file that cannot be written fails then and not after.
enum ModelTarget {
    /// - Parameters:
    ///   - out: What `--out` says.
    ///   - others: Files that the command reads.
    /// - Throws: `GibbsError` with code `.usage` for standard output and for one of `others`, `.cannotWrite` for a file that cannot be written.
    static func check(_ out: String, apartFrom others: String?...) throws {
        try checkIsFile(out)
        for other in others { try DistinctFiles.check(out, apartFrom: other) }
        try OutputFile(path: out).discard()
    }

    /// - Throws: `GibbsError` with code `.usage` for standard output.
    static func checkIsFile(_ out: String?) throws {
        guard out != "-" else { throw GibbsError(.usage, "a model cannot go to standard output, where the summary goes", advice: "name a file with --out") }
    }
}
