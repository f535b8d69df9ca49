import Foundation
import GibbsData
import GibbsNumerics
import GibbsRecommend
import Testing

private let filmTrust: String? = {
    let path = URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent().deletingLastPathComponent()
        .appendingPathComponent("../shared/data/filmtrust/ratings.tab").standardizedFileURL.path
    return FileManager.default.fileExists(atPath: path) ? path : nil
}()

@Suite(.enabled(if: filmTrust != nil, "there is no ../shared/data/filmtrust beside the repository")) struct FilmTrustTests {
    @Test func `factors beat biases on half stars, and shuffled labels leave nothing to beat`() throws {
        let ratings = try RatingsReader(path: try #require(filmTrust)).read(), scale = try RatingScale(of: ratings.value), split = RatingSplit.random(ratings, fold: 0, of: 5, key: Key(1))
        #expect(try scale == RatingScale(lowest: 0.5, step: 0.5, count: 8))
        let train = split.train.byUser(), test = split.test.byUser(), people = People(histories: train)
        var options = RatingFactorsOptions()
        (options.rank, options.sweeps) = (8, 12)
        let plain = try RatingBiases.fitted(to: train, scale: scale).figures(on: test, for: people)
        let factors = try RatingFactors.fitted(to: train, scale: scale, options: options), found = try factors.figures(on: test, for: people)
        #expect(plain.rmse < 0.85 && found.rmse < plain.rmse)
        #expect(try factors.figures(on: shuffled(test, key: Key(2)), for: people).rmse > plain.rmse)
        // Nor does a model learn anything from labels that were shuffled before the fit.
        let lost = try RatingFactors.fitted(to: shuffled(train, key: Key(3)), scale: scale, options: options).figures(on: test, for: people)
        #expect(lost.rmse > plain.rmse)
        let error = #expect(throws: GibbsError.self) { try factors.figures(on: test, for: People(histories: ratings.byUser())) }
        #expect(error?.message.hasPrefix("\(test.entries) of the \(test.entries) pairs") == true)
    }
}
