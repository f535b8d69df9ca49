import GibbsMachines

// What an alert, or a place in a ranking, is explained by.

extension StreamMonitor {
    /// Why an entity's score stands where it stands: at most eight events, in order, and at most three things about its day; both
    /// empty for an entity that is not held, or whose score is zero.
    public func reasons(of entity: String) -> (events: [StreamAlert.Reason], day: [StreamAlert.DayReason]) {
        guard let row = table.slots[ValueHash.of(entity)] else { return ([], []) }
        return (reasons(Int(row)), dayReasons(Int(row)))
    }

    /// The same of a row of the table.
    func reasons(_ row: Int) -> [StreamAlert.Reason] {
        let fields = measure.schema.fields.count
        return table.places(row).filter { table.blame[$0].gain > 0 }.sorted { (table.blame[$0].offset, table.blame[$0].line) < (table.blame[$1].offset, table.blame[$1].line) }
            .map { place in
                let blame = table.blame[place], codes = table.blameCodes[place * fields ..< (place + 1) * fields]
                return StreamAlert.Reason(
                    line: Int(blame.line), offset: Int(blame.offset), time: blame.time.isNaN ? nil : blame.time, gain: blame.gain, surprise: blame.surprise,
                    field: measure.schema.fields[Int(blame.field)].name, value: value(Int(codes[codes.startIndex + Int(blame.field)]), field: Int(blame.field)),
                    expected: measure.name(Int(blame.expected), field: Int(blame.field)) ?? "–", probability: blame.probability,
                    event: codes.enumerated().map { (measure.schema.fields[$0].name, value(Int($1), field: $0)) }.filter { $1 != nil }.map { .init(field: $0, value: $1!) })
            }
    }

    /// What of the day adds most, as the day was when its gain was measured.
    func dayReasons(_ row: Int) -> [StreamAlert.DayReason] {
        guard table.energies[row] > 0 else { return [] }
        let profile = measure.profile, codes = zip(table.day(row), profile.model.vocabularies).map { code, vocabulary in
            code < vocabulary.names.count ? Int32(code) : Examples.unseen
        }
        let judged = profile.judged(codes, temperature: measure.temperature)
        return judged.indices.filter { judged[$0].gain > 0 }.sorted { judged[$0].gain > judged[$1].gain }.prefix(3).map { column in
            let names = profile.model.vocabularies[column].names, found = judged[column]
            return StreamAlert.DayReason(what: profile.model.fields[column], value: codes[column] >= 0 ? names[Int(codes[column])] : codes[column] == Examples.missing ? "missing" : "(never seen)",
                                         expected: found.expected < names.count ? names[found.expected] : "–", probability: found.probability, gain: found.gain)
        }
    }

    /// What a code means; `nil` for a missing value.
    private func value(_ code: Int, field: Int) -> String? {
        code == Int(Examples.missing) ? nil : measure.name(code, field: field) ?? "(never seen)"
    }
}
