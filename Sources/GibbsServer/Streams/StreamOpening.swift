import Foundation
import Gibbs

/// What a stream goes on with: its journal, and the snapshot of its monitor, or what the fit had seen.
struct StreamOpening {
    package let folder: String, watchdog: StreamWatchdog, journal: StreamJournal
    package var monitor: StreamMonitor, source: StreamSource
    /// Behind which the journal has to be scored again.
    package let place: StreamJournal.Place
    /// What whoever runs the service should know.
    var remarks: [String] = []

    /// A snapshot's file.
    package static func state(in folder: String) -> String { folder + "/state" }

    /// Opens a stream.
    ///
    /// - Parameters:
    ///   - folder: Its own, made where it is not there.
    ///   - model: The model's file, beside which lies what the fit had seen.
    /// - Throws: `GibbsError` with code `.cannotWrite`, or `.unsuitableModel` for templates that do not fit.
    package init(_ watchdog: StreamWatchdog, model: String, folder: String, options: ServiceOptions) throws {
        do { try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true, attributes: [.posixPermissions: 0o700]) } catch {
            throw GibbsError(.cannotWrite, "no folder can be made there", at: .init(file: folder), advice: "check its permissions and the room on its disk")
        }
        (self.folder, self.watchdog) = (folder, watchdog)
        journal = try StreamJournal(folder: folder, waitsForDisk: options.waitsForDisk)
        remarks = journal.remarks
        source = try StreamSource(watchdog)
        // Lines are NDJSON, whatever the first one looks like: else a stray one would be taken for the header of a CSV.
        source.resume(head: Array("{}".utf8))
        var found: StreamSnapshot?
        let state = Self.state(in: folder), isThere = FileManager.default.fileExists(atPath: state)
        if isThere {
            do { found = try StreamSnapshot(contentsOf: state, of: watchdog, limit: options.limits.entities) } catch {
                remarks.append("\(error); it was moved to \(state).old")
                rename(state, state + ".old")
            }
        }
        let kept = found?.place.flatMap(StreamJournal.Place.init(text:))
        if let found, let kept, journal.begin.offset <= kept.offset, kept.offset <= journal.end.offset {
            (monitor, place) = (found.monitor, kept)
            if let memory = found.memory?.log { try? source.resume(memory, follows: true) }
            return
        }
        if let past = try StreamState.pastMonitor(of: watchdog, model: model, limit: options.limits.entities) { monitor = past } else {
            monitor = watchdog.monitor(limit: options.limits.entities)
            remarks.append("there is no \(StreamState.past(of: model)), so every entity is new; keep that file beside the model")
        }
        // Another model begins with what comes; a snapshot that is lost, with all that is kept.
        place = isThere && remarks.contains { $0.contains("belongs to another model") } ? journal.end : journal.begin
    }
}
