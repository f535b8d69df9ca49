import Foundation
import Gibbs

/// What a person sees on the terminal: progress and errors on standard error, results on standard output.
enum Console {
    private static let showsProgress = isatty(STDERR_FILENO) == 1

    /// Whether standard output is a pipe that nobody reads any more.
    static var outputIsUnread: Bool {
        var output = pollfd(fd: STDOUT_FILENO, events: Int16(POLLOUT), revents: 0)
        return poll(&output, 1, 0) > 0 && Int32(output.revents) & Int32(POLLERR | POLLHUP) != 0
    }

    static func error(_ text: String) { write(text.printable + "\n", to: STDERR_FILENO) }

    /// A remark on standard error.
    static func note(_ text: String) {
        clearProgress()
        error(text)
    }

    /// Replaces the progress line; nothing when standard error is not a terminal.
    static func progress(_ text: String) {
        if showsProgress { write("\r\u{1B}[K" + text, to: STDERR_FILENO) }
    }

    static func clearProgress() {
        if showsProgress { write("\r\u{1B}[K", to: STDERR_FILENO) }
    }

    /// A bar over things that are counted, with rate and time left, and a figure to watch.
    static func bar(done: Int, of total: Int, since start: Date, unit: String, note: String = "") {
        let elapsed = max(Date().timeIntervalSince(start), 1e-3), rate = Double(done) / elapsed
        progress(ProgressText.bar(total > 0 ? Double(done) / Double(total) : 0, after: elapsed, "\(done)/\(total) \(unit), \(rate.shortText) \(unit)/s", note: note))
    }

    /// A bar over a share of the work, 0...1, in per cent of `what`, with the time left, and a figure to watch.
    static func bar(share: Double, since start: Date, _ what: String = "", note: String = "") {
        progress(ProgressText.bar(share, after: Date().timeIntervalSince(start), ProgressText.percent(share) + (what.isEmpty ? "" : " " + what), note: note))
    }

    private static func write(_ text: String, to descriptor: Int32) {
        let bytes = Array(text.utf8)
        _ = bytes.withUnsafeBytes { Foundation.write(descriptor, $0.baseAddress, $0.count) }
    }
}

/// Whether Ctrl-C was pressed; work asks between steps.
enum Interruption {
    nonisolated(unsafe) private static var flag: sig_atomic_t = 0

    /// From now on Ctrl-C sets the flag instead of ending the process; a second one ends it.
    static func watch() {
        signal(SIGINT) { _ in
            Interruption.raise()
            signal(SIGINT, SIG_DFL)
        }
    }

    /// The same for a termination, as an init system sends it.
    static func watchTermination() { signal(SIGTERM) { _ in Interruption.raise() } }

    private static func raise() { flag = 1 }
    static var wasRequested: Bool { flag != 0 }
    static func check() throws { if wasRequested { throw Interrupted() } }
}

extension String {
    /// For a terminal: control characters, which data may hold to move the cursor or to hide text, as `\u{1b}`; line ends stay.
    var printable: String {
        guard unicodeScalars.contains(where: \.isTerminalControl) else { return self }
        return unicodeScalars.map { $0.isTerminalControl ? "\\u{" + String($0.value, radix: 16) + "}" : String($0) }.joined()
    }

    /// As `printable`, with line ends shown as well: for one cell of a table.
    var oneLine: String { printable.replacing("\n", with: "\\n") }
}

extension Unicode.Scalar {
    fileprivate var isTerminalControl: Bool { properties.generalCategory == .control && self != "\n" }
}
