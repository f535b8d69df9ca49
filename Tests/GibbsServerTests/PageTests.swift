import CommandDriver
import Foundation
import GibbsServer
import Hummingbird
import HummingbirdTesting
import Testing

/// The page's modules, run by node where there is one.
@Suite(.apart, .enabled(if: Node.isAvailable, "node runs the page's modules")) struct PageTests {
    /// The page's files as they are served, in a folder of their own.
    private func page() async throws -> Workplace {
        let place = try Workplace(), service = try await ServiceFolder("films").service()
        try await service.application().test(.router) { client in
            for route in Routes.page where route.path.hasSuffix(".js") { try place.file(String(route.path.dropFirst("/page/".count)), try await client.ask(route.path).body) }
        }
        try place.file("package.json", #"{"type": "module"}"#)
        return place
    }

    /// What a script beside the page's modules says.
    private func run(_ script: String) async throws -> String {
        let place = try await page()
        try place.file("test.js", "globalThis.document = { getElementById: () => ({}) };\nglobalThis.sessionStorage = { getItem: () => null };\n" + script)
        return try Node.run(["test.js"], in: place).trimmingCharacters(in: .newlines)
    }

    @Test func everyModuleIsWellFormed() async throws {
        let place = try await page()
        for file in try place.contents where file.hasSuffix(".js") { #expect(try Node.run(["--check", file], in: place) == "", "\(file)") }
    }

    /// While calls go on without a pause, the work is done again and again, and in the end for the last of them.
    @Test func throttleGoesOn() async throws {
        let told = try await run("""
            let now = 0;
            const timers = [], found = [];
            globalThis.setTimeout = (body, after) => timers.push({ at: now + after, body });
            const { throttle } = await import("./tools.js");
            const later = throttle(1500, value => found.push([now, value]));
            const pass = () => { now += 250; for (const timer of timers.splice(0).sort((a, b) => a.at - b.at)) if (timer.at <= now) timer.body(); else timers.push(timer); };
            for (let turn = 0; turn < 40; turn++) { later(turn); pass(); }
            for (let turn = 0; turn < 20; turn++) pass();
            console.log(JSON.stringify(found));
            """)
        let runs = try #require((try? JSONSerialization.jsonObject(with: Data(told.utf8))) as? [[Double]], "\(told)")
        #expect(runs.first == [0, 0] && runs.last?[1] == 39 && (7 ... 8).contains(runs.count), "\(runs)")
        #expect(zip(runs, runs.dropFirst()).allSatisfy { $1[0] - $0[0] >= 1_500 }, "\(runs)")
    }

    /// A follower begins behind what it was told to, and after a break behind what it heard last.
    @Test func followsFromWhereItWas() async throws {
        let told = try await run("""
            globalThis.setTimeout = body => { queueMicrotask(body); };
            const { follow } = await import("./tools.js");
            const asked = [], heard = [], stop = new AbortController();
            globalThis.fetch = async (path, options) => {
              asked.push(options.headers["Last-Event-ID"]);
              if (asked.length > 1) stop.abort();
              return new Response(": a word to keep the line\\n\\nid: 9\\nevent: alert\\ndata: {\\"number\\": 9}\\n\\n");
            };
            await follow("/streams/s/alerts", stop.signal, (name, data) => { if (name === "alert") heard.push(data.number); }, 7);
            console.log(JSON.stringify([asked, heard]));
            """)
        #expect(told == #"[["7","9"],[9,9]]"#, "\(told)")
    }
}

private enum Node {
    static let path = ["/usr/bin/node", "/usr/local/bin/node", "/opt/homebrew/bin/node"].first(where: FileManager.default.isExecutableFile)
    static var isAvailable: Bool { path != nil }

    /// What it wrote, errors too.
    static func run(_ arguments: [String], in place: Workplace) throws -> String {
        let process = Process(), output = place.place("said-\(UUID())")
        process.executableURL = URL(fileURLWithPath: try #require(path))
        process.arguments = arguments
        process.currentDirectoryURL = URL(fileURLWithPath: place.path)
        try Data().write(to: URL(fileURLWithPath: output))
        let handle = try FileHandle(forWritingTo: URL(fileURLWithPath: output))
        (process.standardOutput, process.standardError, process.standardInput) = (handle, handle, FileHandle.nullDevice)
        try process.run()
        process.waitUntilExit()
        return try String(contentsOfFile: output, encoding: .utf8)
    }
}
