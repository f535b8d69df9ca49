import Foundation
import GibbsData
import GibbsNumerics
import Testing

/// A directory that lives as long as the test that made it.
final class Scratchpad {
    let path: String

    init() {
        path = NSTemporaryDirectory() + "/gibbs-data-\(UUID().uuidString)"
        try! FileManager.default.createDirectory(atPath: path, withIntermediateDirectories: true)
    }

    deinit { try? FileManager.default.removeItem(atPath: path) }

    func file(_ name: String, _ bytes: [UInt8]) -> String {
        let place = path + "/" + name
        FileManager.default.createFile(atPath: place, contents: Data(bytes))
        return place
    }

    func file(_ name: String, _ text: String) -> String { file(name, Array(text.utf8)) }

    func place(_ name: String) -> String { path + "/" + name }

    var names: [String] { try! FileManager.default.contentsOfDirectory(atPath: path).sorted() }
}

/// Demands an error with that code whose description contains every one of the parts.
func expectError(_ code: GibbsError.Code, _ parts: String..., sourceLocation: SourceLocation = #_sourceLocation, _ body: () throws -> Any) {
    do {
        let result = try body()
        Issue.record("no error, but \(result)", sourceLocation: sourceLocation)
    } catch let error as GibbsError {
        #expect(error.code == code, "\(error)", sourceLocation: sourceLocation)
        for part in parts { #expect(error.description.contains(part), "\(error)", sourceLocation: sourceLocation) }
        #expect(error.advice != nil, "\(error) gives no advice", sourceLocation: sourceLocation)
    } catch {
        Issue.record("another error: \(error)", sourceLocation: sourceLocation)
    }
}

func read(_ path: String, _ change: (inout TableOptions) -> Void = { _ in }) throws -> Table {
    var options = TableOptions()
    change(&options)
    return try TableReader(path: path, options: options).readAll()
}

func numbers(_ table: Table, _ name: String) -> [Double] {
    guard case .numbers(let values)? = table[name]?.storage else {
        Issue.record("no number column \(name)")
        return []
    }
    return values
}

/// The cells of a column as text, nil for missing.
func texts(_ table: Table, _ name: String) -> [String?] {
    guard let column = table[name] else { return [] }
    return (0 ..< column.count).map(column.text)
}

/// Tables cell by cell, with missing equal to missing and numbers compared bit for bit.
func expectEqual(_ a: Table, _ b: Table, sourceLocation: SourceLocation = #_sourceLocation) {
    #expect(a.columnNames == b.columnNames, sourceLocation: sourceLocation)
    #expect(a.rowCount == b.rowCount, sourceLocation: sourceLocation)
    for (one, other) in zip(a.columns, b.columns) {
        switch (one.storage, other.storage) {
        case (.numbers(let x), .numbers(let y)):
            #expect(x.map { $0.isNaN ? 1 : $0.bitPattern } == y.map { $0.isNaN ? 1 : $0.bitPattern }, "\(one.name)", sourceLocation: sourceLocation)
        case (.categories(let x, let xNames), .categories(let y, let yNames)):
            #expect(x.map { $0 < 0 ? nil : xNames[Int($0)] } == y.map { $0 < 0 ? nil : yNames[Int($0)] }, "\(one.name)", sourceLocation: sourceLocation)
        default: Issue.record("column '\(one.name)' is \(one.type) and \(other.type)", sourceLocation: sourceLocation)
        }
    }
}

/// A small generator with a fixed beginning, so that failures repeat.
struct Dice: RandomNumberGenerator {
    private var state: UInt64

    init(_ seed: UInt64) { state = seed }

    mutating func next() -> UInt64 {
        state &+= 0x9E37_79B9_7F4A_7C15
        var z = state
        z = (z ^ (z >> 30)) &* 0xBF58_476D_1CE4_E5B9
        z = (z ^ (z >> 27)) &* 0x94D0_49BB_1331_11EB
        return z ^ (z >> 31)
    }
}

/// Runs a program and returns its standard output, or nil where it cannot run or fails.
func run(_ program: String, _ arguments: [String]) -> String? {
    let process = Process(), output = Pipe()
    process.executableURL = URL(fileURLWithPath: "/usr/bin/env")
    process.arguments = [program] + arguments
    process.standardOutput = output
    process.standardError = FileHandle.nullDevice
    guard (try? process.run()) != nil else { return nil }
    let data = output.fileHandleForReading.readDataToEndOfFile()
    process.waitUntilExit()
    return process.terminationStatus == 0 ? String(decoding: data, as: UTF8.self) : nil
}

/// The Python to compare with: GIBBS_PEERS_PYTHON, or python3.
let peersPython = ProcessInfo.processInfo.environment["GIBBS_PEERS_PYTHON"] ?? "python3"

func pythonHas(_ module: String) -> Bool { run(peersPython, ["-c", "import \(module)"]) != nil }

/// gzip of some bytes by the system's own program.
func gzipped(_ path: String) throws -> [UInt8] {
    let process = Process(), output = Pipe()
    process.executableURL = URL(fileURLWithPath: "/usr/bin/env")
    process.arguments = ["gzip", "-c", path]
    process.standardOutput = output
    try process.run()
    let data = output.fileHandleForReading.readDataToEndOfFile()
    process.waitUntilExit()
    return Array(data)
}

/// The checksum of zip and PNG, bit by bit.
func crc32(_ content: some Sequence<UInt8>) -> UInt32 {
    ~content.reduce(UInt32.max) { crc, byte in
        (0 ..< 8).reduce(crc ^ UInt32(byte)) { value, _ in value & 1 == 1 ? value >> 1 ^ 0xEDB8_8320 : value >> 1 }
    }
}
