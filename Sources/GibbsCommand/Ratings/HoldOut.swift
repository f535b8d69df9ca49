import ArgumentParser
import Foundation
import Gibbs

/// Which ratings are kept from the fit, and where they go, to be judged with later.
struct HoldOut: ParsableArguments {
    /// Which ratings a part is made of.
    enum Split: String, ExpressibleByArgument, CaseIterable {
        /// Any, at random.
        case random
        /// A block of rows.
        case block
        /// A random share of each person's.
        case user
        /// Each person's last.
        case last
        /// The last of all in time.
        case time
    }

    @Option(help: "File (CSV) for ratings that are kept from the fit, to be judged with by gibbs evaluate; none unless given.")
    var testOut: String?

    @Option(help: "Which are kept; random unless told: random, block (of rows), user (a share of each person's), last (each person's last), time (the last of all).")
    var split: Split?

    @Option(help: "Share of them; 0.2 unless told.")
    var testShare: Double?

    /// What is left to fit on, after the rest was written.
    ///
    /// - Throws: `GibbsError` with code `.usage`, `.unsuitableData` where a part would be empty, or `.cannotWrite`.
    func train(of ratings: Ratings, key: Key, data: String, out: String) throws -> Ratings {
        guard let testOut else {
            guard split == nil, testShare == nil else { throw GibbsError(.usage, "--split and --test-share say what is kept, and nothing is", advice: "name a file for it with --test-out") }
            return ratings
        }
        let testShare = testShare ?? 0.2
        guard 0 ..< 1 ~= testShare, testShare > 0 else { throw GibbsError(.usage, "a share of \(testShare) to keep", advice: "give --test-share between 0 and 1") }
        try DistinctFiles.check(testOut, option: "--test-out", apartFrom: data, out)
        let parts: RatingSplit = switch split ?? .random {
        case .random: .random(ratings, share: testShare, key: key)
        case .block: .block(ratings, share: testShare)
        case .user: .byUser(ratings, share: testShare, key: key)
        case .last: .leaveLastOut(ratings)
        case .time: try .temporal(ratings, share: testShare)
        }
        guard parts.test.count > 0, parts.train.count > 0 else {
            throw GibbsError(.unsuitableData, "\(ratings.count) ratings leave \(parts.train.count) to fit on and \(parts.test.count) to judge with", advice: "give more ratings, or another --split")
        }
        try parts.test.write(to: testOut)
        return parts.train
    }
}
