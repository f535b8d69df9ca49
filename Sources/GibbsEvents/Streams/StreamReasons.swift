import Foundation
import GibbsMachines

// What an alert, or a place in a ranking, is explained by.

extension StreamMonitor {
    /// Why an entity's score stands where it stands: at most eight events, in order, and at most three things about its day; both
    /// empty for an entity that is not held, or whose score is zero.
    public func reasons(of entity: String) -> (events: [StreamAlert.Reason], day: [StreamAlert.DayReason]) {
        guard let row = table.slots[ValueHash.of(entity)] else { return ([], []) }
        return (reasons(Int(row)), dayReasons(Int(row), strange: measure.profile.strangeCounts(row: Int(row), table: table), of: Int(table.totals[Int(row)])))
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

    /// What of the day adds most, as the day was when its gain was measured, after what its strange events add of all its events.
    func dayReasons(_ row: Int, strange: ArraySlice<UInt16>, of total: Int) -> [StreamAlert.DayReason] {
        let first = strangeReason(strange, of: total).map { [$0] } ?? []
        guard table.energies[row] > 0 else { return first }
        let profile = measure.profile, codes = zip(table.day(row), profile.model.vocabularies).map { code, vocabulary in
            code < vocabulary.names.count ? max(Int32(code), Examples.unseen) : Examples.unseen
        }
        let judged = profile.judged(codes, temperature: measure.temperature)
        let rest = judged.indices.filter { judged[$0].gain > 0 }.sorted { judged[$0].gain > judged[$1].gain }.map { column in
            let names = profile.model.vocabularies[column].names, found = judged[column]
            return StreamAlert.DayReason(what: profile.model.fields[column], value: codes[column] >= 0 ? names[Int(codes[column])] : codes[column] == Examples.missing ? "missing" : plain(row, column),
                                         expected: found.expected < names.count ? names[found.expected] : "–", probability: found.probability, gain: found.gain)
        }
        return Array((first + rest).prefix(3))
    }

    private func strangeReason(_ counts: ArraySlice<UInt16>, of total: Int) -> StreamAlert.DayReason? {
        guard !measure.strange.isEmpty, let found = StrangeRate.best(measure.strange, counts: counts, of: total) else { return nil }
        let rate = measure.strange[found.rate], what = "\(rate.field) 'new' today" + (measure.schema.habitual.map { ", without '\($0)'" } ?? "")
        return StreamAlert.DayReason(what: what, value: "\(counts[counts.startIndex + found.rate]) of \(total)", expected: "0", probability: Float(pow(1 - rate.share, Double(total))), gain: found.gain)
    }

    /// What stands in a column of an entity's day that the model has not met there.
    private func plain(_ row: Int, _ column: Int) -> String {
        let code = Int(table.day(row)[row * table.dayColumns + column])
        if case .last(let field) = measure.profile.columns[column] { return value(code, field: field) ?? "missing" }
        return StreamModel.plain(code, of: StreamProfile.levelNames) ?? "(never seen)"
    }

    /// What a code means; `nil` for a missing value.
    private func value(_ code: Int, field: Int) -> String? {
        if code == Int(Examples.missing) { return nil }
        return measure.name(code, field: field) ?? StreamModel.plain(code, of: measure.schema.fields[field].encoding.names) ?? "(never seen)"
    }
}
