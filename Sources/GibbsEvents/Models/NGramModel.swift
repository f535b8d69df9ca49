import Foundation
import GibbsCore
import GibbsNumerics

/// The plain baseline: how often each event followed the last n − 1, backing off to shorter histories.
///
///     p_k(x | h_k) = (count(h_k x) + T(h_k) p_{k−1}(x | h_{k−1})) / (count(h_k) + T(h_k)),   T: distinct events seen after h_k
///
/// The shortest history is none, and below it every event, one never seen among them, is equally probable. Sums to one over the known
/// names, the end and all new names together.
///
/// - Source: interpolation after Witten & Bell, *The zero-frequency problem*, IEEE Trans. Information Theory 1991.
public struct NGramModel: Sendable {
    /// n.
    public let order: Int
    private let size: Int
    private let tables: [[Context: Followers]]

    private struct Context: Hashable { var codes: [Int32] }
    private struct Followers { var total = 0, counts = [Int32: Int]() }

    /// Counts the events of the first field.
    ///
    /// - Parameters:
    ///   - sequences: Normal sessions.
    ///   - model: Whose names and ends are taken.
    ///   - order: n, at least 1.
    /// - Throws: `GibbsError` with code `.shapeMismatch` when the fields differ.
    public init(fitting sequences: EventSequences, like model: EventModel, order: Int = 3) throws {
        precondition(order > 0, "an n-gram of \(order) events")
        self.order = order
        size = model.vocabularies[0].names.count + (model.hasEnd ? 1 : 0) + 1
        var tables = [[Context: Followers]](repeating: [:], count: order)
        for codes in try Self.streams(sequences, model, marks: order - 1) {
            for at in order - 1 ..< codes.count {
                for length in 0 ..< order {
                    let context = Context(codes: Array(codes[at - length ..< at]))
                    tables[length][context, default: Followers()].total += 1
                    tables[length][context]!.counts[codes[at], default: 0] += 1
                }
            }
        }
        self.tables = tables
    }

    /// −ln p of every event of every session, the end of a session last where it is an event; nats.
    ///
    /// - Throws: `GibbsError` with code `.shapeMismatch` when the fields differ.
    public func surprises(of sequences: EventSequences, like model: EventModel) throws -> [[Float]] {
        try Self.streams(sequences, model, marks: order - 1).map { codes in
            (order - 1 ..< codes.count).map { at in Float(-log(probability(of: codes[at], after: codes[at - order + 1 ..< at]))) }
        }
    }

    private func probability(of event: Int32, after history: ArraySlice<Int32>) -> Double {
        var p = 1 / Double(size)
        for length in 0 ..< order {
            guard let followers = tables[length][Context(codes: Array(history.suffix(length)))] else { break }
            let distinct = Double(followers.counts.count)
            p = (Double(followers.counts[event] ?? 0) + distinct * p) / (Double(followers.total) + distinct)
        }
        return p
    }

    /// Each session's codes behind n − 1 marks of the beginning.
    private static func streams(_ sequences: EventSequences, _ model: EventModel, marks: Int) throws -> [[Int32]] {
        let coded = try model.coded(sequences)[0]
        return sequences.sessions.map { session in
            [Int32](repeating: -3, count: marks) + Array(coded[session.events]) + (model.hasEnd ? [Int32(model.endCode)] : [])
        }
    }
}
