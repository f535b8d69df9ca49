import GibbsCore
import GibbsNumerics
import Testing

/// Figures for other shares of negatives and positives than the files hold.
@Suite struct RankingMixTests {
    private let scores = Key(1).normals(300).enumerated().map { $1.rounded() + ($0 < 60 ? 1 : 0) }, positive = (0 ..< 300).map { $0 < 60 }

    /// At the files' own mix they are the plain figures.
    @Test func ownMix() {
        let mix = Ranking.Mix(normal: 240, positive: 60)
        #expect(abs(Ranking.averagePrecision(scores: scores, positive: positive, mix: mix) - Ranking.averagePrecision(scores: scores, positive: positive)) < 1e-12)
        let rates = Set(scores).map { threshold in Ranking.rates(alerts: scores.map { $0 >= threshold }, positive: positive).f1 }
        #expect(abs(Ranking.bestF1(scores: scores, positive: positive, mix: mix) - rates.max()!) < 1e-12)
    }

    /// Ten times as many negatives are the same as every negative ten times.
    @Test func repeated() {
        let mix = Ranking.Mix(normal: 2_400, positive: 60), normal = scores[60...], many = scores[..<60] + (0 ..< 10).flatMap { _ in normal }
        let flags = many.indices.map { $0 < 60 }
        #expect(abs(Ranking.averagePrecision(scores: scores, positive: positive, mix: mix) - Ranking.averagePrecision(scores: Array(many), positive: flags)) < 1e-12)
        let alerts = many.map { $0 > 1 }, plain = Ranking.rates(alerts: alerts, positive: flags)
        #expect(abs(mix.f1(falseAlarmRate: plain.falseAlarmRate, detectionRate: plain.detectionRate) - plain.f1) < 1e-12)
    }

    @Test func nothingToFind() {
        let none = [Bool](repeating: false, count: 300), mix = Ranking.Mix(normal: 1, positive: 1)
        #expect(Ranking.averagePrecision(scores: scores, positive: none, mix: mix).isNaN && Ranking.bestF1(scores: scores, positive: none, mix: mix).isNaN)
    }
}
