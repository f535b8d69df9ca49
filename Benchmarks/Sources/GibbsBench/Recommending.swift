import Foundation
import Gibbs

/// Which items people turn to: ranking of all unseen items on MovieLens 100k (ratings of 4 and more) and FilmTrust (3.5 and more), 20 % of each
/// person's positives held out; figures, seconds of training and of recommending. The parts are written as text, so that peers have the same,
/// and the peers' lists are judged here too (`lists`).
enum Recommending {
    /// One data set: its file, and the least rating that counts.
    struct Source { let name: String, path: String, least: Float }

    static func sources(data: String, movielens: String) -> [Source] {
        [Source(name: "ml-100k", path: movielens, least: 4), Source(name: "filmtrust", path: data + "/filmtrust/ratings.tab", least: 3.5)]
            .filter { FileManager.default.fileExists(atPath: $0.path) }
    }

    /// A split by its key: what may be seen, what is judged, and the same once more within what may be seen.
    struct Parts {
        let train: SparseRows, test: SparseRows, fit: SparseRows, valid: SparseRows

        /// Defaults were chosen with other keys.
        init(_ source: Source, number: Int) throws {
            let key = 100 + number
            let all = try RatingsReader(path: source.path).read()
            let positives = all.selecting((0 ..< all.count).filter { all.value[$0] >= source.least })
            let outer = RatingSplit.byUser(positives, share: 0.2, key: Key(UInt64(key))), inner = RatingSplit.byUser(outer.train, share: 0.2, key: Key(UInt64(1_000 + key)))
            func ones(_ ratings: Ratings) -> SparseRows {
                let rows = ratings.byUser()
                return SparseRows(columns: rows.columns, starts: rows.starts, indices: rows.indices, values: [Float](repeating: 1, count: rows.entries))
            }
            (train, test, fit, valid) = (ones(outer.train), ones(outer.test), ones(inner.train), ones(inner.test))
        }

        func write(to folder: String, name: String) throws {
            for (part, rows) in [("train", train), ("test", test), ("fit", fit), ("valid", valid)] {
                var text = "\(rows.rows)\t\(rows.columns)\n"
                for row in 0 ..< rows.rows { for item in rows.columns(of: row) { text += "\(row)\t\(item)\n" } }
                try Data(text.utf8).write(to: URL(fileURLWithPath: "\(folder)/\(name)-\(part).tsv"))
            }
        }
    }

    static func known(_ rows: SparseRows) -> People { People(histories: rows, fitted: (0 ..< rows.rows).map { $0 }) }

    static func figures(_ model: some ItemModel, _ train: SparseRows, _ test: SparseRows) throws -> RankingFigures {
        RankingFigures(try model.topItems(for: known(train), count: 10), test: test, train: train)
    }

    /// Writes the parts of the first `keys` splits, and prints figures of Gibbs's models and baselines as means over them.
    static func run(_ sources: [Source], folder: String, keys: Int, tuningKeys: Int) throws {
        try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
        for source in sources {
            let parts = try (1 ... keys).map { key in
                let parts = try Parts(source, number: key)
                try parts.write(to: folder, name: "\(source.name)-\(key)")
                return parts
            }
            try times(source.name, parts[0].train)
            func judge(_ name: String, _ fitted: (SparseRows) throws -> any ItemModel) throws {
                show(source.name, name, try parts.map { part in try figures(fitted(part.train), part.train, part.test) })
            }
            let (leastSquares, softmax) = try (tunedLeastSquares(source, parts.prefix(tuningKeys)), tunedSoftmax(source, parts.prefix(tuningKeys)))
            try judge("least squares, tuned") { try DotProductRecommender.fitted(to: $0, by: leastSquares, key: Key(7)) }
            try judge("least squares, defaults") { try DotProductRecommender.fitted(to: $0, by: ImplicitLeastSquares(), key: Key(7)) }
            try judge("softmax, tuned") { try DotProductRecommender.fitted(to: $0, by: softmax, key: Key(7)) }
            try judge("softmax, defaults") { try DotProductRecommender.fitted(to: $0, by: SampledSoftmax(), key: Key(7)) }
            try judge("item neighbours") { try ItemNeighbours(histories: $0) }
            try judge("popularity") { Popularity(histories: $0) }
            for part in parts { try temperatures(source, part) }
        }
    }

    /// Judges the lists that peers left in the folder: NAME-KEY-MODEL.lists, a line of items a person.
    static func lists(_ sources: [Source], folder: String, keys: Int) throws {
        for source in sources {
            for model in ["als", "bpr"] {
                let found = try (1 ... keys).compactMap { key -> RankingFigures? in
                    guard let text = try? String(contentsOfFile: "\(folder)/\(source.name)-\(key)-\(model).lists", encoding: .utf8) else { return nil }
                    let rows = text.split(separator: "\n", omittingEmptySubsequences: false).map { $0.split(separator: " ").map { Int32($0)! } }, parts = try Parts(source, number: key)
                    return RankingFigures(TopItems(length: 10, items: Array(rows.prefix(parts.test.rows))), test: parts.test, train: parts.train)
                }
                if found.count == keys { show(source.name, "implicit " + model, found) }
            }
        }
    }

    private static func show(_ source: String, _ model: String, _ figures: [RankingFigures]) {
        func mean(_ part: (RankingFigures) -> Double) -> Double { Statistics.mean(figures.map(part)) }
        report(source, "ndcg@10", mean(\.ndcg), ["model": model, "keys": figures.count, "recall": mean(\.recall), "precision": mean(\.precision), "map": mean(\.averagePrecision),
                                                "hitRate": mean(\.hitRate), "coverage": mean(\.coverage), "diversity": mean(\.diversity), "novelty": mean(\.novelty), "each": figures.map(\.ndcg)])
    }

    /// Seconds of least squares at the factors and iterations of the peers' line, and of ten items for everybody.
    private static func times(_ name: String, _ train: SparseRows) throws {
        for factors in [64, 128] {
            var method = ImplicitLeastSquares(), model: DotProductRecommender?
            (method.factors, method.iterations) = (factors, 15)
            try time(name, "trainSeconds", runs: 9, ["factors": factors, "iterations": 15]) { model = try .fitted(to: train, by: method, key: Key(1)) }
            if let model { try time(name, "recommendSeconds", runs: 21, ["factors": factors, "users": train.rows]) { _ = try model.topItems(for: known(train), count: 10) } }
        }
    }

    private static func time(_ name: String, _ figure: String, runs: Int, _ more: [String: Any], _ body: () throws -> Void) throws {
        var wall = [Double](), processor = [Double]()
        for _ in 0 ..< runs { wall.append(try seconds { processor.append(try processorSeconds(body)) }) }
        report(name, figure, Statistics.median(wall), ["low": wall.min()!, "high": wall.max()!, "processorSeconds": Statistics.median(processor)].merging(more) { one, _ in one })
    }

    /// What the softmax's probabilities are worth, and what temperature does to lists of ten.
    private static func temperatures(_ source: Source, _ parts: Parts) throws {
        let people = known(parts.train), model = try DotProductRecommender.fitted(to: parts.train, by: SampledSoftmax(), key: Key(7))
        let popularity = try ItemCalibration(of: Popularity(histories: parts.train), for: people, test: parts.test)
        for temperature in [0.25, 0.5, 0.85, 1, 1.2, 2, 4] {
            let found = try ItemCalibration(of: model, for: people, test: parts.test, temperature: temperature)
            let drawn = RankingFigures(try model.drawnItems(for: people, count: 10, temperature: temperature, key: Key(3)), test: parts.test, train: parts.train)
            report(source.name, "temperature", temperature, [
                "model": "softmax", "logLikelihood": found.logLikelihood, "popularityLogLikelihood": popularity.logLikelihood, "pairError": found.pairError, "massError": found.massError,
                "topError": found.topError, "topNoise": found.topNoise, "popularityTopError": popularity.topError, "popularityMassError": popularity.massError, "effectiveItems": found.effectiveItems, "hitProbability": found.hitProbability, "ndcg": drawn.ndcg,
                "coverage": drawn.coverage, "diversity": drawn.diversity, "novelty": drawn.novelty,
                "bins": temperature == 1 ? found.bins.filter { $0.expected > 1 }.map { [$0.least, $0.expected, $0.observed] } : []])
        }
    }
}
