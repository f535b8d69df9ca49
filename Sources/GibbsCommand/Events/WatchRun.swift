import Foundation
import Gibbs

extension Watch {
    /// Watches to the end of the stream, or until Ctrl-C or a termination, which both end it in good order.
    func run(_ watchdog: StreamWatchdog) throws {
        var watch = try StreamWatch(watchdog, model: model, data: data, alerts: out, options: options(), line: text ? { alert, feed in alert.text(raw: feed.text) } : nil)
        var step = LineFollower.Step.more, isSuspect = false
        tell(&watch)
        while step != .end, !Interruption.wasRequested {
            let found = try watch.step()
            step = found.step
            tell(&watch)
            for change in found.changes { Console.note("gibbs: " + words(for: change)) }
            if Console.outputIsUnread, out == "-" { break }
            // Of a stream of another form hardly a line is an event; no alert then means nothing. Its state would be none to go on from.
            if let fault = watch.feed.fault(atEnd: step == .end)?.located(at: .init(file: data == "-" ? "standard input" : data)) {
                if step == .end { Console.note(watch.feed.summary); throw fault }
                if !isSuspect { Console.note("\(fault)") }
                isSuspect = true
            }
            let seen = watch.feed.seen
            Console.progress("\(seen.events) events, \(watch.feed.monitor.entityCount) entities, \(seen.alerts) alerts")
        }
        try watch.save()
        Console.clearProgress()
        Console.note(watch.feed.summary)
    }

    private func tell(_ watch: inout StreamWatch) {
        for remark in watch.remarks { Console.note("gibbs: " + words(for: remark)) }
        watch.remarks = []
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
        case .awaited: "there is no \(data) yet; it is waited for"
        case .nothingNew(let state, let written):
            "nothing new: \(data) ends where the state of \(TimeStamp.text(written.timeIntervalSince1970.rounded())) ends; to watch it again, remove \(state) or give --cold"
        case .older(let first, let newest):
            "WARNING: the events begin at \(TimeStamp.text(first)), but events of \(TimeStamp.text(newest)) have been seen before, so that pauses and days count wrongly; "
                + "give --cold to begin without a past, or another --state"
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
