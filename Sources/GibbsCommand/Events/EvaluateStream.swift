import Foundation
import Gibbs

extension Evaluate {
    /// Figures on a labelled log: of entity-days, and of how soon each strange entity was found.
    func evaluateStream(_ watchdog: StreamWatchdog) throws {
        guard negatives == nil, mix == nil else { throw GibbsError(.usage, "--negatives and --mix with a log of events", advice: "give one log with --label and --normal") }
        guard case .table = watchdog.source, let label = labels.label else {
            throw GibbsError(.usage, "a log of events is graded by a column of labels", advice: "give --label and --normal; raw lines have none: run gibbs parse, add a label, and fit with --entity")
        }
        var watchdog = watchdog
        if let falseAlarms { watchdog = try watchdog.alerting(at: falseAlarms.share) }
        let schema = watchdog.measure.schema, columns = schema.columns + (schema.columns.contains(label) ? [] : [label])
        let log = try EventLog(table: data, options: input.options(), entity: schema.entity, time: schema.time, columns: columns)
        let start = try StreamState.known(of: watchdog, model: model)
        let grade = try StreamGrade(of: log, label: label, isNormal: { value in
            positive.map { value != $0 } ?? LabelOptions.means(labels.normal ?? "normal", value)
        }, watchdog: watchdog, from: start)
        Console.clearProgress()
        print(text ? grade.text(watchdog).printable : grade.json(watchdog).text)
    }
}

extension StreamGrade {
    func text(_ watchdog: StreamWatchdog) -> String {
        let head = String(format: """
            %d entity-days, %d of them strange: AUROC %.4f, average precision %.3f   (largest surprise of one event: AUROC %.4f)
            false alarms: %.2f a day, where %.2f are promised (%@ %% of normal entity-days)
            """, entityDays, positiveDays, auroc, averagePrecision, baselineAUROC, falseAlarmsPerDay, promisedPerDay, (falseAlarmRate * 100).shortText)
        return ([head] + kinds.map { kind in
            "  " + kind.label.oneLine.padded(16) + "\(kind.found) of \(kind.entities) entities found".padded(30) + (kind.medianEvents.map { "after \($0) events in the median, " } ?? "")
                + "\(kind.within20) within 20, \(kind.withinADay) within a day"
        }).joined(separator: "\n")
    }
}
