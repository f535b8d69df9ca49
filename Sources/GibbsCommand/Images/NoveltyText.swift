import Foundation
import Gibbs

/// The table of `gibbs ood`, for people and as JSON.
enum NoveltyText {
    static func header(keys: Int) -> String {
        "model        images of          number   AUROC".padded(keys > 1 ? 58 : 48) + "AUPR    FPR at 95 %   caught  false alarms"
    }

    static func line(_ cell: NoveltyTable.Cell) -> String {
        cell.model.padded(13) + cell.set.padded(19) + "\(cell.images)".padded(9) + share(cell.auroc).padded(cell.auroc.deviation == nil ? 7 : 17)
            + " " + String(format: "%.3f      %5.1f %%  %6.1f %%  %8.1f %%", cell.averagePrecision.mean, 100 * cell.falsePositiveRate.mean, 100 * cell.caught.mean, 100 * cell.falseAlarms.mean)
    }

    /// AUROC by energy and set, and where it fails.
    static func summary(_ table: NoveltyTable, learned: Int, keys: Int) -> String {
        let widths = table.sets.map { max(9, $0.count + 2) }
        var lines = ["", "AUROC" + (keys > 1 ? ", mean of \(keys) keys" : "") + "; learned from \(learned) images", "".padded(13) + zip(table.sets, widths).map { $0.padded($1) }.joined()]
        for model in table.models {
            lines.append(model.padded(13) + zip(table.sets, widths).map { set, width in (table.cell(model, set).map { number($0.auroc.mean) } ?? "").padded(width) }.joined())
        }
        lines.append("")
        for model in table.models { if let worst = table.worst(of: model) { lines.append(failure(worst)) } }
        if table.models.count > 1, let safest = table.safest, safest.auroc.mean > 0.5 { lines.append("the best worst case is \(safest.model)'s: \(number(safest.auroc.mean)) on \(safest.set)") }
        return lines.joined(separator: "\n")
    }

    /// Where an energy is worst, and what that means.
    private static func failure(_ cell: NoveltyTable.Cell) -> String {
        let auroc = cell.auroc.mean, what = switch auroc {
        case ..<0.5: "it takes them for more usual than its own images"
        case ..<0.9: "it misses many of them"
        case ..<0.99: "it misses some of them"
        default: "it tells all sets"
        }
        return cell.model.padded(13) + "worst on \(cell.set), AUROC \(number(auroc)): " + what + String(format: "; %.1f %% caught at %.1f %% false alarms", 100 * cell.caught.mean, 100 * cell.falseAlarms.mean)
    }

    static func json(_ cell: NoveltyTable.Cell, keys: [UInt64], seconds: Double) -> JSONValue {
        var pairs: [(String, JSONValue)] = [("model", .string(cell.model)), ("set", .string(cell.set)), ("images", .int(cell.images)), ("keys", .array(keys.map { .natural($0) }))]
        for (name, spread) in [("auroc", cell.auroc), ("averagePrecision", cell.averagePrecision), ("falsePositiveRateAt95", cell.falsePositiveRate), ("caught", cell.caught), ("falseAlarmRate", cell.falseAlarms)] {
            pairs.append((name, .number(spread.mean)))
            if let deviation = spread.deviation { pairs.append((name + "Deviation", .number(deviation))) }
        }
        return .object(pairs + [("seconds", .number(seconds, digits: 4))])
    }

    private static func share(_ spread: NoveltyTable.Spread) -> String { number(spread.mean) + (spread.deviation.map { String(format: " ± %.4f", $0) } ?? "") }

    /// Four digits, and a one only where it is one.
    private static func number(_ value: Double) -> String { value < 1 && value > 0.99995 ? "0.9999" : String(format: "%.4f", value) }
}
