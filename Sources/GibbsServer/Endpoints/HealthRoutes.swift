import Foundation
import Gibbs
import Hummingbird

extension GibbsService {
    /// How energies of late lie beside those of the model's calibration: of a stream, days that have ended.
    func drift(of entry: ModelEntry) async -> ScoreDrift.Reading? {
        if case .stream = entry.model { return await (try? streams.stream(entry.name))?.drift?.reading }
        return entry.drift?.reading
    }
}

/// What load balancers and Prometheus ask.
extension Routes {
    private static let status = Schema.object([.always("status", .text), .maybe("troubles", .list(.text))])

    static let health: [Route] = [
        Route(method: .get, path: "/healthz", summary: "Whether the process answers", answer: .json(status), isOpen: true) { _ in .json(.object([("status", .string("ok"))])) },
        Route(method: .get, path: "/readyz", summary: "Whether it can do its work: models are read, and what must be written can be", answer: .json(status), isOpen: true) { exchange in
            var troubles = [String]()
            if !exchange.service.shelf.isReady { troubles.append("models are being read") }
            for failure in exchange.service.streams.failures { troubles.append("the stream '\(failure.name)' could not be opened") }
            for stream in exchange.service.streams.all where await stream.trouble != nil { troubles.append("the stream '\(stream.name)' cannot write all that it must") }
            let isReady = troubles.isEmpty
            return .json(.object([("status", .string(isReady ? "ok" : "troubled"))] + (isReady ? [] : [("troubles", .array(troubles.map { .string($0) }))])), status: isReady ? .ok : .serviceUnavailable)
        },
        Route(method: .get, path: "/metrics", summary: "Metrics in Prometheus' text format", answer: .raw(type: "text/plain; version=0.0.4", words: "a metric a line")) { exchange in
            await exchange.service.metrics.registry.measuring { await measure(exchange.service) }
            return .bytes(Array(exchange.service.metrics.registry.text.utf8), type: "text/plain; version=0.0.4; charset=utf-8")
        },
    ]

    /// Sets all that is measured when somebody asks.
    private static func measure(_ service: GibbsService) async {
        let metrics = service.metrics
        for stream in service.streams.all { await stream.measure() }
        for entry in service.shelf.all {
            metrics.gauge("gibbs_model_loaded_seconds", "When the model was read, seconds since 1970", [("model", entry.name), ("kind", entry.model.kind)], entry.loaded.timeIntervalSince1970.rounded())
            if let reading = await service.drift(of: entry) { metrics.drift(entry.name, reading) }
        }
        metrics.gauge("gibbs_models", "Models served", [], Double(service.shelf.all.count))
        metrics.gauge("gibbs_model_problems", "Files that could not be read", [], Double(service.shelf.problems.count))
        if let memory = residentBytes { metrics.gauge("process_resident_memory_bytes", "Memory of the process", [], memory) }
    }

    /// Where the system tells it.
    private static var residentBytes: Double? {
        guard let text = try? String(contentsOfFile: "/proc/self/statm", encoding: .utf8), let pages = text.split(separator: " ").dropFirst().first.flatMap({ Double($0) }) else { return nil }
        return pages * Double(sysconf(Int32(_SC_PAGESIZE)))
    }
}
