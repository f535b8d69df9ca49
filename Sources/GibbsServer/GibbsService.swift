import CoreMetrics
import Foundation
import Gibbs
import Hummingbird
import HummingbirdCore
import HummingbirdTLS
import Logging
import NIOCore
import NIOSSL
import ServiceLifecycle

/// One process that watches, recommends and creates: the models of a folder over HTTP, with a live page.
///
///     let service = try await GibbsService(ServiceOptions(models: "models"))
///     try await service.run()
public struct GibbsService: Sendable {
    /// The version that it tells.
    public static let version = "0.1.0"
    /// How it runs.
    public let options: ServiceOptions
    package let shelf: ModelShelf, store: Store, streams: StreamDesk, metrics: ServiceMetrics, work: LongWork, held: HeldBytes, deadlines: Deadlines, logger: Logger
    private let lock: FolderLock

    /// Opens the store, reads the models, and lets every stream go on where it ended; listens to nobody yet.
    ///
    /// - Throws: `GibbsError` as `ServiceOptions.check`, with code `.cannotWrite` for a folder that cannot be written or belongs to another service, or
    ///   `.unsuitableData` for a store that is damaged. A model that cannot be read is no error: it is told of at `/models`.
    public init(_ options: ServiceOptions, logger: Logger = Logger(label: "gibbs")) async throws {
        try options.check()
        (self.options, self.logger) = (options, logger)
        lock = try FolderLock(options.dataFolder)
        store = try Store(path: options.dataFolder + "/service.sqlite")
        shelf = ModelShelf(folder: options.models)
        metrics = ServiceMetrics()
        work = LongWork(options.limits)
        held = HeldBytes(limit: options.limits.waiting)
        deadlines = Deadlines(patience: options.limits.patience)
        streams = StreamDesk(shelf: shelf, store: store, metrics: metrics, options: options, deadlines: deadlines, logger: logger)
        await streams.update()
    }

    /// Lets metrics of the libraries come along; once a program, before anything is measured.
    public func collectLibraryMetrics() { MetricsSystem.bootstrap(metrics.registry) }

    /// The service as Hummingbird runs it: a `Service` that ends in good order.
    ///
    /// - Parameter onRunning: Told the port when it listens.
    /// - Throws: `GibbsError` with code `.cannotRead` for a certificate or key that cannot be read.
    public func application(onRunning: @escaping @Sendable (Int?) async -> Void = { _ in }) throws -> some ApplicationProtocol {
        let limits = options.limits
        let connections = HTTP1Channel.Configuration(
            additionalChannelHandlers: [BodyGuard(limits)], idleTimeout: .milliseconds(Int64(limits.patience * 1_000)),
            httpDecoderConfiguration: .init(maxHeaderFieldSize: limits.headers, maxHeaderListSize: limits.headers, maxHeaderFieldCount: 100))
        var server = HTTPServerBuilder.http1(configuration: connections)
        if let tls = try options.tls() { server = try .tls(server, tlsConfiguration: tls) }
        return Application(
            router: router(), server: server,
            configuration: .init(address: .hostname(options.host, port: options.port), serverName: nil, backlog: 1_024,
                                 availableConnectionsDelegate: MaximumAvailableConnections(options.limits.connections, logger: logger)),
            services: [streams], onServerRunning: { await onRunning($0.localAddress?.port) }, logger: logger)
    }

    /// Serves until SIGTERM or SIGINT: what has begun is finished then, in as long as a request may take, and what there is to write is written.
    ///
    /// - Parameter onRunning: Told the port when it listens.
    /// - Throws: As `application`; `GibbsError` with code `.cannotWrite` where another has the port; `CancellationError` where something had to be broken off at the end.
    public func run(onRunning: @escaping @Sendable (Int?) async -> Void = { _ in }) async throws {
        var configuration = ServiceGroupConfiguration(services: [try application(onRunning: onRunning)], gracefulShutdownSignals: [.sigterm, .sigint], logger: logger)
        configuration.maximumGracefulShutdownDuration = .seconds(max(options.limits.patience, options.limits.work) + 5)
        do { try await ServiceGroup(configuration: configuration).run() } catch let error as IOError {
            throw GibbsError(.cannotWrite, "port \(options.port) of \(options.host) cannot be had (\(String(cString: strerror(error.errnoCode))))",
                             advice: error.errnoCode == EADDRINUSE ? "end what listens there, or choose another with --port" : "choose another with --host and --port")
        }
    }

    /// Writes a watchdog in place of a model's file, and takes it in.
    ///
    /// - Throws: `Refusal` where the file holds another model by now.
    package func replace(_ name: String, by watchdog: StreamWatchdog) async throws {
        await streams.update()
        let entry = try shelf.model(name), exchanged = Refusal.busy("the model '\(name)' has been exchanged meanwhile")
        guard case .stream(let present) = entry.model, present.fingerprint == watchdog.fingerprint else { throw exchanged }
        // Whole beside it first, so that a fit that ends meanwhile is seen, and not written over.
        let draft = entry.path + ".draft"
        defer { unlink(draft) }
        try watchdog.write(to: draft)
        guard shelf.isUnchanged(entry) else { throw exchanged }
        // As it was, for whoever wants it back.
        unlink(entry.path + ".before")
        link(entry.path, entry.path + ".before")
        guard rename(draft, entry.path) == 0 else { throw GibbsError(.cannotWrite, "the model cannot be replaced (\(String(cString: strerror(errno))))", at: .init(file: entry.path), advice: "check the folder's permissions") }
        await streams.update()
    }

    private func router() -> Router<ServiceContext> {
        let router = Router(context: ServiceContext.self)
        router.add(middleware: HeadersMiddleware())
        router.add(middleware: MeasureMiddleware(metrics: metrics))
        router.add(middleware: PaceMiddleware(deadlines: deadlines))
        router.add(middleware: FailureMiddleware(logger: logger))
        router.add(middleware: RateMiddleware(limit: RateLimit(options.limits.rate)))
        router.add(middleware: GateMiddleware(options))
        for route in Routes.all {
            router.on(RouterPath(route.path), method: route.method) { try await serve(route, $0, $1) }
            if route.method == .get {
                router.head(RouterPath(route.path)) { request, context in
                    var response = try await serve(route, request, context)
                    response.body = ResponseBody(contentLength: response.body.contentLength) { try await $0.finish(nil) }
                    return response
                }
            }
        }
        return router
    }

    private func serve(_ route: Route, _ request: Request, _ context: ServiceContext) async throws -> Response {
        let exchange = Exchange(request: request, context: context, service: self, route: route, held: HeldBytes.Share(of: held))
        defer { withExtendedLifetime(exchange) {} }
        return try await route.serve(exchange)
    }
}

extension ServiceOptions {
    /// The settings of TLS; `nil` without a certificate.
    fileprivate func tls() throws -> TLSConfiguration? {
        guard let certificate, let privateKey else { return nil }
        do {
            var tls = TLSConfiguration.makeServerConfiguration(
                certificateChain: try NIOSSLCertificate.fromPEMFile(certificate).map { .certificate($0) }, privateKey: .privateKey(try NIOSSLPrivateKey(file: privateKey, format: .pem)))
            tls.minimumTLSVersion = .tlsv12
            // Tells a key that belongs to another certificate now, and not when somebody comes.
            _ = try NIOSSLContext(configuration: tls)
            return tls
        } catch {
            throw GibbsError(.cannotRead, "cannot be read as a certificate and its key in PEM (\(error))", at: .init(file: certificate), advice: "check the two paths and their permissions")
        }
    }
}
