import Foundation
import GibbsCore
import GibbsNumerics

/// Histories and what followed them: a tree whose root is no history, whose children are the last event, theirs the one before it.
///
/// Nodes stand breadth first, so that the children of one are neighbours and the tree is a few flat lists. Counts stop at 2²⁴, the
/// largest whole number up to which a model file holds all.
struct HistoryTree: Histories, Sendable, Hashable {
    static let countLimit = 1 << 24

    /// First child of each node, as a place in `codes`, and the end; the child at place i is the node i + 1.
    private let childStarts: [Int]
    private let codes: [Int32]
    /// First follower of each node, and the end; followers in increasing order.
    private let starts: [Int]
    private let events: [Int32], counts: [Int32]
    /// The sum of each node's counts.
    private let totals: [Int]

    /// What a tree is made of: numbers of children and of different followers a node, and what they are.
    struct Lists { var children = [Int](), codes = [Int32](), distinct = [Int](), events = [Int32](), counts = [Int32]() }

    init(_ lists: Lists) {
        childStarts = Self.sums(lists.children)
        starts = Self.sums(lists.distinct)
        (codes, events, counts) = (lists.codes, lists.events, lists.counts)
        totals = zip(starts, starts.dropFirst()).map { lists.counts[$0 ..< $1].reduce(0) { $0 + Int($1) } }
    }

    private static func sums(_ counts: [Int]) -> [Int] { counts.reduce(into: [0]) { $0.append($0.last! + $1) } }

    func followers(of node: Int, event: Int32) -> (count: Int, total: Int, distinct: Int) {
        let range = starts[node] ..< starts[node + 1], place = Self.search(events, range, event)
        return (place.map { Int(counts[$0]) } ?? 0, totals[node], range.count)
    }

    func child(of node: Int, code: Int32) -> Int? { Self.search(codes, childStarts[node] ..< childStarts[node + 1], code).map { $0 + 1 } }

    private static func search(_ list: [Int32], _ range: Range<Int>, _ value: Int32) -> Int? {
        var low = range.lowerBound, high = range.upperBound
        while low < high {
            let middle = (low + high) / 2
            if list[middle] < value { low = middle + 1 } else { high = middle }
        }
        return low < range.upperBound && list[low] == value ? low : nil
    }
}

// MARK: - Storage

extension HistoryTree {
    /// - Throws: `GibbsError` with code `.unsuitableModel` for lists that are no tree.
    init(archive: Archive) throws {
        func whole(_ name: String, _ range: ClosedRange<Int>) throws -> [Int] {
            try archive.vector(name).map { value in
                guard let number = Int(exactly: value), range.contains(number) else {
                    throw GibbsError(.unsuitableModel, "the tensor '\(name)' holds \(value)", advice: "the file is damaged")
                }
                return number
            }
        }
        let limit = Self.countLimit, children = try whole("children", 0 ... limit), codes = try whole("codes", -3 ... limit)
        let distinct = try whole("distinct", 0 ... limit), events = try whole("events", -3 ... limit), counts = try whole("counts", 1 ... limit)
        guard children.count == codes.count + 1, children.reduce(0, +) == codes.count, distinct.count == children.count,
              distinct.reduce(0, +) == events.count, counts.count == events.count else {
            throw GibbsError(.unsuitableModel, "the histories of the baseline do not fit together", advice: "the file is damaged")
        }
        self.init(Lists(children: children, codes: codes.map(Int32.init), distinct: distinct, events: events.map(Int32.init), counts: counts.map(Int32.init)))
    }

    func archive() -> Archive {
        func differences(_ sums: [Int]) -> Archive.Tensor { .init(zip(sums, sums.dropFirst()).map { Float($1 - $0) }) }
        return Archive(tensors: ["children": differences(childStarts), "codes": .init(codes.map(Float.init)), "distinct": differences(starts),
                                 "events": .init(events.map(Float.init)), "counts": .init(counts.map(Float.init))])
    }
}
