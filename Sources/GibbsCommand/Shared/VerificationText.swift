import Foundation
import Gibbs
import GibbsVerify

/// What the checks of the mathematics found, as a table and as JSON.
enum VerificationText {
    static func table(_ results: [Verification], key: UInt64, seconds: Double) -> String {
        let head = ["checked", "against", "cases", "furthest off", "allowed", "in", ""]
        let rows = [head] + results.map {
            [$0.name, $0.reference, String($0.cases), number($0.deviation), number($0.limit), $0.measure, $0.holds ? "ok" : "FAILED"]
        }
        let widths = head.indices.map { column in rows.map { $0[column].count }.max()! }
        let lines = rows.map { row in
            zip(row, widths).enumerated().map { index, cell in
                let blanks = String(repeating: " ", count: cell.1 - cell.0.count)
                return (2 ... 4).contains(index) ? blanks + cell.0 : cell.0 + blanks
            }.joined(separator: "  ").trimmedRight
        }
        let failed = results.count { !$0.holds }, cases = results.reduce(0) { $0 + $1.cases }
        let verdict = failed == 0 ? "all \(results.count) checks hold" : "\(failed) of \(results.count) checks FAILED"
        return (lines + ["\(verdict): \(cases) comparisons in " + String(format: "%.1f s, key %llu", seconds, key)]).joined(separator: "\n")
    }

    static func json(_ results: [Verification], key: UInt64, seconds: Double) -> JSONValue {
        .object([
            ("ok", .bool(results.allSatisfy(\.holds))), ("key", .natural(key)), ("seconds", .number(seconds, digits: 3)),
            ("checks", .array(results.map { result in
                .object([("name", .string(result.name)), ("against", .string(result.reference)), ("cases", .int(result.cases)),
                         ("deviation", .number(result.deviation)), ("limit", .number(result.limit)), ("measure", .string(result.measure)),
                         ("ok", .bool(result.holds)), ("seconds", .number(result.seconds, digits: 3)),
                         ("failures", .array(result.failures.map { .string($0.description) }))])
            })),
        ])
    }

    private static func number(_ value: Double) -> String { value.isNaN ? "–" : String(format: "%.2g", value) }
}

/// What an examination of a model found, as a list and as JSON.
enum FindingText {
    static func list(_ findings: [Finding], path: String, kind: String) -> String {
        let width = findings.map(\.subject.count).max() ?? 0, unknown = findings.count { word($0.verdict) == "unknown" }
        let warnings = findings.count(where: \.isWarning)
        let lines = findings.flatMap { finding -> [String] in
            [word(finding.verdict).padded(9) + finding.subject.padded(width + 2) + finding.seen]
                + (advice(finding.verdict).map { [String(repeating: " ", count: width + 11) + $0] } ?? [])
        }
        let rest = unknown == 0 ? "" : ", \(unknown) not judged"
        let verdict = warnings == 0 ? "nothing odd" + rest : "\(warnings) warning\(warnings == 1 ? "" : "s")" + rest
        return (["\(path): \(kind)"] + lines + [verdict]).joined(separator: "\n")
    }

    static func json(_ findings: [Finding], path: String, kind: String) -> JSONValue {
        .object([
            ("file", .string(path)), ("kind", .string(kind)), ("ok", .bool(!findings.contains(where: \.isWarning))),
            ("warnings", .int(findings.count(where: \.isWarning))),
            ("findings", .array(findings.map {
                .object([("subject", .string($0.subject)), ("seen", .string($0.seen)), ("verdict", .string(word($0.verdict))), ("advice", .optional(advice($0.verdict)))])
            })),
        ])
    }

    private static func word(_ verdict: Finding.Verdict) -> String {
        switch verdict {
        case .good: "ok"
        case .warning: "warning"
        case .unknown: "unknown"
        }
    }

    private static func advice(_ verdict: Finding.Verdict) -> String? {
        switch verdict {
        case .good: nil
        case .warning(let advice): advice
        case .unknown(let need): need
        }
    }
}

extension String {
    /// Without blanks at the end.
    fileprivate var trimmedRight: String { String(reversed().drop { $0 == " " }.reversed()) }
}
