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
public struct NGramModel: Sendable, Hashable {
    /// n.
    public let order: Int
    /// Events there are: the names, the end, and one for all new names.
    let size: Int
    /// The histories that occurred, as a tree read backwards from the event.
    let tree: HistoryTree

    /// Counts the events of the first field.
    ///
    /// - Parameters:
    ///   - sequences: Normal sessions.
    ///   - model: Whose names and ends are taken.
    ///   - order: n, at least 1; traps below. The model's history and the event itself unless told, so that both see as much.
    /// - Throws: `GibbsError` with code `.shapeMismatch` when the fields differ.
    public init(fitting sequences: EventSequences, like model: EventModel, order: Int? = nil) throws {
        let order = order ?? model.history + 1
        precondition(order > 0, "an n-gram of \(order) events")
        var builder = GrowingHistories()
        for codes in try Self.streams(sequences, model, marks: order - 1) {
            for at in order - 1 ..< codes.count { builder.count(codes[at], after: codes[at - order + 1 ..< at]) }
        }
        self.init(order: order, size: Self.size(model), tree: builder.tree())
    }

    init(order: Int, size: Int, tree: HistoryTree) {
        self.order = order
        self.size = size
        self.tree = tree
    }

    static func size(_ model: EventModel) -> Int { model.vocabularies[0].names.count + (model.hasEnd ? 1 : 0) + 1 }

    /// −ln p of every event of every session, the end of a session last where it is an event; nats.
    ///
    /// - Throws: `GibbsError` with code `.shapeMismatch` when the fields differ.
    /// - Complexity: `events × order` searches.
    public func surprises(of sequences: EventSequences, like model: EventModel) throws -> [[Float]] {
        let streams = try Self.streams(sequences, model, marks: order - 1)
        return parallelMap(streams.count, minimum: 16) { session in
            let codes = streams[session]
            return (order - 1 ..< codes.count).map { at in Float(-log(tree.probability(of: codes[at], after: codes[at - order + 1 ..< at], base: 1 / Double(size)))) }
        }
    }

    /// Each session's codes behind n − 1 marks of the beginning.
    private static func streams(_ sequences: EventSequences, _ model: EventModel, marks: Int) throws -> [[Int32]] {
        let coded = try model.coded(sequences)[0]
        return sequences.sessions.map { session in
            [Int32](repeating: -3, count: marks) + Array(coded[session.events]) + (model.hasEnd ? [Int32(model.endCode)] : [])
        }
    }
}

extension NGramModel: Storable {
    public static let kind = "n-gram"

    public init(archive: Archive) throws {
        let numbers = try archive.vector("order", count: 2)
        guard let order = Int(exactly: numbers[0]), let size = Int(exactly: numbers[1]), 1 ... EventModel.historyLimit + 1 ~= order, 1 ... 1 << 24 ~= size else {
            throw GibbsError(.unsuitableModel, "an n-gram of \(numbers[0]) events among \(numbers[1])", advice: "the file is damaged")
        }
        self.init(order: order, size: size, tree: try HistoryTree(archive: archive))
    }

    public func archive() -> Archive {
        var result = tree.archive()
        result.tensors["order"] = .init([Float(order), Float(size)])
        return result
    }
}
