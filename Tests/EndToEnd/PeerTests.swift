import CommandDriver
import Foundation
import Testing

/// A Python with the packages to compare with; none unless told.
private let python = ProcessInfo.processInfo.environment["GIBBS_PEERS_PYTHON"]

@Suite(.enabled(if: python != nil, "GIBBS_PEERS_PYTHON names no Python that has safetensors"))
struct PeerTests {
    @Test func safetensorsOpensTheModel() throws {
        let place = try Office.copy("office.gibbs")
        try place.file("open.py", """
            import json, sys
            from safetensors import safe_open
            with safe_open(sys.argv[1], framework="numpy") as file:
                tensors = {name: list(file.get_tensor(name).shape) for name in file.keys()}
                print(json.dumps({"tensors": tensors, "metadata": file.metadata()}))
            """)
        let outcome = try place.shell("'\(python!)' open.py office.gibbs")
        #expect(outcome.status == 0, "\(outcome)")
        let metadata = try #require(try outcome.object["metadata"] as? [String: String])
        #expect(metadata["gibbs.kind"] == "watchdog")
        for name in ["gibbs.version", "gibbs.schema", "gibbs.calibration", "gibbs.training"] { #expect(metadata[name] != nil, "\(name)") }
        let tensors = try #require(try outcome.object["tensors"] as? [String: [Int]])
        #expect(tensors["calibration"] == [1500])
        #expect(tensors["usualSurprise"] == [19])
    }
}
