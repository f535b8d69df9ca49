import CommandDriver
import Foundation
import Testing

/// Ways from class to class.
@Suite struct BlendImagesTests {
    let place: Workplace

    init() throws { place = try .withImages("gaussian", "rbm") }

    private func frames(_ arguments: [String]) throws -> [[String: Any]] { try place.expectWorks(["blend"] + arguments + ["--json"]).objects }
    private func numbers(_ frames: [[String: Any]], _ name: String) -> [Double] { frames.map { $0[name] as? Double ?? .nan } }

    @Test(arguments: ["gaussian", "rbm"]) func classesCrossOnce(model: String) throws {
        let found = try frames(["\(model).gibbs", "--from", "0", "--to", "1", "--steps", "9", "--out", "strip.png", "--scale", "4"])
        #expect(numbers(found, "alpha") == (0 ..< 9).map { Double($0) / 8 })
        let sides = numbers(found, "probabilityTo").map { $0 > 0.5 }
        #expect(!sides.first! && sides.last! && zip(sides, sides.dropFirst()).count { $0 != $1 } == 1, "\(numbers(found, "probabilityTo"))")
        #expect(found.first!["likeliest"] as? String == "0" && found.last!["likeliest"] as? String == "1")
        // The difference of the two energies is the odds.
        let from = numbers(found, "energyFrom"), to = numbers(found, "energyTo"), odds = zip(from, to).map { 1 / (1 + exp($1 - $0)) }
        #expect(zip(odds, numbers(found, "probabilityTo")).allSatisfy { abs($0 - $1) < 5e-3 } && from.allSatisfy { $0 >= -0.01 } && to.allSatisfy { $0 >= -0.01 }, "\(from) \(to)")
        let strip = try place.picture("strip.png")
        #expect(strip.width == sheetSide(9, scale: 4) && strip.height == 32)
        // The same key gives the same bytes.
        _ = try frames(["\(model).gibbs", "--from", "0", "--to", "1", "--steps", "9", "--out", "again.png", "--scale", "4"])
        #expect(try place.bytes("again.png") == place.bytes("strip.png"))
    }

    /// Between Gaussians the energies rise and fall all the way.
    @Test func closedFormIsARidge() throws {
        let found = try frames(["gaussian.gibbs", "--from", "0", "--to", "2", "--out", "strip.png"])
        let from = numbers(found, "energyFrom"), to = numbers(found, "energyTo")
        #expect(found.count == 11 && abs(from[0]) < 0.01 && abs(to[10]) < 0.01 && from[10] > 5 && to[0] > 5)
        #expect(zip(from, from.dropFirst()).allSatisfy { $0 <= $1 + 1e-3 } && zip(to, to.dropFirst()).allSatisfy { $0 >= $1 - 1e-3 }, "\(from) \(to)")
    }

    @Test func pathsAnimationsAndArrays() throws {
        let found = try frames(["gaussian.gibbs", "--path", "0,1,2", "--steps", "4", "--out", "raw.npy", "--animation", "way.png"])
        // Two legs share the class where they meet.
        #expect(found.map { $0["to"] as? String } == ["1", "1", "1", "1", "2", "2", "2"])
        let raw = try place.array("raw.npy")
        #expect(raw.rows == 7 && raw.columns == 64 && raw.values.allSatisfy { (0 ... 1).contains($0) })
        // There and back: 7 frames, and the 5 between the ends once more.
        let bytes = try place.bytes("way.png"), control = try #require(bytes.indices.first { bytes[$0...].starts(with: Array("acTL".utf8)) })
        #expect(bytes[control + 4 ..< control + 8].reduce(0) { $0 << 8 | Int($1) } == 12)
        #expect(try place.picture("way.png").width == 8 * 8)
    }

    /// Gaussians walk along lowest points unless a temperature is given; T = 0 says so.
    @Test func temperature() throws {
        func way(_ more: String...) throws -> [UInt8] {
            _ = try frames(["gaussian.gibbs", "--from", "0", "--to", "1", "--out", "raw.npy"] + more)
            return try place.bytes("raw.npy")
        }
        let lowest = try way()
        #expect(try way("--temperature", "0") == lowest && way("--key", "9") == lowest)
        let warm = try way("--temperature", "1")
        #expect(try warm != lowest && way("--temperature", "1") == warm && way("--temperature", "1", "--key", "9") != warm)
    }
}
