import Foundation

extension Ranking {
    /// How many negatives and positives figures are to be for, where the files at hand hold other shares of them.
    ///
    /// The rates among negatives and among positives stay; what mixes the two, such as precision, follows the counts given here.
    public struct Mix: Sendable, Hashable {
        /// Negatives.
        public var normal: Double
        /// Positives.
        public var positive: Double

        /// A mix; both counts are positive.
        public init(normal: Double, positive: Double) {
            self.normal = normal
            self.positive = positive
        }

        /// F₁ = 2·tp / (2·tp + fp + fn) at these rates; `nan` when nothing alerts and nothing should.
        public func f1(falseAlarmRate: Double, detectionRate: Double) -> Double {
            let tp = detectionRate * positive, fp = falseAlarmRate * normal
            return 2 * tp / (tp + fp + positive)
        }

        /// Precision tp / (tp + fp) at these rates; `nan` without an alert.
        func precision(falseAlarmRate: Double, detectionRate: Double) -> Double {
            detectionRate * positive / (detectionRate * positive + falseAlarmRate * normal)
        }
    }

    /// Average precision as it would be of a mix: Σ (recallₙ − recallₙ₋₁) · precisionₙ over the distinct scores. `nan` without positives. Cost: one sort.
    public static func averagePrecision(scores: [Float], positive: [Bool], mix: Mix) -> Double {
        var sum = 0.0, recall = 0.0
        for step in steps(scores, positive) {
            sum += (step.detectionRate - recall) * mix.precision(falseAlarmRate: step.falseAlarmRate, detectionRate: step.detectionRate)
            recall = step.detectionRate
        }
        return positive.contains(true) ? sum : .nan
    }

    /// The largest F₁ of any threshold, chosen with the labels: what a threshold found without them is to be measured by. `nan` without positives. Cost: one sort.
    public static func bestF1(scores: [Float], positive: [Bool], mix: Mix) -> Double {
        guard positive.contains(true) else { return .nan }
        return steps(scores, positive).map { mix.f1(falseAlarmRate: $0.falseAlarmRate, detectionRate: $0.detectionRate) }.max()!
    }

    /// The rates at every threshold between distinct scores, the highest first.
    private static func steps(_ scores: [Float], _ positive: [Bool]) -> [(falseAlarmRate: Double, detectionRate: Double)] {
        precondition(scores.count == positive.count, "\(scores.count) scores and \(positive.count) labels")
        precondition(!scores.contains(where: \.isNaN), "a score is nan")
        let order = scores.indices.sorted { scores[$0] > scores[$1] }, positives = positive.count { $0 }, negatives = positive.count - positives
        var hits = 0, result = [(falseAlarmRate: Double, detectionRate: Double)]()
        for (place, index) in order.enumerated() {
            hits += positive[index] ? 1 : 0
            guard place + 1 == order.count || scores[order[place + 1]] != scores[index] else { continue }
            result.append((Double(place + 1 - hits) / Double(max(1, negatives)), Double(hits) / Double(max(1, positives))))
        }
        return result
    }
}
