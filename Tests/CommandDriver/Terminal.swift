import Foundation

#if canImport(Glibc)
// POSIX functions that Glibc's headers hide from Swift behind a feature macro.
@_silgen_name("posix_openpt") private func posix_openpt(_ flags: Int32) -> Int32
@_silgen_name("grantpt") private func grantpt(_ descriptor: Int32) -> Int32
@_silgen_name("unlockpt") private func unlockpt(_ descriptor: Int32) -> Int32
@_silgen_name("ptsname") private func ptsname(_ descriptor: Int32) -> UnsafePointer<CChar>?
#endif

/// A pseudo-terminal, to see what a person would see.
public final class Terminal {
    private let master: Int32
    /// The side that a process writes to; close it in this process once the other runs.
    public let writer: FileHandle
    private var seen = ""

    public init?() {
        master = posix_openpt(O_RDWR | O_NOCTTY)
        guard master >= 0, grantpt(master) == 0, unlockpt(master) == 0, let name = ptsname(master) else { return nil }
        let slave = open(name, O_RDWR | O_NOCTTY)
        guard slave >= 0 else { return nil }
        writer = FileHandle(fileDescriptor: slave, closeOnDealloc: true)
    }

    deinit { close(master) }

    /// Reads until the text has appeared, or the other side is closed, or the time is up; returns all seen so far.
    @discardableResult
    public func wait(for text: String?, seconds: Double = 60) -> String {
        let deadline = Date() + seconds
        var buffer = [UInt8](repeating: 0, count: 4096)
        while text.map({ !seen.contains($0) }) ?? true, Date() < deadline {
            var ready = pollfd(fd: master, events: Int16(POLLIN), revents: 0)
            guard poll(&ready, 1, 100) > 0 else { continue }
            let count = read(master, &buffer, buffer.count)
            guard count > 0 else { break }
            seen += String(decoding: buffer[..<count], as: UTF8.self)
        }
        return seen
    }
}
