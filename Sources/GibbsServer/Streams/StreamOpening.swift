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
        var found: StreamSnapshot?, isOfAnother = false
        let state = Self.state(in: folder)
        if FileManager.default.fileExists(atPath: state) {
            do { found = try StreamSnapshot(contentsOf: state, of: watchdog, limit: options.limits.entities) } catch let error as GibbsError where error.code == .unsuitableModel {
                isOfAnother = true
                remarks.append("\(error.message), at \(state); it is kept as \(state).old")
            } catch {
                remarks.append("\(error); it was moved to \(state).old")
                rename(state, state + ".old")
            }
        }
        let text = isOfAnother ? try StreamSnapshot.place(in: state) : found?.place, kept = text.flatMap(StreamJournal.Place.init(text:))
        if let found, let kept {
            monitor = found.monitor
            if let memory = found.memory?.log { try? source.resume(memory, follows: true) }
            place = kept.offset > journal.end.offset ? journal.end : kept.offset < journal.begin.offset ? journal.begin : kept
            if place != kept {
                // As after a cut, or a restored copy: what it has seen counts, and what comes next stands behind where the journal ends now.
                remarks.append("the snapshot stands at byte \(kept.offset) of a journal that has the bytes \(journal.begin.offset) to \(journal.end.offset); what it has seen counts, and it goes on at \(place.offset)")
                rewrite(state)
            }
            return
        }
        monitor = try Self.past(of: watchdog, model: model, limit: options.limits.entities, &remarks)
        // Without a snapshot, with all that is kept; another model, with what the last one's snapshot had not seen, whose alerts may not have been kept.
        guard isOfAnother else {
            place = journal.begin
            return
        }
        let last = kept ?? journal.end
        place = last.offset > journal.end.offset ? journal.end : last.offset < journal.begin.offset ? journal.begin : last
        unlink(state + ".old")
        link(state, state + ".old")
        rewrite(state)
    }

    /// A monitor that has seen what the fit had, or nothing where that is not there, or is another fit's.
    private static func past(of watchdog: StreamWatchdog, model: String, limit: Int, _ remarks: inout [String]) throws -> StreamMonitor {
        do {
            if let past = try StreamState.pastMonitor(of: watchdog, model: model, limit: limit) { return past }
            remarks.append("there is no \(StreamState.past(of: model)), so every entity is new; keep that file beside the model")
        } catch let error as GibbsError where error.code == .unsuitableModel {
            remarks.append("\(StreamState.past(of: model)) belongs to another fit, so every entity is new; copy that file with the model")
        }
        return watchdog.monitor(limit: limit)
    }

    /// Writes a snapshot of the beginning in place of the last one, so that a service that dies before its next one begins here again.
    private mutating func rewrite(_ state: String) {
        do { try StreamSnapshot(monitor, place: place.text, memory: WatchMemory(log: source.memory, alerts: nil)).write(to: state, model: watchdog.fingerprint) } catch { remarks.append("\(error)") }
    }
}
