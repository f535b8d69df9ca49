import NIOCore
import Synchronization

/// Bodies on their way, each with the moment by which it must have come: whoever sends a byte now and then does not keep a connection for ever.
package final class Deadlines: Sendable {
    private struct State { var next = 0, open: [Int: (channel: any Channel, until: ContinuousClock.Instant)] = [:] }

    private let state = Mutex(State())
    private let patience: Duration

    package init(patience: Double) { self.patience = .seconds(patience) }

    /// A body begins; the number ends it.
    package func begin(_ channel: any Channel) -> Int {
        let until = ContinuousClock.now + patience
        return state.withLock { state in
            state.next += 1
            state.open[state.next] = (channel, until)
            return state.next
        }
    }

    /// The body is there.
    package func end(_ number: Int) { state.withLock { _ = $0.open.removeValue(forKey: number) } }

    /// Closes the connections of those whose time is over; how many they were.
    @discardableResult
    package func sweep(at now: ContinuousClock.Instant = .now) -> Int {
        let late = state.withLock { state in
            let late = state.open.filter { $0.value.until < now }
            for number in late.keys { state.open[number] = nil }
            return late.values.map(\.channel)
        }
        for channel in late { channel.close(promise: nil) }
        return late.count
    }
}
