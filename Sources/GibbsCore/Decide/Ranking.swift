import Foundation

/// Figures of how well scores separate positives from negatives.
public enum Ranking {
    /// The area under the receiver operating characteristic: the probability that a positive scores above a negative, ties
    /// counting one half. `nan` when one of the classes is empty. Cost: one sort.
    ///
    /// - Source: Hanley & McNeil, Radiology 1982.
    public static func auroc(scores: [Float], positive: [Bool]) -> Double {
        precondition(scores.count == positive.count, "\(scores.count) scores and \(positive.count) labels")
        precondition(!scores.contains(where: \.isNaN), "a score is nan")
        let order = scores.indices.sorted { scores[$0] < scores[$1] }
        var rankSum = 0.0, start = 0
        while start < order.count {
            var end = start
            while end < order.count, scores[order[end]] == scores[order[start]] { end += 1 }
            let rank = Double(start + end + 1) / 2
            for index in start ..< end where positive[order[index]] { rankSum += rank }
            start = end
        }
        let positives = Double(positive.count { $0 }), negatives = Double(positive.count) - positives
        return (rankSum - positives * (positives + 1) / 2) / (positives * negatives)
    }

    /// Average precision: Σ (recallₙ − recallₙ₋₁) · precisionₙ over the distinct scores, highest first. `nan` without positives.
    /// Cost: one sort.
    public static func averagePrecision(scores: [Float], positive: [Bool]) -> Double {
        precondition(scores.count == positive.count, "\(scores.count) scores and \(positive.count) labels")
        precondition(!scores.contains(where: \.isNaN), "a score is nan")
        let order = scores.indices.sorted { scores[$0] > scores[$1] }
        let positives = positive.count { $0 }
        var hits = 0, sum = 0.0, start = 0
        while start < order.count {
            var end = start, found = 0
            while end < order.count, scores[order[end]] == scores[order[start]] { found += positive[order[end]] ? 1 : 0; end += 1 }
            hits += found
            sum += Double(found) / Double(positives) * Double(hits) / Double(end)
            start = end
        }
        return positives == 0 ? .nan : sum
    }

    /// Shares of alerts among negatives and positives, and F₁ = 2·tp / (2·tp + fp + fn); each is `nan` where it divides by
    /// nothing. Traps unless there is one label an alert. Cost: one pass.
    public static func rates(alerts: [Bool], positive: [Bool]) -> (falseAlarmRate: Double, detectionRate: Double, f1: Double) {
        precondition(alerts.count == positive.count, "\(alerts.count) alerts and \(positive.count) labels")
        var counts = [0.0, 0.0, 0.0, 0.0]
        for (alert, isPositive) in zip(alerts, positive) { counts[(isPositive ? 2 : 0) + (alert ? 1 : 0)] += 1 }
        return (counts[1] / (counts[0] + counts[1]), counts[3] / (counts[2] + counts[3]),
                2 * counts[3] / (2 * counts[3] + counts[1] + counts[2]))
    }
}
