import CommandDriver
import Foundation
import GibbsServer
import Hummingbird
import HummingbirdTesting
import HTTPTypes
import Logging
import Synchronization
import NIOCore
import Testing

/// A folder with a model of every kind, made once and copied by many tests.
struct ServiceOffice: Sendable {
    static let shared = Result<ServiceOffice, any Error> {
        let office = try ServiceOffice()
        atexit(removeAtExit)
        return office
    }

    /// Holds `models/` and an attack day as `attack.ndjson`; nothing may be changed in it.
    let place: Workplace

    private init() throws {
        place = try Workplace()
        try FileManager.default.createDirectory(atPath: place.place("models"), withIntermediateDirectories: true)
        _ = try place.gibbs("simulate", "connections", "--count", "3000", "--key", "1", "--out", "normal.csv")
        try Self.check(place.gibbs("fit", "table", "normal.csv", "--label", "label", "--normal", "normal", "--ignore", "time", "--model", "gaussian", "--false-alarms", "0.01", "--out", "models/office.gibbs"))
        let stream = try SmallStream.copy("attack.ndjson"), images = try Workplace.withImages("gaussian", "memory"), ratings = try SmallRatings.place()
        // Images that the model was not fitted to.
        try images.file("fresh-idx3-ubyte", SmallImages.idx(Array(SmallImages.images(740).pixels.suffix(500))))
        try Self.check(images.gibbs("calibrate", "gaussian.gibbs", "fresh-idx3-ubyte", "--false-alarms", "0.05"))
        for (from, to) in [(stream.place("m.gibbs"), "models/logins.gibbs"), (stream.place("m.gibbs.past"), "models/logins.gibbs.past"), (stream.place("attack.ndjson"), "attack.ndjson"),
                           (images.place("gaussian.gibbs"), "models/bars.gibbs"), (images.place("memory.gibbs"), "models/memory.gibbs")] {
            try FileManager.default.copyItem(atPath: from, toPath: place.place(to))
        }
        try Self.check(ratings.gibbs("fit", "ratings", "r.csv", "--model", "factors", "--out", place.place("models/films.gibbs")))
        try place.file("models/films.titles.csv", "item,title\ni0,The First One\ni2,\"Two, Again\"\n")
        try place.file("sessions.txt", (0 ..< 120).map { "s\($0)\tlogin read \($0 % 3 == 0 ? "write " : "")logout\n" }.joined())
        try Self.check(place.gibbs("fit", "events", "sessions.txt", "--epochs", "3", "--out", "models/sessions.gibbs"))
    }

    private static func check(_ outcome: Outcome) throws { precondition(outcome.status == 0, "\(outcome)") }

    /// The events of the attack day.
    static func attackDay() throws -> [UInt8] { try shared.get().place.bytes("attack.ndjson") }
}

private func removeAtExit() {
    ServiceFolder.removeAll()
    try? ServiceOffice.shared.get().place.remove()
}

/// A folder of models of a test's own.
final class ServiceFolder: Sendable {
    let place: Workplace
    var models: String { place.place("models") }
    /// All of them, until the tests end: a service looks into its folder for as long as it runs.
    private static let all = Mutex<[Workplace]>([])

    /// With copies of some models, all unless told.
    init(_ names: String...) throws {
        let office = try ServiceOffice.shared.get().place
        let place = try Workplace()
        self.place = place
        Self.all.withLock { $0.append(place) }
        try FileManager.default.createDirectory(atPath: place.place("models"), withIntermediateDirectories: true)
        for file in try FileManager.default.contentsOfDirectory(atPath: office.place("models")) where names.isEmpty || names.contains(where: { file.hasPrefix($0 + ".") }) {
            try FileManager.default.copyItem(atPath: office.place("models/" + file), toPath: models + "/" + file)
        }
    }

    /// Removes them all.
    fileprivate static func removeAll() { for place in all.withLock({ $0 }) { place.remove() } }

    /// The service on them.
    func service(_ change: (inout ServiceOptions) -> Void = { _ in }) async throws -> GibbsService {
        var options = ServiceOptions(models: models)
        options.waitsForDisk = false
        options.port = 0
        change(&options)
        return try await GibbsService(options, logger: GibbsTestLogger.silent)
    }
}

/// What a service answered.
struct Reply: Sendable {
    let status: Int, headers: HTTPFields, body: [UInt8]

    init(_ response: TestResponse) { (status, headers, body) = (response.status.code, response.headers, Array(buffer: response.body)) }

    var text: String { String(decoding: body, as: UTF8.self) }
    /// The JSON object.
    var json: [String: Any] { (try? JSONSerialization.jsonObject(with: Data(body))) as? [String: Any] ?? [:] }
    /// The code of an error.
    var code: String? { (json["error"] as? [String: Any])?["code"] as? String }
}

extension TestClientProtocol {
    /// Asks, and gives the answer.
    func ask(_ path: String, method: HTTPRequest.Method? = nil, headers: HTTPFields = [:], body: String? = nil) async throws -> Reply {
        try await execute(uri: path, method: method ?? (body == nil ? .get : .post), headers: headers, body: body.map { ByteBuffer(string: $0) }) { Reply($0) }
    }

    func send(_ path: String, _ bytes: some Sequence<UInt8> & Sendable) async throws -> Reply {
        try await execute(uri: path, method: .post, headers: [:], body: ByteBuffer(bytes: bytes)) { Reply($0) }
    }
}
