import CommandDriver
import Foundation
import GibbsServer
import Hummingbird
import HummingbirdTesting
import Testing

/// The table of routes: every one of them answers, and as its description says.
@Suite(.apart) struct RouteTests {
    private static let pixels = "[" + (0 ..< 64).map { $0 % 8 == 3 ? "1" : "0" }.joined(separator: ",") + "]"
    static let row = #"{"bytes_in":500,"bytes_out":900,"duration":0.2,"port":443,"protocol":"tcp","hour":9}"#

    /// Requests to all of them, in an order in which each can be answered: path as described, path asked for, body.
    private static let examples: [(route: String, path: String, body: String?)] = [
        ("GET /models", "/models", nil), ("GET /models/{model}", "/models/office", nil), ("GET /models/{model}", "/models/films", nil), ("GET /models/{model}", "/models/logins", nil), ("GET /models/{model}", "/models/sessions", nil),
        ("GET /models/{model}/calibration", "/models/office/calibration", nil), ("GET /models/{model}/calibration", "/models/logins/calibration", nil),
        ("GET /models/{model}/calibration", "/models/bars/calibration", nil), ("GET /models/{model}/names", "/models/films/names?of=items&like=again", nil), ("GET /models/{model}/picture", "/models/bars/picture", nil),
        ("POST /models/{model}/score", "/models/office/score", #"{"rows":[\#(row),\#(row)],"explain":"all"}"#),
        ("POST /models/{model}/score", "/models/sessions/score", #"{"sessions":[{"id":"a","events":["login","write","write"]}],"explain":"all"}"#),
        ("POST /models/{model}/score", "/models/bars/score", #"{"images":[\#(pixels)]}"#), ("POST /models/{model}/score", "/models/films/score", #"{"pairs":[{"user":"u1","item":"i2","rating":4}]}"#),
        ("POST /models/{model}/sample", "/models/bars/sample", #"{"count":2,"classes":["1"]}"#), ("POST /models/{model}/blend", "/models/bars/blend", #"{"from":"0","to":"1","steps":5}"#),
        ("POST /models/{model}/recall", "/models/memory/recall", #"{"images":[\#(pixels)],"erase":"bottom"}"#),
        ("POST /models/{model}/recommend", "/models/films/recommend", #"{"user":"u1","k":3,"temperature":0.5,"key":7}"#), ("POST /models/{model}/recommend", "/models/films/recommend", #"{"ratings":[{"item":"i2","rating":5}],"explore":0.5}"#),
        ("POST /models/{model}/similar", "/models/films/similar", #"{"item":"i2","k":4}"#),
        ("POST /streams/{stream}/events", "/streams/logins/events", "ATTACK"), ("GET /streams", "/streams", nil), ("GET /streams/{stream}", "/streams/logins", nil), ("GET /streams/{stream}/today", "/streams/logins/today", nil),
        ("GET /streams/{stream}/alerts", "/streams/logins/alerts?limit=5", nil), ("GET /alerts/{alert}", "/alerts/1", nil), ("POST /alerts/{alert}/verdict", "/alerts/1/verdict", #"{"verdict":"falseAlarm","quietDays":7,"note":"a test"}"#),
        ("GET /streams/{stream}/rules", "/streams/logins/rules", nil), ("DELETE /rules/{rule}", "/rules/1", nil),
        // An event of the next day, by which the day of the attacks ends.
        ("POST /streams/{stream}/events", "/streams/logins/events", SmallStream.login(time: "2026-03-11T00:00:01Z")),
        ("POST /streams/{stream}/rate", "/streams/logins/rate", #"{"falseAlarmRate":0.05}"#), ("POST /streams/{stream}/calibration", "/streams/logins/calibration", #"{"falseAlarmRate":0.05,"days":3,"unjudged":"strange"}"#),
        ("GET /healthz", "/healthz", nil), ("GET /readyz", "/readyz", nil), ("GET /metrics", "/metrics", nil), ("GET /openapi.json", "/openapi.json", nil),
        ("GET /", "/", nil), ("GET /page/page.css", "/page/page.css", nil), ("GET /page/page.js", "/page/page.js", nil), ("GET /page/tools.js", "/page/tools.js", nil), ("GET /page/watch.js", "/page/watch.js", nil),
        ("GET /page/recommend.js", "/page/recommend.js", nil), ("GET /page/create.js", "/page/create.js", nil), ("GET /page/models.js", "/page/models.js", nil), ("GET /page/words.js", "/page/words.js", nil),
    ]

    /// HEAD is GET without a body; another method is told which there are.
    @Test func methods() async throws {
        try await ServiceFolder("films").service().application().test(.router) { client in
            for path in ["/healthz", "/", "/models"] {
                let head = try await client.ask(path, method: .head), get = try await client.ask(path)
                #expect(head.status == 200 && head.body.isEmpty && head.headers[.contentType] == get.headers[.contentType], "\(path)")
            }
            let wrong = try await client.ask("/models/films/score"), nothing = try await client.ask("/nosuch")
            #expect(wrong.status == 405 && wrong.headers[.allow] == "POST" && wrong.text.contains("use POST"))
            #expect(try await client.ask("/streams/s/alerts", method: .delete).headers[.allow] == "GET, HEAD")
            #expect(nothing.status == 404 && nothing.code == "notFound" && nothing.text.contains("openapi.json"))
        }
    }

    /// A field that no row has is told, for it may be misspelt.
    @Test func absentFields() async throws {
        try await ServiceFolder("office").service().application().test(.router) { client in
            func absent(_ body: String) async throws -> [String]? { try await client.ask("/models/office/score", body: body).json["absent"] as? [String] }
            let most = try #require(try await absent(#"{"rows":[\#(Self.row)]}"#)), fewer = try #require(try await absent(#"{"rows":[{"porto":443},{"service":"ssh"},{"port":443}]}"#))
            #expect(!most.contains("port") && most.contains("service") && fewer.contains("bytes_in") && !fewer.contains("port") && !fewer.contains("service"))
            #expect(try #require(try await absent(#"{"rows":[{"porto":443}]}"#)).contains("port"))
        }
    }

    /// Browsers write a space in a query as a plus sign.
    @Test func spacesInQueries() async throws {
        try await ServiceFolder("films").service().application().test(.router) { client in
            for like in ["two,+again", "two,%20again", "two%2C+AGAIN"] {
                let names = try #require(try await client.ask("/models/films/names?of=items&like=\(like)").json["names"] as? [[String: Any]])
                #expect(names.count == 1 && names.first?["title"] as? String == "Two, Again", "\(like): \(names)")
            }
            #expect(try await client.ask("/models/films/names?of=items&like=two%2Bagain").text.contains("Again") == false)
        }
    }

    @Test func everyRouteAnswersAsDescribed() async throws {
        let folder = try ServiceFolder(), service = try await folder.service(), attack = String(decoding: try ServiceOffice.attackDay(), as: UTF8.self)
        var asked = Set<String>()
        let replies = try await service.application().test(.router) { client in
            var replies = [(route: String, path: String, reply: Reply)]()
            for example in Self.examples {
                let reply = try await client.ask(example.path, method: example.route.hasPrefix("DELETE") ? .delete : nil, body: example.body.map { $0 == "ATTACK" ? attack : $0 })
                replies.append((example.route, example.path, reply))
            }
            return replies
        }
        for (name, path, reply) in replies {
            let route = try #require(Routes.all.first { "\($0.method.rawValue) \($0.path)" == name }, "\(name) is no route")
            asked.insert(name)
            #expect(reply.status == route.status.code, "\(path): \(reply.status) \(reply.text.prefix(400))")
            switch route.answer {
            case .json(let schema):
                let value = try #require(try? JSONSerialization.jsonObject(with: Data(reply.body)), "\(path): \(reply.text.prefix(200))")
                #expect(schema.fault(value) == nil, "\(path)")
            case .raw(let type, _): #expect(reply.headers[.contentType]?.hasPrefix(type.prefix { $0 != ";" }) == true, "\(path)")
            }
        }
        let missing = Set(Routes.all.map { "\($0.method.rawValue) \($0.path)" }).subtracting(asked)
        #expect(missing.isEmpty, "nobody asked \(missing.sorted())")
    }

    /// A request may have the members that its description names, and no others: what is described and what is read cannot differ.
    @Test func membersOfRequests() async throws {
        let service = try await ServiceFolder().service(), routes = Routes.all.filter { !$0.members.isEmpty }
        #expect(routes.count >= 9)
        try await service.application().test(.router) { client in
            for route in routes {
                let example = try #require(Self.examples.first { $0.route == "\(route.method.rawValue) \(route.path)" })
                let known = try await client.ask(example.path, body: "{" + route.members.map { "\"\($0)\":null" }.joined(separator: ",") + "}"), other = try await client.ask(example.path, body: #"{"nosuch":null}"#)
                #expect(!known.text.contains("an unknown member"), "\(example.path): \(known.text)")
                #expect(other.status == 400 && other.text.contains("an unknown member") && other.text.contains(route.members[0]), "\(example.path): \(other.text)")
            }
        }
    }

    /// Corrections of what has no times are refused, not passed over; a kind alone asks for some.
    @Test(arguments: ["sample", "blend"]) func corrections(verb: String) async throws {
        let service = try await ServiceFolder("bars").service(), ends = verb == "blend" ? #""from":"0","to":"1","# : ""
        try await service.application().test(.router) { client in
            for (members, words) in [(#""correction":"hmc""#, "has no times"), (#""corrections":2"#, "has no times"), (#""correction":"hmc","corrections":0"#, "0 of them"), (#""correction":"magic""#, "no correction 'magic'")] {
                let reply = try await client.ask("/models/bars/\(verb)", body: "{\(ends)\(members)}")
                #expect(reply.status == 400 && reply.text.contains(words), "\(members): \(reply.text)")
            }
            #expect(try await client.ask("/models/bars/\(verb)", body: "{\(ends)\"corrections\":0}").status == 200)
        }
    }

    /// The document lists what there is, each with its parameters.
    @Test func document() throws {
        let document = try #require(try JSONSerialization.jsonObject(with: Data(Routes.openAPI.text.utf8)) as? [String: Any]), paths = try #require(document["paths"] as? [String: [String: [String: Any]]])
        #expect(Set(paths.keys) == Set(Routes.all.map(\.path)))
        for route in Routes.all {
            let operation = try #require(paths[route.path]?[route.method.rawValue.lowercased()])
            let names = (operation["parameters"] as? [[String: Any]] ?? []).filter { $0["in"] as? String == "path" }.compactMap { $0["name"] as? String }
            #expect(names == route.parameters, "\(route.path)")
            #expect((operation["responses"] as? [String: Any])?.keys.contains(String(route.status.code)) == true)
        }
    }

    /// What the service says of rows is what the command line says.
    @Test func scoresOfTheCommandLine() async throws {
        let folder = try ServiceFolder("office"), service = try await folder.service(), row = Self.row
        try folder.place.file("row.ndjson", row + "\n")
        let line = try folder.place.gibbs("score", "models/office.gibbs", "row.ndjson", "--explain-all", "--reasons", "3")
        let reply = try await service.application().test(.router) { try await $0.ask("/models/office/score", body: #"{"rows":[\#(row)],"explain":"all"}"#) }
        #expect(line.status == 0 && reply.text.contains(line.output.trimmingCharacters(in: .newlines)), "\(line) \(reply.text)")
    }

    /// What it says of images, too: classes, p-values and alerts.
    @Test func imagesOfTheCommandLine() async throws {
        let folder = try ServiceFolder("bars"), service = try await folder.service(), noise = (0 ..< 64).map { UInt8(truncatingIfNeeded: $0 &* 2_654_435_761 >> 7) }, pixels = SmallImages.images(2, seed: 9).pixels + [noise]
        try folder.place.file("new-idx3-ubyte", SmallImages.idx(pixels))
        let told = try folder.place.gibbs("score", "models/bars.gibbs", "new-idx3-ubyte"), rows = pixels.map { "[" + $0.map { "\(Float($0) / 255)" }.joined(separator: ",") + "]" }.joined(separator: ",")
        let replies = try await service.application().test(.router) { client in
            var replies = [Reply]()
            for more in ["", #","falseAlarmRate":0.5"#, #","explain":"all""#] { replies.append(try await client.ask("/models/bars/score", body: #"{"images":[\#(rows)]\#(more)}"#)) }
            return replies
        }
        let lines = told.output.split(separator: "\n"), energies = replies.prefix(2).map { ($0.json["scores"] as? [[String: Any]] ?? []).compactMap { $0["energy"] as? Double } }
        #expect(told.status == 0 && lines.count == 3 && replies[0].text.contains("\"scores\":[\(lines.joined(separator: ","))]"), "\(told) \(replies[0].text)")
        #expect((replies[0].json["scores"] as? [[String: Any]])?.map { $0["alert"] as? Bool } == [false, false, true], "\(replies[0].text)")
        #expect(replies[1].status == 200 && energies[0] == energies[1], "\(replies[1].text)")
        #expect(replies[2].status == 400 && replies[2].text.contains("gives no reasons"), "\(replies[2].text)")
    }
}
