import Foundation
import GibbsCore
import GibbsNumerics

/// Histories and what followed them: a tree whose root is no history, whose children are the last event, theirs the one before it.
///
/// Nodes stand breadth first, so that the children of one are neighbours and the tree is a few flat lists. Counts stop at 2²⁴, the
/// largest whole number up to which a model file holds all.
struct HistoryTree: Sendable, Hashable {
    static let countLimit = 1 << 24

    /// First child of each node, as a place in `codes`, and the end; the child at place i is the node i + 1.
    private let childStarts: [Int]
    private let codes: [Int32]
    /// First follower of each node, and the end; followers in increasing order.
    private let starts: [Int]
    private let events: [Int32], counts: [Int32]
    /// The sum of each node's counts.
    private let totals: [Int]

    private init(children: [Int], codes: [Int32], distinct: [Int], events: [Int32], counts: [Int32]) {
        childStarts = Self.sums(children)
        starts = Self.sums(distinct)
        (self.codes, self.events, self.counts) = (codes, events, counts)
        totals = zip(starts, starts.dropFirst()).map { counts[$0 ..< $1].reduce(0) { $0 + Int($1) } }
    }

    private static func sums(_ counts: [Int]) -> [Int] { counts.reduce(into: [0]) { $0.append($0.last! + $1) } }

    /// How often an event followed a history, how many did, and how many different ones.
    func followers(of node: Int, event: Int32) -> (count: Int, total: Int, distinct: Int) {
        let range = starts[node] ..< starts[node + 1], place = Self.search(events, range, event)
        return (place.map { Int(counts[$0]) } ?? 0, totals[node], range.count)
    }

    /// The history that is longer by one event; `nil` if it never occurred.
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

// MARK: - Counting

extension HistoryTree {
    /// Counts, in the order in which histories are met.
    struct Builder {
        private struct Edge: Hashable { var node: Int32, code: Int32 }
        private var children = [Edge: Int32](), followers = [Edge: Int32](), nodes: Int32 = 1

        mutating func count(_ event: Int32, after history: ArraySlice<Int32>) {
            var node: Int32 = 0
            add(event, node)
            for code in history.reversed() {
                let edge = Edge(node: node, code: code)
                if let known = children[edge] { node = known } else {
                    node = nodes
                    children[edge] = nodes
                    nodes += 1
                }
                add(event, node)
            }
        }

        private mutating func add(_ event: Int32, _ node: Int32) {
            let edge = Edge(node: node, code: event), old = followers[edge] ?? 0
            followers[edge] = min(Int32(countLimit), old + 1)
        }

        /// The same, breadth first.
        func tree() -> HistoryTree {
            var below = [[(code: Int32, node: Int32)]](repeating: [], count: Int(nodes)), after = [[(event: Int32, count: Int32)]](repeating: [], count: Int(nodes))
            for (edge, node) in children { below[Int(edge.node)].append((edge.code, node)) }
            for (edge, count) in followers { after[Int(edge.node)].append((edge.code, count)) }
            var order: [Int32] = [0], children = [Int](), codes = [Int32](), distinct = [Int](), events = [Int32](), counts = [Int32]()
            var next = 0
            while next < order.count {
                let node = Int(order[next]), lower = below[node].sorted { $0.code < $1.code }, seen = after[node].sorted { $0.event < $1.event }
                order += lower.map(\.node)
                children.append(lower.count)
                codes += lower.map(\.code)
                distinct.append(seen.count)
                events += seen.map(\.event)
                counts += seen.map(\.count)
                next += 1
            }
            return HistoryTree(children: children, codes: codes, distinct: distinct, events: events, counts: counts)
        }
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
        let distinct = try whole("distinct", 1 ... limit), events = try whole("events", -3 ... limit), counts = try whole("counts", 1 ... limit)
        guard children.count == codes.count + 1, children.reduce(0, +) == codes.count, distinct.count == children.count,
              distinct.reduce(0, +) == events.count, counts.count == events.count else {
            throw GibbsError(.unsuitableModel, "the histories of the baseline do not fit together", advice: "the file is damaged")
        }
        self.init(children: children, codes: codes.map(Int32.init), distinct: distinct, events: events.map(Int32.init), counts: counts.map(Int32.init))
    }

    func archive() -> Archive {
        func differences(_ sums: [Int]) -> Archive.Tensor { .init(zip(sums, sums.dropFirst()).map { Float($1 - $0) }) }
        return Archive(tensors: ["children": differences(childStarts), "codes": .init(codes.map(Float.init)), "distinct": differences(starts),
                                 "events": .init(events.map(Float.init)), "counts": .init(counts.map(Float.init))])
    }
}
