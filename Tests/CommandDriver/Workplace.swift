import Foundation

/// A folder in which the real `gibbs` runs as a person would run it: its own files, its own `TMPDIR`, gone afterwards.
public final class Workplace: Sendable {
    private let root: String
    /// Where the files of the test lie; the program's working directory.
    public let path: String
    /// The program's `TMPDIR`.
    public let temporaries: String

    public init() throws {
        root = NSTemporaryDirectory() + "/gibbs-command-\(UUID().uuidString)"
        (path, temporaries) = (root + "/work", root + "/tmp")
        for folder in [path, temporaries, root + "/streams"] {
            try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
        }
    }

    deinit { remove() }

    /// For workplaces that live as long as the process.
    public func remove() { try? FileManager.default.removeItem(atPath: root) }
}

// MARK: - Files

extension Workplace {
    public func place(_ name: String) -> String { path + "/" + name }

    /// Writes a file and returns its name.
    @discardableResult
    public func file(_ name: String, _ bytes: [UInt8]) throws -> String {
        try Data(bytes).write(to: URL(fileURLWithPath: place(name)))
        return name
    }

    @discardableResult
    public func file(_ name: String, _ text: String) throws -> String { try file(name, Array(text.utf8)) }

    public func bytes(_ name: String) throws -> [UInt8] { try [UInt8](Data(contentsOf: URL(fileURLWithPath: place(name)))) }
    public func text(_ name: String) throws -> String { String(decoding: try bytes(name), as: UTF8.self) }
    public func exists(_ name: String) -> Bool { FileManager.default.fileExists(atPath: place(name)) }

    /// Everything in the folder, hidden files included, and what lies in `TMPDIR`, with `tmp/` before it.
    public var contents: Set<String> {
        get throws {
            let manager = FileManager.default
            return try Set(manager.contentsOfDirectory(atPath: path) + manager.contentsOfDirectory(atPath: temporaries).map { "tmp/" + $0 })
        }
    }
}

// MARK: - Running

extension Workplace {
    /// Where SwiftPM put the program: beside the tests.
    public static var program: String {
        #if os(macOS)
        let tests = Bundle.allBundles.first { $0.bundlePath.hasSuffix(".xctest") }!
        return tests.bundleURL.deletingLastPathComponent().appendingPathComponent("gibbs").path
        #else
        return Bundle.main.bundleURL.appendingPathComponent("gibbs").path
        #endif
    }

    /// Runs `gibbs` to its end.
    ///
    /// - Parameter input: File that becomes its standard input; nothing otherwise.
    public func gibbs(_ arguments: String..., input: String? = nil) throws -> Outcome {
        try start(arguments, input: input).finish()
    }

    public func gibbs(_ arguments: [String], input: String? = nil) throws -> Outcome { try start(arguments, input: input).finish() }

    /// Starts `gibbs`; standard error goes to `errors` where given.
    public func start(_ arguments: [String], input: String? = nil, errors: FileHandle? = nil) throws -> Run {
        try Run(Self.program, arguments, in: path, streams: root + "/streams", temporaries: temporaries,
                input: input.map(place), errors: errors)
    }

    /// Runs another program of this package to its end.
    public func example(_ name: String, _ arguments: [String]) throws -> Outcome {
        let program = URL(fileURLWithPath: Self.program).deletingLastPathComponent().appendingPathComponent(name).path
        return try Run(program, arguments, in: path, streams: root + "/streams", temporaries: temporaries, input: nil, errors: nil).finish()
    }

    /// Runs a script for `sh`, in which `$GIBBS` is the program.
    public func shell(_ script: String) throws -> Outcome {
        try Run("/bin/sh", ["-c", script], in: path, streams: root + "/streams", temporaries: temporaries, input: nil, errors: nil).finish()
    }
}
