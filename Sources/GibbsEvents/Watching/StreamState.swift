import Foundation
import GibbsData
import GibbsNumerics

/// The two files of what entities did, beside a model: what the fit had seen, and what a watch has seen since.
public enum StreamState {
    /// What a watch has seen so far, unless it is kept elsewhere.
    public static func path(beside model: String) -> String { model + ".state" }

    /// What the fit had seen at its end; never changed by a watch, so that scores and figures can be had again.
    public static func past(of model: String) -> String { model + ".past" }

    /// Where a watch goes on: its own state where that is there, else what the fit had seen.
    ///
    /// - Parameters:
    ///   - model: The model's file, beside which the past lies.
    ///   - state: The state's file.
    ///   - limit: Entities held at once; of those in the file the ones seen last are kept.
    /// - Returns: `nil` where neither file is there, so that every entity is new.
    /// - Throws: `GibbsError` with code `.cannotRead`, `.unsuitableModel` for one of another model, or `.unsuitableData` for a file that is damaged, or no state.
    public static func snapshot(of watchdog: StreamWatchdog, model: String, state: String, limit: Int = StreamMonitor.usualLimit) throws -> StreamSnapshot? {
        if FileManager.default.fileExists(atPath: state) { return try StreamSnapshot(contentsOf: state, of: watchdog, limit: limit) }
        return try pastMonitor(of: watchdog, model: model, limit: limit).map { StreamSnapshot($0) }
    }

    /// A monitor that has seen what the fit had seen, its scores at zero.
    ///
    /// - Parameters: As `snapshot(of:model:state:limit:)`.
    /// - Returns: `nil` where that file is not there.
    /// - Throws: As `snapshot(of:model:state:limit:)`.
    public static func pastMonitor(of watchdog: StreamWatchdog, model: String, limit: Int = StreamMonitor.usualLimit) throws -> StreamMonitor? {
        guard FileManager.default.fileExists(atPath: past(of: model)) else { return nil }
        var monitor = try StreamSnapshot(contentsOf: past(of: model), of: watchdog, limit: limit).monitor
        monitor.forgive()
        return monitor
    }

    /// Refuses what is no state, before it is replaced by one. A file that is not there, and a device, are no error.
    ///
    /// - Throws: `GibbsError` with code `.cannotRead` for a directory or what may not be read, `.unsuitableData` for anything else.
    public static func checkOverwriting(_ path: String) throws {
        var status = stat()
        guard stat(path, &status) == 0, status.st_mode & S_IFMT != S_IFCHR else { return }
        let handle = FileHandle(forReadingAtPath: path), start = status.st_mode & S_IFMT == S_IFREG ? try? handle?.read(upToCount: StreamSnapshot.magic.count) : nil
        guard let start, Array(start) == StreamSnapshot.magic else {
            throw GibbsError(handle == nil || status.st_mode & S_IFMT == S_IFDIR ? .cannotRead : .unsuitableData, "is no state of a watch, and would be replaced by one", at: .init(file: path), advice: "name another file with --state")
        }
    }
}
