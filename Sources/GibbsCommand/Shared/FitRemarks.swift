import Foundation
import Gibbs

/// What a person should know of a fit that went on although something looks odd.
enum FitRemarks {
    /// Columns that a few cells turned from numbers into text; those in `settled` were declared or left out.
    static func strays(in table: Table, settled: Set<String>) -> [String] {
        table.columns.filter { !settled.contains($0.name) }.compactMap { column in
            guard let stray = StrayTexts(in: column) else { return nil }
            let name = column.name, text = stray.firstText.count > 40 ? stray.firstText.prefix(37) + "…" : stray.firstText
            let isPlain = stray.areAlike && text.count <= 20 && !text.contains { ",'\\".contains($0) }
            return "column '\(name)' would be numbers, but \(stray.count) of \(stray.cells) cells are none, the first on line "
                + "\(table.lines[stray.firstRow]): '\(text.oneLine)'; it is read as text. Where they mean 'no value', add --types \("\(name)=number".asShellWord) "
                + "--bad-cells-missing\(isPlain ? " (or --missing=\(text.asShellWord))" : ""); where the column holds names, --types \("\(name)=category".asShellWord)"
        }
    }

    /// Columns of numbers that are written with a decimal comma, which read as text; those in `settled` were declared or left out.
    static func decimalCommas(in table: Table, settled: Set<String>) -> String? {
        let pattern = /[+-]?\d+(,\d+)?/
        let found = table.columns.filter { column in
            guard !settled.contains(column.name), case .categories(_, let names) = column.storage, names.count >= 5 else { return false }
            return names.contains { $0.contains(",") } && names.allSatisfy { $0.wholeMatch(of: pattern) != nil }
        }
        guard let first = found.first, case .categories(_, let names) = first.storage, let example = names.first(where: { $0.contains(",") }) else { return nil }
        let columns = found.prefix(4).map { "'\($0.name)'" }.joined(separator: ", ") + (found.count > 4 ? ", …" : "")
        return "\(found.count == 1 ? "column" : "columns") \(columns) would be numbers, but for decimal commas, as in '\(example)': read as text, no two of them are near. "
            + "Write them with a point, or where they are names, add --types \("\(first.name)=category".asShellWord)"
    }

    /// Columns to be read as sentences that hold nothing but numbers.
    static func numbersAsTexts(in table: Table, embedded: [String]) -> [String] {
        embedded.compactMap { name in
            guard let column = table[name], case .categories(_, let names) = column.storage, !names.isEmpty, names.allSatisfy({ Double($0) != nil }) else { return nil }
            return "column '\(name)' looks like numbers, such as '\(names[0])', and is read as text; to have it as numbers, leave out --embed \(name.asShellWord)"
        }
    }

    /// A header that looks like a record.
    static func header(of table: Table, file: String) -> String? {
        let names = table.columnNames
        guard Table.looksLikeARecord(names) else { return nil }
        let shown = names.prefix(4).map { "'\($0)'" }.joined(separator: ", ") + (names.count > 4 ? ", …" : "")
        return "the columns are called \(shown): if the first line of \(file) is a record, add --no-header"
    }

    /// A default rate above one in a hundred.
    static func rate(of watchdog: Watchdog, calibrationShare: Double) -> String? {
        guard let calibration = watchdog.calibration, calibration.falseAlarmRate > 0.01 else { return nil }
        let needed = Calibration.recordsNeeded(for: 0.01), all = Int((Double(needed) / calibrationShare).rounded(.up))
        return "the rate is \(Summary.percent(calibration.falseAlarmRate)) instead of 1 %, because \(calibration.energies.count) calibration records "
            + "bear no smaller one; 1 % needs \(needed), so about \(all) records in all, or gibbs calibrate with \(needed) fresh ones"
    }
}
