/// The last hundred connections of each source, for the two columns that look back.
struct SourceHistory {
    static let window = 100

    private struct Slot {
        var ports: [UInt16] = []
        var destinations: [Int32] = []
        var oldest = 0
        /// How often each port of the window occurs.
        var portCounts: [UInt16: Int] = [:]
    }

    private var slots: [Slot]

    init(sources count: Int) { slots = Array(repeating: Slot(), count: count) }

    /// Forgets a source, because another one takes its number.
    mutating func reset(_ source: Int) { slots[source] = Slot() }

    /// Takes in one connection and fills its columns that look back, over the last hundred of its source with this one.
    mutating func observe(_ record: inout ConnectionRecord) {
        // ICMP has no port, which counts as one of its own.
        let source = record.source, port = UInt16(record.port ?? 0), destination = Int32(record.destination)
        slots[source].portCounts[port, default: 0] += 1
        if slots[source].ports.count < Self.window {
            slots[source].ports.append(port)
            slots[source].destinations.append(destination)
        } else {
            let oldest = slots[source].oldest, leaving = slots[source].ports[oldest]
            if let count = slots[source].portCounts[leaving] { slots[source].portCounts[leaving] = count == 1 ? nil : count - 1 }
            slots[source].ports[oldest] = port
            slots[source].destinations[oldest] = destination
            slots[source].oldest = (oldest + 1) % Self.window
        }
        let same = slots[source].destinations.reduce(0) { $0 + ($1 == destination ? 1 : 0) }
        record.sameHostRate = Double(same) / Double(slots[source].destinations.count)
        record.distinctPorts = slots[source].portCounts.count
    }
}
