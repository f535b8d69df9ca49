import Foundation
import GibbsNumerics

/// The candidates of InfoNCE within a batch: its events, each an item.
///
/// An event of somebody else makes item j a candidate with probability Q_j, its share of all events. Every candidate, the right one too, counts exp(s) / Q, so that
/// frequent items are not pushed away for being frequent. What else a person has seen is no candidate, but other people's events of the right item are: it is a
/// candidate as often as its frequency makes it one, without which frequent items would be pulled near.
///
/// - Source: Yi et al., *Sampling-Bias-Corrected Neural Modeling for Large Corpus Item Recommendations*, RecSys 2019, equation 3.
struct BatchCandidates: Sendable {
    /// ln Q of every item; 0 for those without an event, which are never candidates.
    private let logShares: [Float]

    init(counts: [Int]) {
        let total = Double(max(1, counts.reduce(0, +)))
        logShares = counts.map { $0 == 0 ? 0 : Float(log(Double($0) / total)) }
    }

    /// The candidates of one batch.
    struct Found {
        /// Different items, ascending.
        var items: [Int]
        /// ln(times there / Q) of every item, to be added to its scores; 0 for those that are not there.
        var offsets: [Float]
        /// Σ over the events of ln(times there) of the right item, of which the loss wants one.
        var copies = 0.0
        /// Σ over the events of ln(candidates): the loss of telling nothing.
        var ceiling = 0.0
    }

    func candidates(of events: SparseRows) -> Found {
        let times = events.countsByColumn()
        var found = Found(items: times.indices.filter { times[$0] > 0 }, offsets: times.indices.map { times[$0] > 0 ? log(Float(times[$0])) - logShares[$0] : 0 })
        for row in 0 ..< events.rows {
            let own = events.columns(of: row), others = events.entries - own.reduce(0) { $0 + times[Int($1)] }
            for item in own {
                found.copies += log(Double(times[Int(item)]))
                found.ceiling += log(Double(others + times[Int(item)]))
            }
        }
        return found
    }
}
