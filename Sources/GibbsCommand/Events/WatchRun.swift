import Foundation
import Gibbs

extension Watch {
    /// Watches to the end of the stream, or until Ctrl-C or a termination, which both end it in good order.
    func run(_ watchdog: StreamWatchdog) throws {
        var watch = try StreamWatch(watchdog, model: model, data: data, alerts: out, options: options(), line: text ? { alert, _ in alert.text() } : nil)
        for remark in watch.remarks { Console.note("gibbs: " + words(for: remark)) }
        var step = LineFollower.Step.more
        while step != .end, !Interruption.wasRequested {
            let found = try watch.step()
            for change in found.changes { Console.note("gibbs: " + words(for: change)) }
            if Console.outputIsUnread, out == "-" { break }
            let monitor = watch.feed.monitor
            Console.progress("\(monitor.counters.events) events, \(monitor.entityCount) entities, \(monitor.counters.alerts) alerts")
            step = found.step
        }
        try watch.save()
        Console.clearProgress()
        Console.note(watch.feed.summary)
    }

    private func options() -> StreamWatch.Options {
        var options = StreamWatch.Options()
        (options.follows, options.state, options.isCold, options.isDry, options.every) = (follow, statePath, cold, dryRun, every)
        (options.entities, options.dropsDuplicates, options.year, options.keepsScores) = (entities, dropDuplicates, year, events)
        options.frequencies = unlearn ? .drop : learn ? .learn(halfLife: halfLife) : .keep
        return options
    }

    private func words(for remark: StreamWatch.Remark) -> String {
        switch remark {
        case .noPast(let past): StreamState.missing(past)
        case .followsFrequencies: "the state holds frequencies that --learn has followed; they are used and followed on (--unlearn drops them)"
        case .replaced: words(for: LineFollower.Change.replaced)
        }
    }

    private func words(for change: LineFollower.Change) -> String {
        switch change {
        case .rotated: "\(data) was rotated; the new file is read from its beginning"
        case .truncated: "\(data) was cut short; it is read from its beginning"
        case .replaced: "\(data) is not the file that the state ends in; it is read from its beginning"
        }
    }
}

extension StreamState {
    /// What the fit had seen, for a verb that begins there; without its file no entity is known, which is said.
    static func known(of watchdog: StreamWatchdog, model: String) throws -> StreamMonitor {
        if let monitor = try pastMonitor(of: watchdog, model: model) { return monitor }
        Console.note("gibbs: " + missing(past(of: model)))
        return watchdog.monitor()
    }

    static func missing(_ past: String) -> String { "there is no \(past), so every entity is new; keep that file beside the model" }
}
