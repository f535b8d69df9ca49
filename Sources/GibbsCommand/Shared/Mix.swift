import ArgumentParser
import Gibbs

/// Two counts as a person writes them: 553366:16838, normal ones first.
struct Mix: ExpressibleByArgument {
    let mix: Ranking.Mix

    init?(argument: String) {
        let parts = argument.split(separator: ":", omittingEmptySubsequences: false).map { Double($0) }
        guard parts.count == 2, let normal = parts[0], let positive = parts[1], normal > 0, positive > 0, normal.isFinite, positive.isFinite else { return nil }
        mix = Ranking.Mix(normal: normal, positive: positive)
    }
}
