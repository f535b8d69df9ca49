import Foundation
import Gibbs

/// Foretold ratings: RMSE, MAE, likelihood and calibration of every model of ratings, fold by fold, and with shuffled test labels.
enum RatingErrors {
    struct Plan {
        /// The files, nil where there is none.
        var movieLens: String?, filmTrust: String?
        /// Folds that are judged, and where the folds are written for the peers.
        var folds = 5, folder = NSTemporaryDirectory()
        /// Whether contrastive divergence is judged too.
        var seesDivergence = true
    }

    static func run(_ plan: Plan) throws {
        if let path = plan.movieLens {
            // The official u1 to u5.
            let ratings = try RatingsReader(path: path).read()
            try judge("ml-100k", (0 ..< 5).map { RatingSplit.block(ratings, fold: $0, of: 5) }, plan)
        }
        if let path = plan.filmTrust {
            let ratings = try RatingsReader(path: path).read()
            try judge("filmtrust", (0 ..< 5).map { RatingSplit.random(ratings, fold: $0, of: 5, key: Key(1)) }, plan)
        }
        report("ratings", "peak_memory_bytes", Double(peakMemory()))
    }

    private static func judge(_ task: String, _ splits: [RatingSplit], _ plan: Plan) throws {
        try write(splits, to: plan.folder + "/gibbs-ratings-\(task).tsv")
        // Half a star is a step where anybody gave one: told from all ratings, as the file's own scale.
        let scale = try RatingScale(of: splits[0].train.value + splits[0].test.value)
        var found = [String: [RatingFigures]](), order = [String]()
        for (fold, split) in splits.prefix(plan.folds).enumerated() {
            let train = split.train.byUser(), test = split.test.byUser(), people = People(histories: train)
            func show(_ name: String, _ model: any RatingModel, _ more: [String: Any] = [:]) throws {
                let figures = try model.figures(on: test, for: people)
                if found[name] == nil { order.append(name) }
                found[name, default: []].append(figures)
                report(task, "rmse", figures.rmse, ["model": name, "fold": fold + 1, "mae": figures.mae, "logLikelihood": figures.logLikelihood,
                                                    "calibrationError": figures.calibrationError, "ratings": figures.count].merging(more) { $1 })
            }
            try show("biases", RatingBiases.fitted(to: train, scale: scale))
            var members: CombinedRatings?
            let took = try seconds { members = try CombinedRatings.fitted(to: train, scale: scale) }
            guard let combined = members else { continue }
            for member in combined.members { try show(name(member), member.model) }
            try show("combined", combined, ["weights": combined.weights, "seconds": took])
            if plan.seesDivergence {
                var options = RatingMachineOptions()
                options.method = .contrastiveDivergence(from: 1, to: 5)
                try show("rating-rbm by contrastive divergence", RatingMachine.fitted(to: train, scale: scale, options: options))
            }
            let shuffled = SparseRows(columns: test.columns, starts: test.starts, indices: test.indices, values: Key(3).permutation(test.entries).map { test.values[$0] })
            report(task, "rmseShuffled", try combined.figures(on: shuffled, for: people).rmse, ["model": "combined", "fold": fold + 1])
        }
        for name in order {
            let figures = found[name] ?? []
            report(task, "meanRMSE", Statistics.mean(figures.map(\.rmse)), ["model": name, "mae": Statistics.mean(figures.map(\.mae)), "logLikelihood": Statistics.mean(figures.map(\.logLikelihood)),
                                                                          "calibrationError": Statistics.mean(figures.map(\.calibrationError)), "folds": figures.count])
        }
    }

    private static func name(_ member: CombinedRatings.Member) -> String {
        switch member {
        case .machine: "rating-rbm"
        case .factors: "factors"
        case .biases: "biases"
        case .neighbours: "neighbours"
        }
    }

    /// user, item, rating and the fold that tests it, divided by tabs.
    private static func write(_ splits: [RatingSplit], to path: String) throws {
        var text = ""
        for (fold, split) in splits.enumerated() {
            let test = split.test
            for row in 0 ..< test.count { text += "\(test.users.names[Int(test.user[row])])\t\(test.items.names[Int(test.item[row])])\t\(test.value[row])\t\(fold)\n" }
        }
        try Data(text.utf8).write(to: URL(fileURLWithPath: path))
    }
}
