import GibbsNumerics

/// Whether what comes is a stream of the form that the model knows: a watch of something else finds nothing, and looks healthy.
extension StreamSource {
    /// Lines after which hardly any event is no chance.
    static let sample = 100

    /// What is wrong with nearly all lines so far; `nil` while enough of them are events, or there are too few to tell.
    ///
    /// Nineteen of twenty lines that are no events of an entity are too many, and so is a column of the schema, or its time, that a
    /// hundred events lack.
    ///
    /// - Parameter atEnd: Whether nothing comes any more: then lines of which none is an event are enough, however few.
    public func fault(atEnd: Bool = false) -> GibbsError? {
        let usable = counters.events - counters.withoutEntity, lost = counters.malformed + counters.tooLong + counters.withoutEntity
        if lost > 0, usable == 0 && atEnd || lost >= Self.sample && lost >= 19 * usable {
            let why = counters.withoutEntity * 2 > lost ? "have no '\(schema.entity)', whose events they would be" : "could not be read" + (complaint.map { " (\($0))" } ?? "")
            return GibbsError(.unsuitableData, "\(lost) of \(lost + usable) lines \(why)", advice: isTable
                ? "give events with the columns \(([schema.entity] + columns).joined(separator: ", ")), as those of the fit"
                : "give a log of the form that the model was fitted to")
        }
        guard counters.events >= Self.sample else { return nil }
        if schema.time != nil, counters.withoutTime == counters.events {
            return GibbsError(.unsuitableData, "none of \(counters.events) events has a time", at: .init(field: schema.time), advice: "give ISO 8601, or seconds since 1970")
        }
        guard isTable, let column = absent.firstIndex(of: counters.events) else { return nil }
        return GibbsError(.unsuitableData, "none of \(counters.events) events has the field", at: .init(field: columns[column]), advice: "give the columns that the model was fitted to")
    }
}
