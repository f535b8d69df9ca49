import GibbsNumerics

/// A part to learn from and a part to be judged on, over the same people and items.
public struct RatingSplit: Sendable {
    /// What a model may see.
    public let train: Ratings
    /// What it is judged on.
    public let test: Ratings

    /// A split that is already there, such as two files. Traps when people or items differ.
    public init(train: Ratings, test: Ratings) {
        precondition(train.users == test.users && train.items == test.items, "the parts number people or items differently")
        (self.train, self.test) = (train, test)
    }

    private init(_ ratings: Ratings, isTest: (Int) -> Bool) {
        self.init(train: ratings.selecting((0 ..< ratings.count).filter { !isTest($0) }), test: ratings.selecting((0 ..< ratings.count).filter(isTest)))
    }

    /// Fold `fold` of `count`, as blocks of the source's order: rows [fold·n/count, (fold+1)·n/count) are the test part. Of MovieLens 100k's
    /// `u.data`, five of them are the official `u1` to `u5`.
    public static func block(_ ratings: Ratings, fold: Int, of count: Int) -> RatingSplit {
        let n = ratings.count, test = n * fold / count ..< n * (fold + 1) / count
        return RatingSplit(ratings) { test.contains($0) }
    }

    /// Fold `fold` of `count` after a shuffle of all rows by `key`.
    public static func random(_ ratings: Ratings, fold: Int, of count: Int, key: Key) -> RatingSplit {
        var place = [Int](repeating: 0, count: ratings.count)
        for (position, row) in key.permutation(ratings.count).enumerated() { place[row] = position }
        let test = ratings.count * fold / count ..< ratings.count * (fold + 1) / count
        return RatingSplit(ratings) { test.contains(place[$0]) }
    }

    /// The first share of the rows, rounded down, is the test part.
    public static func block(_ ratings: Ratings, share: Double) -> RatingSplit {
        let count = Int(Double(ratings.count) * share)
        return RatingSplit(ratings) { $0 < count }
    }

    /// A random share of the rows, rounded down, is the test part; consumes `key`.
    public static func random(_ ratings: Ratings, share: Double, key: Key) -> RatingSplit {
        let test = Set(key.permutation(ratings.count).prefix(Int(Double(ratings.count) * share)))
        return RatingSplit(ratings) { test.contains($0) }
    }

    /// For every person, a random share of the ratings, rounded down, is the test part; consumes `key`.
    public static func byUser(_ ratings: Ratings, share: Double, key: Key) -> RatingSplit {
        lastOfEachUser(ratings, order: key.permutation(ratings.count)) { Int(Double($0) * share) }
    }

    /// For every person with at least two ratings, the last in time (in the source's order where times tie or are absent).
    public static func leaveLastOut(_ ratings: Ratings) -> RatingSplit {
        lastOfEachUser(ratings, order: timeOrder(ratings)) { $0 > 1 ? 1 : 0 }
    }

    /// The last share of all ratings in time; people who only appear there are judged without a history.
    ///
    /// - Throws: `GibbsError` with code `.unsuitableData` without times.
    public static func temporal(_ ratings: Ratings, share: Double) throws -> RatingSplit {
        guard ratings.time != nil else {
            throw GibbsError(.unsuitableData, "a split in time needs times, and the ratings have none", advice: "name its column, or split at random")
        }
        let late = Set(timeOrder(ratings).suffix(Int(Double(ratings.count) * share)))
        return RatingSplit(ratings) { late.contains($0) }
    }

    private static func timeOrder(_ ratings: Ratings) -> [Int] {
        guard let time = ratings.time else { return Array(0 ..< ratings.count) }
        return (0 ..< ratings.count).sorted { time[$0] != time[$1] ? time[$0] < time[$1] : $0 < $1 }
    }

    private static func lastOfEachUser(_ ratings: Ratings, order: [Int], taking count: (Int) -> Int) -> RatingSplit {
        var left = [Int](repeating: 0, count: ratings.users.count)
        for user in ratings.user { left[Int(user)] += 1 }
        left = left.map(count)
        var isTest = [Bool](repeating: false, count: ratings.count)
        for row in order.reversed() where left[Int(ratings.user[row])] > 0 {
            left[Int(ratings.user[row])] -= 1
            isTest[row] = true
        }
        return RatingSplit(ratings) { isTest[$0] }
    }
}
