import ArgumentParser
import Foundation
import Gibbs
import GibbsServer
import Logging

@main
struct GibbsServe: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "gibbs-serve",
        abstract: "Serve the models of a folder over HTTP, with a live page.",
        discussion: """
            Loads every model file in the folder (.gibbs, .safetensors), takes in a changed one without dropping a request, and offers each at /models/NAME: \
            score, sample, blend, recall, recommend, similar. A watchdog on a stream takes events at /streams/NAME/events and tells of alerts at /streams/NAME/alerts. \
            The live page is at /, a description of all of it at /openapi.json, metrics for Prometheus at /metrics.

            It listens on this machine alone. Elsewhere it asks for a token, from the environment variable GIBBS_TOKEN or from a file: requests show it as \
            Authorization: Bearer TOKEN. What must not be lost (alerts, verdicts, accepted events) lies in the folder 'service' among the models.
            """)

    @Option(help: ArgumentHelp("Folder of model files.", valueName: "folder"))
    var models: String

    @Option(help: ArgumentHelp("Folder for alerts, verdicts, journals and snapshots; 'service' among the models unless told.", valueName: "folder"))
    var data: String?

    @Option(help: "Address to listen on.")
    var host = "127.0.0.1"

    @Option(help: "Port to listen on; 0 takes a free one.")
    var port = 8_080

    @Option(help: ArgumentHelp("File that holds the token which requests have to show; else GIBBS_TOKEN, where it is set.", valueName: "file"))
    var tokenFile: String?

    @Option(name: .customLong("name"), help: ArgumentHelp("A further name by which browsers may reach it; may be repeated.", valueName: "name"))
    var names: [String] = []

    @Option(help: ArgumentHelp("Certificate chain in PEM: with --private-key the service speaks TLS.", valueName: "file"))
    var certificate: String?

    @Option(help: ArgumentHelp("Private key of the certificate, in PEM.", valueName: "file"))
    var privateKey: String?

    @Option(help: "Requests a second of one address at most; 0 is no bound.")
    var rate = 0.0

    @Option(help: "MiB of a request's body at most.")
    var bodyLimit = 32

    @Option(help: "Connections at once.")
    var connections = 16_384

    @Option(help: "Seconds in which the head of a request must have come, and its body.")
    var patience = 20.0

    @Option(help: "Seconds in which a draw, a blend, a list or many scores must be done, waiting included.")
    var workLimit = 30.0

    @Option(help: "Entities that a stream remembers.")
    var entities = 1_000_000

    @Option(help: "MiB of a stream's lines that are kept.")
    var journalLimit = 256

    @Option(help: "Seconds between two snapshots of a stream.")
    var every = 15.0

    @Option(help: "Days that alerts and verdicts are kept.")
    var keepDays = 400.0

    @Flag(help: "Answer before accepted events lie on the disk: faster, and lost when the machine fails (not when the process does).")
    var noSync = false

    @Flag(help: "Log warnings and errors only.")
    var quiet = false

    func run() async throws {
        do { try await serve() } catch let error as GibbsError {
            FileHandle.standardError.write(Data("gibbs: \(error)\n".utf8))
            throw ExitCode(error.exitCode)
        }
    }

    private func serve() async throws {
        Descriptors.raise()
        let level: Logger.Level = quiet ? .warning : .info
        LoggingSystem.bootstrap { label in
            var handler = StreamLogHandler.standardError(label: label)
            handler.logLevel = level
            return handler
        }
        let service = try await GibbsService(options(), logger: Logger(label: "gibbs"))
        service.collectLibraryMetrics()
        let (host, scheme) = (host.contains(":") ? "[\(host)]" : host, certificate == nil ? "http" : "https"), isOpen = service.options.token == nil
        try await service.run { port in
            // No browser goes to the address that stands for all of them.
            let isEverywhere = ["0.0.0.0", "[::]"].contains(host), place = "\(scheme)://\(isEverywhere ? "localhost" : host):\(port ?? 0)/"
            let whom = isOpen ? "for this machine alone" : "\(isEverywhere ? "and at every address of this machine, " : "")for those who show the token"
            FileHandle.standardOutput.write(Data("the page is at \(place), \(whom)\n".utf8))
        }
    }

    private func options() throws -> ServiceOptions {
        var options = ServiceOptions(models: models)
        (options.data, options.host, options.port, options.names, options.certificate, options.privateKey) = (data, host, port, names, certificate, privateKey)
        options.token = try token()
        (options.limits.rate, options.limits.body, options.limits.connections, options.limits.patience) = (rate, bodyLimit << 20, connections, patience)
        (options.limits.entities, options.limits.journal, options.limits.work) = (entities, journalLimit << 20, workLimit)
        (options.snapshotEvery, options.keepsDays, options.waitsForDisk) = (every, keepDays, !noSync)
        for (value, name) in [(bodyLimit, "body-limit"), (connections, "connections"), (entities, "entities"), (journalLimit, "journal-limit")] where !(1 ... 1 << 30 ~= value) {
            throw GibbsError(.usage, "--\(name) \(value)", advice: "give a positive number")
        }
        for (value, name) in [(patience, "patience"), (every, "every"), (keepDays, "keep-days"), (workLimit, "work-limit")] where !(value > 0 && value < 1e6) {
            throw GibbsError(.usage, "--\(name) \(value)", advice: "give a positive number")
        }
        return options
    }

    private func token() throws -> String? {
        guard let tokenFile else { return ProcessInfo.processInfo.environment["GIBBS_TOKEN"].flatMap { $0.isEmpty ? nil : $0 } }
        guard let text = try? String(contentsOfFile: tokenFile, encoding: .utf8) else { throw GibbsError(.cannotRead, "cannot be read", at: .init(file: tokenFile), advice: "check the path and its permissions") }
        return text.trimmingCharacters(in: .whitespacesAndNewlines)
    }
}

/// As many open files as the system allows: each connection is one.
private enum Descriptors {
    static func raise() {
        var limit = rlimit()
        guard getrlimit(__rlimit_resource_t(RLIMIT_NOFILE.rawValue), &limit) == 0, limit.rlim_cur < limit.rlim_max else { return }
        limit.rlim_cur = limit.rlim_max
        setrlimit(__rlimit_resource_t(RLIMIT_NOFILE.rawValue), &limit)
    }
}
