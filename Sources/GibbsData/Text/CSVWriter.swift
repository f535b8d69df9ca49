import GibbsNumerics

/// Writes tables as delimited text with a header, quoted as in RFC 4180 where needed.
public enum CSVWriter {
    /// Numbers are written with the fewest digits that read back equal; missing cells are empty.
    ///
    /// - Throws: `.cannotWrite`.
    /// - Complexity: One pass, a row at a time.
    public static func write(_ table: Table, to output: OutputFile) throws {
        try output.write(table.columns.map { quoted($0.name) }.joined(separator: ",") + "\n")
        for row in 0 ..< table.rowCount {
            try output.write(table.columns.map { $0.text(row).map(quoted) ?? "" }.joined(separator: ",") + "\n")
        }
    }

    private static func quoted(_ text: String) -> String {
        let needsQuotes = text.isEmpty || text.utf8.contains { $0 == 0x2C || $0 == 0x22 || $0 == 0x0A || $0 == 0x0D }
        return needsQuotes ? "\"" + text.replacing("\"", with: "\"\"") + "\"" : text
    }
}
