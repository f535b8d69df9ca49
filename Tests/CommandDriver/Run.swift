import Foundation

/// One running process with its streams in files, so that no pipe can fill up.
public final class Run {
    /// After this long the process is killed and counts as crashed.
    public static let patience = 120.0

    private let process = Process()
    private let outputPath: String
    private let errorsPath: String?

    init(_ program: String, _ arguments: [String], in folder: String, streams: String, temporaries: String, input: String?,
         errors: FileHandle?) throws {
        let number = UUID().uuidString
        outputPath = streams + "/out-" + number
        errorsPath = errors == nil ? streams + "/err-" + number : nil
        process.executableURL = URL(fileURLWithPath: program)
        process.arguments = arguments
        process.currentDirectoryURL = URL(fileURLWithPath: folder)
        var environment = ProcessInfo.processInfo.environment
        environment["TMPDIR"] = temporaries
        environment["GIBBS"] = Workplace.program
        // A crash is to be reported by its signal at once, without minutes of symbol reading.
        environment["SWIFT_BACKTRACE"] = "enable=no"
        process.environment = environment
        process.standardInput = try FileHandle(forReadingFrom: URL(fileURLWithPath: input ?? "/dev/null"))
        process.standardOutput = try Self.created(outputPath)
        process.standardError = try errors ?? Self.created(errorsPath!)
        try Self.withSignals { try process.run() }
    }

    /// Threads of a pool block signals, and a new process inherits that from the thread which starts it.
    private static func withSignals(_ body: () throws -> Void) rethrows {
        var all = sigset_t(), before = sigset_t()
        sigfillset(&all)
        pthread_sigmask(SIG_UNBLOCK, &all, &before)
        defer { pthread_sigmask(SIG_SETMASK, &before, nil) }
        try body()
    }

    private static func created(_ path: String) throws -> FileHandle {
        try Data().write(to: URL(fileURLWithPath: path))
        return try FileHandle(forWritingTo: URL(fileURLWithPath: path))
    }

    public var isRunning: Bool { process.isRunning }

    public func send(_ signal: Int32) { kill(process.processIdentifier, signal) }

    /// The most memory the process has held so far, in bytes; nil where the system does not tell.
    public var peakMemory: Int? {
        guard let status = try? String(contentsOfFile: "/proc/\(process.processIdentifier)/status", encoding: .utf8),
              let line = status.split(separator: "\n").first(where: { $0.hasPrefix("VmHWM:") }),
              let kilobytes = line.split(whereSeparator: { !$0.isNumber }).first.flatMap({ Int($0) }) else { return nil }
        return kilobytes * 1024
    }

    /// Waits for the end.
    public func finish() throws -> Outcome {
        let timer = DispatchSource.makeTimerSource()
        let identifier = process.processIdentifier
        timer.schedule(deadline: .now() + Self.patience)
        timer.setEventHandler { kill(identifier, SIGKILL) }
        timer.resume()
        process.waitUntilExit()
        timer.cancel()
        let signal = process.terminationReason == .uncaughtSignal ? process.terminationStatus : nil
        return Outcome(status: signal == nil ? process.terminationStatus : -1, signal: signal,
                       output: try Self.text(outputPath), errors: try errorsPath.map(Self.text) ?? "")
    }

    private static func text(_ path: String) throws -> String {
        defer { try? FileManager.default.removeItem(atPath: path) }
        return String(decoding: try Data(contentsOf: URL(fileURLWithPath: path)), as: UTF8.self)
    }
}
