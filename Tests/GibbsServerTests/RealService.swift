import CommandDriver
import Foundation

/// The real program, with a real socket.
final class RealService {
    private let process = Process(), output: String
    let port: Int

    /// Starts it on a folder of models, and waits until it listens.
    init(_ folder: ServiceFolder, _ arguments: [String] = [], limit kilobytes: Int? = nil) throws {
        output = folder.place.place("out-\(UUID())")
        try Data().write(to: URL(fileURLWithPath: output))
        process.executableURL = URL(fileURLWithPath: Workplace.program + "-serve")
        process.arguments = ["--models", folder.models, "--port", "0", "--quiet"] + arguments
        process.environment = ProcessInfo.processInfo.environment.merging(["SWIFT_BACKTRACE": "enable=no"]) { $1 }
        process.standardOutput = try FileHandle(forWritingTo: URL(fileURLWithPath: output))
        process.standardError = FileHandle.nullDevice
        process.standardInput = FileHandle.nullDevice
        try process.run()
        var found: Int?
        let begin = Date()
        while found == nil, process.isRunning, Date().timeIntervalSince(begin) < Run.patience {
            usleep(5_000)
            let text = (try? String(contentsOfFile: output, encoding: .utf8)) ?? ""
            found = text.firstMatch(of: /:(\d+)\//).flatMap { Int($0.output.1) }
        }
        guard let found else {
            process.terminate()
            throw CocoaError(.executableLoad)
        }
        port = found
    }

    deinit { if process.isRunning { kill(process.processIdentifier, SIGKILL) } }

    var isRunning: Bool { process.isRunning }
    var processIdentifier: Int32 { process.processIdentifier }

    /// Ends it at once, whatever it is doing.
    func kill9() {
        kill(process.processIdentifier, SIGKILL)
        process.waitUntilExit()
    }

    /// Asks it to end, and waits as long as for any program; its exit status, or that of a kill.
    func terminate() -> Int32 {
        process.terminate()
        let begin = Date()
        while process.isRunning, Date().timeIntervalSince(begin) < Run.patience { usleep(5_000) }
        if process.isRunning { kill(process.processIdentifier, SIGKILL) }
        process.waitUntilExit()
        return process.terminationStatus
    }
}

/// A connection that does what it is told, byte by byte.
final class RawConnection {
    private let descriptor: Int32

    /// - Parameter buffer: Bytes that are taken in before somebody reads them; as the system likes unless told.
    /// - Throws: When nobody listens.
    init(port: Int, timeout: Int = 20, buffer: Int32? = nil) throws {
        descriptor = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_port = in_port_t(port).bigEndian
        address.sin_addr.s_addr = UInt32(0x7F00_0001).bigEndian
        var limit = timeval(tv_sec: timeout, tv_usec: 0)
        setsockopt(descriptor, SOL_SOCKET, SO_RCVTIMEO, &limit, socklen_t(MemoryLayout<timeval>.size))
        if var buffer { setsockopt(descriptor, SOL_SOCKET, SO_RCVBUF, &buffer, socklen_t(MemoryLayout<Int32>.size)) }
        let status = withUnsafePointer(to: &address) { $0.withMemoryRebound(to: sockaddr.self, capacity: 1) { connect(descriptor, $0, socklen_t(MemoryLayout<sockaddr_in>.size)) } }
        guard status == 0 else { throw CocoaError(.fileReadUnknown) }
    }

    deinit { close(descriptor) }

    /// Says that nothing more comes; abruptly, so that the other side cannot even say goodbye.
    func end(abruptly: Bool) {
        var option = linger(l_onoff: 1, l_linger: 0)
        if abruptly { setsockopt(descriptor, SOL_SOCKET, SO_LINGER, &option, socklen_t(MemoryLayout<linger>.size)) }
        shutdown(descriptor, Int32(SHUT_RDWR))
    }

    /// Whether all of it could be sent.
    @discardableResult
    func send(_ bytes: some Collection<UInt8>) -> Bool {
        let bytes = Array(bytes)
        var done = 0
        while done < bytes.count {
            let count = bytes.withUnsafeBytes { Glibc.send(descriptor, $0.baseAddress! + done, bytes.count - done, Int32(MSG_NOSIGNAL)) }
            guard count > 0 else { return false }
            done += count
        }
        return true
    }

    /// What a wait for bytes came to.
    private enum Received { case bytes([UInt8]), end, nothing }

    private func wait(_ flags: Int32 = 0) -> Received {
        var bytes = [UInt8](repeating: 0, count: 1 << 16)
        let count = recv(descriptor, &bytes, bytes.count, flags)
        if count > 0 { return .bytes(Array(bytes[..<count])) }
        return count < 0 && (errno == EAGAIN || errno == EWOULDBLOCK) ? .nothing : .end
    }

    /// Some bytes; empty at the end of the connection or after the time.
    func receive() -> [UInt8] { if case .bytes(let bytes) = wait() { bytes } else { [] } }

    /// Whether the other side has ended the connection by now; what it sent before is passed over.
    var isEnded: Bool {
        while true {
            switch wait(Int32(MSG_DONTWAIT)) {
            case .bytes: continue
            case .end: return true
            case .nothing: return false
            }
        }
    }

    /// Reads on until the text is as wanted; what there is then, or at the end, or when it does not become so.
    func text(until isEnough: (String) -> Bool) -> String {
        var text = ""
        let begin = Date()
        // Signs of life may go on for ever.
        while !isEnough(text), Date().timeIntervalSince(begin) < Run.patience / 4, case .bytes(let bytes) = wait() { text += String(decoding: bytes, as: UTF8.self) }
        return text
    }

    /// Sends a request and reads its answer; `nil` when the connection ends first.
    func ask(_ method: String, _ path: String, body: [UInt8] = [], host: String = "localhost", headers: String = "") -> (status: Int, body: [UInt8])? {
        guard send(Array("\(method) \(path) HTTP/1.1\r\nHost: \(host)\r\n\(headers)Content-Length: \(body.count)\r\n\r\n".utf8) + body) else { return nil }
        var bytes = [UInt8]()
        while true {
            let part = receive()
            if part.isEmpty { return nil }
            bytes += part
            guard let end = bytes.firstRange(of: Array("\r\n\r\n".utf8)) else { continue }
            let head = String(decoding: bytes[..<end.lowerBound], as: UTF8.self).lowercased()
            guard let status = head.split(separator: " ").dropFirst().first.flatMap({ Int($0) }), let length = head.firstMatch(of: /content-length: (\d+)/).flatMap({ Int($0.output.1) }) else { return nil }
            while bytes.count < end.upperBound + length {
                let more = receive()
                if more.isEmpty { return nil }
                bytes += more
            }
            return (status, Array(bytes[end.upperBound ..< end.upperBound + length]))
        }
    }
}
