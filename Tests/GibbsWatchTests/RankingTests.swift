import GibbsCore
import GibbsNumerics
import Testing

/// Areas and rates against their definitions, pair by pair and threshold by threshold.
@Suite struct RankingTests {
    static func area(_ scores: [Float], _ positive: [Bool]) -> Double {
        var wins = 0.0, pairs = 0.0
        for i in scores.indices where positive[i] {
            for j in scores.indices where !positive[j] {
                wins += scores[i] > scores[j] ? 1 : scores[i] == scores[j] ? 0.5 : 0
                pairs += 1
            }
        }
        return wins / pairs
    }

    static func precision(_ scores: [Float], _ positive: [Bool]) -> Double {
        var sum = 0.0, before = 0.0
        for threshold in Set(scores).sorted(by: >) {
            let found = scores.indices.filter { scores[$0] >= threshold }, hits = Double(found.count { positive[$0] })
            let recall = hits / Double(positive.count { $0 })
            sum += (recall - before) * hits / Double(found.count)
            before = recall
        }
        return sum
    }

    @Test(arguments: [2, 5, 1000]) func bruteForceWithTies(levels: Int) {
        for seed in 0 ..< 20 {
            let key = Key(UInt64(seed)), count = 30 + seed
            let scores = key.folding(0).uniforms(count).map { ($0 * Float(levels)).rounded() }
            var positive = key.folding(1).uniforms(count).map { $0 < 0.3 }
            (positive[0], positive[1]) = (true, false)
            #expect(abs(Ranking.auroc(scores: scores, positive: positive) - Self.area(scores, positive)) < 1e-12)
            #expect(abs(Ranking.averagePrecision(scores: scores, positive: positive) - Self.precision(scores, positive)) < 1e-12)
        }
    }

    @Test func extremes() {
        #expect(Ranking.auroc(scores: [1, 2, 3, 4], positive: [false, false, true, true]) == 1)
        #expect(Ranking.auroc(scores: [4, 3, 2, 1], positive: [false, false, true, true]) == 0)
        #expect(Ranking.auroc(scores: [7, 7, 7], positive: [false, true, false]) == 0.5)
        #expect(Ranking.averagePrecision(scores: [7, 7, 7, 7], positive: [false, true, false, false]) == 0.25)
        #expect(Ranking.averagePrecision(scores: [.infinity, 1], positive: [true, false]) == 1)
        #expect(Ranking.auroc(scores: [1, 2], positive: [true, true]).isNaN && Ranking.auroc(scores: [1, 2], positive: [false, false]).isNaN)
        #expect(Ranking.averagePrecision(scores: [1, 2], positive: [false, false]).isNaN)
        #expect(Ranking.auroc(scores: [], positive: []).isNaN)
    }

    @Test func rates() {
        // Two of five negatives alert, three of four positives: precision 3/5, recall 3/4.
        let found = Ranking.rates(alerts: [true, true, false, false, false, true, true, true, false],
                                  positive: [false, false, false, false, false, true, true, true, true])
        #expect(found.falseAlarmRate == 0.4 && found.detectionRate == 0.75 && abs(found.f1 - 2 * 0.6 * 0.75 / 1.35) < 1e-12)
        let none = Ranking.rates(alerts: [false, true], positive: [false, false])
        #expect(none.falseAlarmRate == 0.5 && none.detectionRate.isNaN && none.f1 == 0)
    }
}
