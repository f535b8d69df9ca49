import Foundation
import GibbsData
import GibbsEvents
import Testing

/// A folder with a watchdog's files, gone with the test.
final class WatchPlace {
    let folder = NSTemporaryDirectory() + "watch-\(UUID().uuidString)"
    let watchdog: StreamWatchdog

    init() throws {
        watchdog = try SmallLog.watchdog.get()
        try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
    }

    deinit { try? FileManager.default.removeItem(atPath: folder) }

    func path(_ name: String) -> String { folder + "/" + name }
    func exists(_ name: String) -> Bool { FileManager.default.fileExists(atPath: path(name)) }
    func text(_ name: String) throws -> String { try String(contentsOfFile: path(name), encoding: .utf8) }
    func data(_ name: String) throws -> Data { try Data(contentsOf: URL(fileURLWithPath: path(name))) }
    func write(_ text: String, _ name: String) throws { try Data(text.utf8).write(to: URL(fileURLWithPath: path(name))) }

    func append(_ text: String, _ name: String) throws {
        let handle = try FileHandle(forWritingTo: URL(fileURLWithPath: path(name)))
        try handle.seekToEnd()
        try handle.write(contentsOf: Data(text.utf8))
        try handle.close()
    }

    /// Events as lines of NDJSON.
    static func lines(_ events: ArraySlice<SmallLog.Event>) -> String {
        events.map { "{\"who\":\"\($0.who)\",\"time\":\($0.time),\"what\":\"\($0.what)\",\"file\":\"\($0.file)\"}\n" }.joined()
    }

    func watch(_ data: String = "log", alerts: String = "alerts", _ change: (inout StreamWatch.Options) -> Void = { _ in }) throws -> StreamWatch {
        var options = StreamWatch.Options()
        change(&options)
        return try StreamWatch(watchdog, model: path("m"), data: path(data), alerts: alerts.hasPrefix("/") ? alerts : path(alerts), options: options)
    }

    /// Watches to the end of the file and writes the state; the ids of the alerts found.
    func watchAll(_ change: (inout StreamWatch.Options) -> Void = { _ in }) throws -> [String] {
        var watch = try watch("log", alerts: "alerts", change), ids = [String]()
        while case let found = try watch.step(waiting: 0), found.step != .end { ids += found.alerts.map(\.id) }
        try watch.save()
        return ids
    }

    /// The ids in the file of alerts, in order.
    func ids() throws -> [String] {
        try text("alerts").split(separator: "\n").map { line in
            try #require((JSONSerialization.jsonObject(with: Data(line.utf8)) as? [String: Any])?["id"] as? String)
        }
    }
}
