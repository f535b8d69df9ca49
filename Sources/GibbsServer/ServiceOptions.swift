import Foundation
import GibbsNumerics

/// How a service runs. What is left as it is listens on this machine alone, and keeps what it must not lose beside the models.
public struct ServiceOptions: Sendable {
    /// The folder of model files; nothing outside it is ever read for a request.
    public var models: String
    /// The folder of alerts, verdicts, journals and snapshots; `service` among the models unless told.
    public var data: String?
    /// The address to listen on.
    public var host = "127.0.0.1"
    /// The port; 0 takes a free one.
    public var port = 8_080
    /// What a request has to show; without one the service listens on this machine alone.
    public var token: String?
    /// A certificate chain in PEM, and its private key: with them the service speaks TLS.
    public var certificate: String?, privateKey: String?
    /// Further names by which browsers may reach it, beside the address itself and `localhost`.
    public var names: [String] = []
    /// What is too much.
    public var limits = Limits()
    /// Seconds between two looks at the folder of models, and between two snapshots of a stream.
    public var rescan = 1.0, snapshotEvery = 15.0
    /// Seconds between two signs of life to those who follow a stream: connections on which nothing comes are cut on their way, and who has gone is found out.
    public var heartbeat = 15.0
    /// Whether an accepted batch of events waits for the disk. Without, it survives the end of the process, and not that of the machine.
    public var waitsForDisk = true
    /// Days that alerts and verdicts are kept.
    public var keepsDays = 400.0

    /// Bounds beyond which a request is refused.
    public struct Limits: Sendable {
        /// Bytes of a request's body, and of its headers.
        public var body = 32 << 20, headers = 16 << 10
        /// Rows to score at once.
        public var rows = 100_000
        /// Connections at once; more wait until one ends.
        public var connections = 16_384
        /// Seconds in which the head of a request, and its body, must have come, whether anybody reads it or not.
        public var patience = 20.0
        /// Requests a second of one address, the same again at a stroke, but one at least; 0 is no bound.
        public var rate = 0.0
        /// Bytes of bodies that are held at once, of all requests together, before further ones are sent away to come again.
        public var waiting = 128 << 20
        /// Pieces of long work (draws, blends, lists, many scores) that are done or wait for a free processor.
        public var queue = 32
        /// Seconds in which one piece of long work must be done, from when it was asked for.
        public var work = 30.0
        /// Entities that a stream remembers.
        public var entities = 1_000_000
        /// Bytes of a stream's lines that are kept, so that alerts can show them.
        public var journal = 256 << 20
        /// Followers of live streams at once.
        public var followers = 256

        /// As usual.
        public init() {}
    }

    /// A service of the models in a folder.
    public init(models: String) { self.models = models }

    /// Where its own files lie.
    package var dataFolder: String { data ?? models + "/service" }

    /// Whether nobody but programs of this machine can reach it.
    var isLocal: Bool { Self.isLoopback(host) }

    static func isLoopback(_ host: String) -> Bool { host == "localhost" || host == "::1" || host.hasPrefix("127.") }

    /// Refuses what would not be safe, or cannot be.
    ///
    /// - Throws: `GibbsError` with code `.usage`, or `.cannotRead` for a folder of models that is none.
    public func check() throws {
        var isFolder: ObjCBool = false
        guard FileManager.default.fileExists(atPath: models, isDirectory: &isFolder), isFolder.boolValue else {
            throw GibbsError(.cannotRead, "is no folder", at: .init(file: models), advice: "name the folder of model files with --models")
        }
        guard isLocal || token != nil else {
            throw GibbsError(.usage, "to listen on \(host) without a token would let anybody in", advice: "set GIBBS_TOKEN, or name a file that holds it with --token-file; or stay on 127.0.0.1")
        }
        if let token, token.utf8.count < 16 || token.utf8.count > 1_024 || token.utf8.contains(where: { $0 <= 0x20 || $0 >= 0x7F }) {
            throw GibbsError(.usage, "a token of \(token.utf8.count) bytes", advice: "take 16 to 1024 letters and digits, such as those of: openssl rand -hex 24")
        }
        guard (certificate == nil) == (privateKey == nil) else { throw GibbsError(.usage, "a certificate needs its key, and a key its certificate", advice: "give --certificate and --private-key") }
        guard limits.rate >= 0, limits.rate < 1e6 else { throw GibbsError(.usage, "a rate of \(limits.rate) requests a second", advice: "give a positive number, or 0 for no bound") }
        guard 0 ... 65_535 ~= port else { throw GibbsError(.usage, "a port \(port)", advice: "give one from 1 to 65535; 0 takes a free one") }
    }
}
