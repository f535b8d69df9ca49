/// Histories and what followed each, however they are kept; the root, node 0, is no history.
protocol Histories {
    /// How often an event followed a history, how many did, and how many different ones.
    func followers(of node: Int, event: Int32) -> (count: Int, total: Int, distinct: Int)
    /// The history that is longer by one event, the one before the others; `nil` if it never occurred.
    func child(of node: Int, code: Int32) -> Int?
}

extension Histories {
    /// p(event | history), backing off from the longest history that occurred; see `NGramModel`.
    ///
    /// - Parameter base: The probability below the shortest history.
    func probability(of event: Int32, after history: ArraySlice<Int32>, base: Double) -> Double {
        var p = base, node: Int? = 0, rest = history
        while let here = node {
            let found = followers(of: here, event: event)
            if found.total > 0 { p = (Double(found.count) + Double(found.distinct) * p) / (Double(found.total) + Double(found.distinct)) }
            node = rest.popLast().flatMap { child(of: here, code: $0) }
        }
        return p
    }
}

/// Histories that are still being counted, in the order in which they are met.
struct GrowingHistories: Histories {
    private struct Edge: Hashable { var node: Int32, code: Int32 }
    private var children = [Edge: Int32](), counts = [Edge: Int32]()
    private var totals = [0], distinct = [0]

    /// Counts an event after a history and after all its shorter ends.
    mutating func count(_ event: Int32, after history: ArraySlice<Int32>) {
        var node: Int32 = 0
        add(event, node)
        for code in history.reversed() {
            let edge = Edge(node: node, code: code)
            if let known = children[edge] { node = known } else {
                node = Int32(totals.count)
                children[edge] = node
                totals.append(0)
                distinct.append(0)
            }
            add(event, node)
        }
    }

    private mutating func add(_ event: Int32, _ node: Int32) {
        let old = counts[Edge(node: node, code: event), default: 0]
        if old == HistoryTree.countLimit { return }
        counts[Edge(node: node, code: event)] = old + 1
        totals[Int(node)] += 1
        if old == 0 { distinct[Int(node)] += 1 }
    }

    func followers(of node: Int, event: Int32) -> (count: Int, total: Int, distinct: Int) {
        (Int(counts[Edge(node: Int32(node), code: event)] ?? 0), totals[node], distinct[node])
    }

    func child(of node: Int, code: Int32) -> Int? { children[Edge(node: Int32(node), code: code)].map(Int.init) }

    /// The same, breadth first.
    func tree() -> HistoryTree {
        var below = [[(code: Int32, node: Int32)]](repeating: [], count: totals.count), after = [[(event: Int32, count: Int32)]](repeating: [], count: totals.count)
        for (edge, node) in children { below[Int(edge.node)].append((edge.code, node)) }
        for (edge, count) in counts { after[Int(edge.node)].append((edge.code, count)) }
        var order: [Int32] = [0], lists = HistoryTree.Lists(), next = 0
        while next < order.count {
            let node = Int(order[next]), lower = below[node].sorted { $0.code < $1.code }, seen = after[node].sorted { $0.event < $1.event }
            order += lower.map(\.node)
            lists.children.append(lower.count)
            lists.codes += lower.map(\.code)
            lists.distinct.append(seen.count)
            lists.events += seen.map(\.event)
            lists.counts += seen.map(\.count)
            next += 1
        }
        return HistoryTree(lists)
    }
}
