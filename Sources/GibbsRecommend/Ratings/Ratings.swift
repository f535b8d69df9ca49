import GibbsData
import GibbsNumerics

/// Who rated what, and how: at most one rating a person and item, in the order of their source.
///
/// Where the source has no ratings but events (a play, a purchase), the value is how often the pair occurred.
/// Memory: 12 bytes a rating, 8 more with times.
public struct Ratings: Sendable {
    /// The people.
    public var users: Identifiers
    /// What they rated.
    public var items: Identifiers
    /// The person of each rating, an index of `users`.
    public private(set) var user: [Int32]
    /// The item of each rating, an index of `items`.
    public private(set) var item: [Int32]
    /// The ratings, finite.
    public private(set) var value: [Float]
    /// When each was given, seconds since 1970, or in whatever unit the source has; nil where it has none.
    public private(set) var time: [Double]?
    /// Whether the source has no ratings, so that a value is how often its pair occurred.
    public private(set) var areCounts: Bool
    /// The least rating that was kept, where lower ones were left out.
    public private(set) var least: Double?
    /// Earlier ratings of a pair that a later one replaced, or, without ratings, repetitions that were counted up.
    public package(set) var repeats = 0
    /// Rows of the source that lacked a person, an item or the rating, and were left out.
    public package(set) var incomplete = 0
    /// The columns they were read from, where they come from a table.
    public package(set) var columns: RatingColumns?
    /// Sixteen hexadecimal digits over the source's bytes, where it is a file.
    public var digest: String?

    /// Ratings in the order of their source. Traps when the columns differ in length or an index has no name.
    ///
    /// - Parameter countsRepeats: Whether a pair that occurs again adds to the value (events) instead of replacing it (ratings; the last
    ///   one wins and stands in the place of the last).
    /// - Complexity: A sort by pairs.
    public init(users: Identifiers, items: Identifiers, user: [Int32], item: [Int32], value: [Float], time: [Double]? = nil, countsRepeats: Bool = false) {
        precondition(user.count == item.count && user.count == value.count && (time?.count ?? user.count) == user.count, "columns differ in length")
        precondition(user.allSatisfy { 0 ..< Int32(users.count) ~= $0 } && item.allSatisfy { 0 ..< Int32(items.count) ~= $0 }, "an index without a name")
        (self.users, self.items, self.user, self.item, self.value, self.time, areCounts) = (users, items, user, item, value, time, countsRepeats)
        mergeRepeats(counting: countsRepeats)
    }

    /// The number of ratings.
    public var count: Int { user.count }

    /// The ratings at these places, in that order, among the same people and items.
    public func selecting(_ places: [Int]) -> Ratings {
        var copy = self
        copy.user = places.map { user[$0] }
        copy.item = places.map { item[$0] }
        copy.value = places.map { value[$0] }
        copy.time = time.map { time in places.map { time[$0] } }
        (copy.repeats, copy.incomplete, copy.digest) = (0, 0, nil)
        return copy
    }

    /// Whose rows are people and whose columns are items. Cost: two counting sorts.
    public func byUser() -> SparseRows { SparseRows(rows: users.count, columns: items.count, row: user, column: item, value: value) }

    /// The same pairs as events, each of value 1.
    public func asEvents() -> Ratings {
        var copy = self
        copy.value = [Float](repeating: 1, count: count)
        copy.areCounts = true
        return copy
    }

    /// The ratings of at least `least`. People and items that have none left lose their number.
    ///
    /// - Throws: `GibbsError` with code `.unsuitableData` when none is left.
    public func keeping(atLeast least: Double) throws -> Ratings {
        let kept = (0 ..< count).filter { Double(value[$0]) >= least }
        guard !kept.isEmpty else { throw GibbsError(.unsuitableData, "none of \(count) ratings is at least \(least)", advice: "lower the least that counts") }
        var people = Identifiers(), things = Identifiers()
        let user = kept.map { people.index(adding: users.names[Int(self.user[$0])]) }, item = kept.map { things.index(adding: items.names[Int(self.item[$0])]) }
        var result = Ratings(users: people, items: things, user: user, item: item, value: kept.map { value[$0] }, time: time.map { time in kept.map { time[$0] } })
        (result.repeats, result.incomplete, result.digest, result.areCounts, result.least, result.columns) = (repeats, incomplete, digest, areCounts, least, columns)
        return result
    }

    /// Writes `user,item,rating[,time]`, `count` in place of `rating` where the source has none, a rating a line, complete or not at all.
    ///
    /// - Throws: `GibbsError` with code `.cannotWrite`.
    public func write(to path: String) throws {
        var columns = [Column(name: "user", storage: .categories(codes: user, names: users.names)), Column(name: "item", storage: .categories(codes: item, names: items.names)),
                       Column(name: areCounts ? "count" : "rating", numbers: value.map(Double.init))]
        if let time { columns.append(Column(name: "time", numbers: time)) }
        let output = try OutputFile(path: path)
        try CSVWriter.write(Table(columns: columns), to: output)
        try output.commit()
    }

    /// These ratings with people and items numbered as in other identifiers, for data that a model has not seen.
    ///
    /// - Returns: Only those whose item the model knows, people it does not know joining at the end; and how many were left out.
    public func numbered(users known: Identifiers, items knownItems: Identifiers) -> (ratings: Ratings, unknownItems: Int) {
        var people = known
        let newUser = users.names.map { people.index(adding: $0) }, newItem = items.names.map { knownItems.index(of: $0).map(Int32.init) ?? -1 }
        let kept = (0 ..< count).filter { newItem[Int(item[$0])] >= 0 }
        var copy = selecting(kept)
        copy.user = copy.user.map { newUser[Int($0)] }
        copy.item = copy.item.map { newItem[Int($0)] }
        (copy.users, copy.items, copy.digest) = (people, knownItems, digest)
        return (copy, count - kept.count)
    }

    private mutating func mergeRepeats(counting: Bool) {
        guard count > 1 else { return }
        let rows = SparseRows.order(rows: users.count, columns: items.count, row: user, column: item)
        var dropped = [Bool](repeating: false, count: count), found = 0
        for (before, after) in zip(rows, rows.dropFirst()) {
            let (b, a) = (Int(before), Int(after))
            guard user[b] == user[a], item[b] == item[a] else { continue }
            if counting { value[a] += value[b] }
            dropped[b] = true
            found += 1
        }
        guard found > 0 else { return }
        self = selecting((0 ..< count).filter { !dropped[$0] })
        repeats = found
    }
}
