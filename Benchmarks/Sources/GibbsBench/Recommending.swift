import Foundation
import Gibbs

/// Which items people turn to: ranking of all unseen items on MovieLens 100k (ratings of 4 and more) and FilmTrust (3.5 and more), 20 % of each
/// person's positives held out; figures, seconds of training and of recommending. The parts are written as text, so that peers have the same.
enum Recommending {
    /// One data set: its name, its file and the least rating that counts.
    struct Source {
        let name: String, path: String, least: Float
    }

    static func sources(data: String, movielens: String) -> [Source] {
        [Source(name: "ml-100k", path: movielens, least: 4), Source(name: "filmtrust", path: data + "/filmtrust/ratings.tab", least: 3.5)]
            .filter { FileManager.default.fileExists(atPath: $0.path) }
    }

    /// A split by its key: what may be seen, what is judged, and the same once more within what may be seen.
    struct Parts {
        let train: SparseRows, test: SparseRows, fit: SparseRows, valid: SparseRows

        init(_ source: Source, key: Int) throws {
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
}
