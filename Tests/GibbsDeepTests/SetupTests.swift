import Foundation
import Testing

/// scripts/setup-deep on folders that are no libtorch, or not one for Gibbs; nothing is downloaded.
@Suite struct SetupTests {
    static let root = URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent().deletingLastPathComponent()

    /// Status and standard error of the script with LIBTORCH at a folder that holds these files, and what it wrote into its cache.
    static func setUp(_ files: [String: String]) throws -> (status: Int32, said: String, description: String?) {
        let folder = FileManager.default.temporaryDirectory.appendingPathComponent("setup-deep-\(UUID().uuidString)")
        defer { try? FileManager.default.removeItem(at: folder) }
        let torch = folder.appendingPathComponent("torch"), cache = folder.appendingPathComponent("cache")
        for (name, text) in files {
            let file = torch.appendingPathComponent(name)
            try FileManager.default.createDirectory(at: file.deletingLastPathComponent(), withIntermediateDirectories: true)
            try Data(text.utf8).write(to: file)
        }
        let process = Process(), errors = Pipe()
        process.executableURL = URL(fileURLWithPath: "/usr/bin/env")
        process.arguments = ["LIBTORCH=\(torch.path)", "GIBBS_CACHE=\(cache.path)", "bash", root.appendingPathComponent("scripts/setup-deep").path]
        process.standardError = errors
        try process.run()
        let said = String(decoding: errors.fileHandleForReading.readDataToEndOfFile(), as: UTF8.self).replacingOccurrences(of: folder.path, with: "")
        process.waitUntilExit()
        return (process.terminationStatus, said, try? String(contentsOf: cache.appendingPathComponent("gibbs-torch.pc"), encoding: .utf8))
    }

    static func version(_ major: Int, _ minor: Int) -> String {
        "#define TORCH_VERSION_MAJOR \(major)\n#define TORCH_VERSION_MINOR \(minor)\n#define TORCH_VERSION_PATCH 1\n"
    }
    static let whole = ["lib/libtorch_cpu.so": "", "lib/libtorch_cpu.dylib": "", "include/ATen/ATen.h": ""], header = "include/torch/csrc/api/include/torch/version.h"

    @Test func refusals() throws {
        func refused(_ files: [String: String], _ reason: String) throws {
            let (status, said, description) = try Self.setUp(files)
            #expect(status == 69 && said.contains(reason) && description == nil, "\(said)")
        }
        try refused([:], "there is no folder LIBTORCH=/torch")
        try refused(["include/ATen/ATen.h": ""], "LIBTORCH=/torch has no lib/libtorch_cpu.")
        try refused(Self.whole.filter { $0.key.hasPrefix("lib") }, "has no include/ATen/ATen.h: it can run programs but not build them")
        try refused(Self.whole, "does not say its version")
        try refused(Self.whole.merging([Self.header: Self.version(2, 3)]) { $1 }, "is libtorch 2.3.1, and Gibbs needs 2.4 or newer")
        try refused(Self.whole.merging([Self.header: Self.version(1, 13)]) { $1 }, "is libtorch 1.13.1, and Gibbs needs 2.4 or newer")
    }

    @Test(arguments: [4, 11]) func acceptance(minor: Int) throws {
        let (status, said, description) = try Self.setUp(Self.whole.merging([Self.header: Self.version(2, minor)]) { $1 })
        #expect(status == 0 && said.contains("libtorch 2.\(minor).1: /torch"), "\(said)")
        let text = try #require(description)
        #expect(text.contains("\nVersion: 2.\(minor).1\n") && text.contains("-ltorch_cpu"))
    }
}
