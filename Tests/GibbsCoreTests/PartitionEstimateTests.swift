import Foundation
import GibbsCore
import Testing

@Suite struct PartitionEstimateTests {
    /// The ln of a mean, not the mean of ln; added on the way up and subtracted on the way down.
    @Test func logOfTheMean() {
        let two = log(2.0), weights = [0, log(3.0)]
        let lower = PartitionEstimate(base: 5, logWeights: weights, kind: .lower, seconds: 1), upper = PartitionEstimate(base: 5, logWeights: weights, kind: .upper, seconds: 1)
        #expect(abs(lower.logPartition - (5 + two)) < 1e-12 && abs(upper.logPartition - (5 - two)) < 1e-12)
        // Weights 1 and 3: standard deviation √2, mean 2, so √2 / 2 / √2; and 4² / (1 + 9) chains.
        #expect(abs(lower.standardError - 0.5) < 1e-12 && abs(lower.effectiveChains - 1.6) < 1e-12 && lower.chains == 2)
        #expect(PartitionEstimate(base: 0, logWeights: [1], kind: .lower, seconds: 0).standardError.isNaN)
        let large = PartitionEstimate(base: 0, logWeights: [1e4, 1e4], kind: .upper, seconds: 0)
        #expect(large.logPartition == -1e4 && large.standardError == 0)
    }

    /// Of the values 1 and 3 the mean is 2, and its standard error √2 / √2.
    @Test func likelihoods() {
        let found = LikelihoodBracket(best: [1, 3], atLeast: [0, 2], atMost: [1, 4])
        #expect(found.best == 2 && found.atLeast == 1 && found.atMost == 2.5 && abs(found.standardError - 1) < 1e-12 && found.count == 2)
        #expect(LikelihoodBracket(best: [1], atLeast: [1], atMost: [1]).standardError.isNaN)
    }
}
