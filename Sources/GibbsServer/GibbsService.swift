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
    /// - Throws: As `application`; `CancellationError` where something had to be broken off at the end.
    public func run(onRunning: @escaping @Sendable (Int?) async -> Void = { _ in }) async throws {
        var configuration = ServiceGroupConfiguration(services: [try application(onRunning: onRunning)], gracefulShutdownSignals: [.sigterm, .sigint], logger: logger)
        configuration.maximumGracefulShutdownDuration = .seconds(max(options.limits.patience, options.limits.work) + 5)
        try await ServiceGroup(configuration: configuration).run()
    }

    /// Writes a watchdog in place of a model's file, and takes it in.
    ///
    /// - Throws: `Refusal` where the file holds another model by now.
    package func replace(_ name: String, by watchdog: StreamWatchdog) async throws {
        await streams.update()
        guard case .stream(let present) = try shelf.model(name).model, present.fingerprint == watchdog.fingerprint else { throw Refusal.busy("the model '\(name)' has been exchanged meanwhile") }
        try watchdog.write(to: shelf.model(name).path)
        await streams.update()
    }

    private func router() -> Router<ServiceContext> {
        let router = Router(context: ServiceContext.self)
        router.add(middleware: HeadersMiddleware())
        router.add(middleware: MeasureMiddleware(metrics: metrics))
        router.add(middleware: FailureMiddleware(logger: logger))
        router.add(middleware: RateMiddleware(limit: RateLimit(options.limits.rate)))
        router.add(middleware: GateMiddleware(options))
        for route in Routes.all {
            router.on(RouterPath(route.path), method: route.method) { request, context in
                let exchange = Exchange(request: request, context: context, service: self, route: route, held: HeldBytes.Share(of: held))
                defer { withExtendedLifetime(exchange) {} }
                return try await route.serve(exchange)
            }
        }
        return router
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
