import GibbsData

extension StreamGrade {
    /// The figures as one object.
    package func json(_ watchdog: StreamWatchdog) -> JSONValue {
        .object([
            ("entityDays", .int(entityDays)), ("positives", .int(positiveDays)), ("auroc", .number(auroc)), ("averagePrecision", .number(averagePrecision)),
            ("baseline", .object([("model", .string("largest surprise of one event")), ("auroc", .number(baselineAUROC))])),
            ("falseAlarmRate", .number(falseAlarmRate)), ("falseAlarmsPerDay", .number(falseAlarmsPerDay)), ("promisedPerDay", .number(promisedPerDay)),
            ("detectionRate", .number(detectionRate)), ("threshold", .number(Double(watchdog.calibration?.tailThreshold ?? .infinity))),
            ("kinds", .array(kinds.map { kind in
                .object([("label", .string(kind.label)), ("entities", .int(kind.entities)), ("found", .int(kind.found)), ("medianEvents", kind.medianEvents.map { .int($0) } ?? .null),
                         ("within20", .int(kind.within20)), ("withinADay", .int(kind.withinADay))])
            })),
        ])
    }
}
