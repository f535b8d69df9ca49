import Foundation
import GibbsData
import GibbsNumerics
import GibbsSimulation
import GibbsWatch
import Testing

/// Demands an error with that code whose description contains every one of the parts, and which gives advice.
func expectError(_ code: GibbsError.Code, _ parts: String..., advises: Bool = true, sourceLocation: SourceLocation = #_sourceLocation,
                 _ body: () throws -> Any) {
    do {
        let result = try body()
        Issue.record("no error, but \(result)", sourceLocation: sourceLocation)
    } catch let error as GibbsError {
        #expect(error.code == code, "\(error)", sourceLocation: sourceLocation)
        for part in parts { #expect(error.description.contains(part), "\(error)", sourceLocation: sourceLocation) }
        if advises { #expect(error.advice != nil, "\(error) gives no advice", sourceLocation: sourceLocation) }
    } catch {
        Issue.record("another error: \(error)", sourceLocation: sourceLocation)
    }
}

/// Tables with every difficulty at once.
enum Sample {
    /// Two dependent numbers, a heavy-tailed count, two dependent categories, a constant of each kind and missing cells.
    static func mixed(_ rows: Int, key: Key, missing: Double = 0.1) -> Table {
        let u = key.folding(0).uniforms(5 * rows), z = key.folding(1).normals(3 * rows), gaps = key.folding(2).uniforms(5 * rows)
        func gap(_ row: Int, _ column: Int) -> Bool { Double(gaps[5 * row + column]) < missing }
        func colour(_ row: Int) -> String { ["red", "green", "blue"][Int(u[5 * row] * 3)] }
        return Table(columns: [
            Column(name: "x", numbers: (0 ..< rows).map { gap($0, 0) ? .nan : Double(z[3 * $0]) }),
            Column(name: "y", numbers: (0 ..< rows).map { gap($0, 1) ? .nan : 5 + 3 * Double(z[3 * $0]) + 0.3 * Double(z[3 * $0 + 1]) }),
            Column(name: "bytes", numbers: (0 ..< rows).map { gap($0, 2) ? .nan : exp(7 + 2 * Double(z[3 * $0 + 2])).rounded() }),
            Column(name: "colour", texts: (0 ..< rows).map { gap($0, 3) ? nil : colour($0) }),
            Column(name: "shape", texts: (0 ..< rows).map { gap($0, 4) ? nil : u[5 * $0 + 1] < 0.9 ? "round " + colour($0) : "square" }),
            Column(name: "version", texts: Array(repeating: "v3", count: rows)),
            Column(name: "limit", numbers: Array(repeating: 100, count: rows)),
        ])
    }

    /// Three dependent categorical columns.
    static func categories(_ rows: Int, key: Key) -> Table {
        let u = key.uniforms(3 * rows)
        return Table(columns: [
            Column(name: "a", texts: (0 ..< rows).map { u[3 * $0] < 0.6 ? "p" : "q" }),
            Column(name: "b", texts: (0 ..< rows).map { (u[3 * $0] < 0.6) == (u[3 * $0 + 1] < 0.8) ? "r" : u[3 * $0 + 2] < 0.9 ? "s" : "t" }),
            Column(name: "c", texts: (0 ..< rows).map { u[3 * $0 + 2] < 0.5 ? "m" : "n" }),
        ])
    }

    /// The simulator's rows without their label, and what they are.
    static func connections(_ rows: Int, key: Key, attackShare: Double = 0) throws -> (table: Table, attack: [Bool]) {
        let table = try ConnectionSimulator(key: key, attackShare: attackShare).records(rows)
        let label = try table.column("label")
        return (table.dropping(columns: ["label"]), (0 ..< rows).map { label.text($0) != ConnectionSimulator.normalLabel })
    }
}

extension Table {
    /// This table with one cell replaced.
    func with(_ value: TableValue, row: Int, column name: String) -> Table {
        let old = self[name]!
        return adding(Column(name: name, values: (0 ..< rowCount).map { index in
            if index == row { return value }
            guard let text = old.text(index) else { return .missing }
            if case .numbers(let values) = old.storage { return .number(values[index]) }
            return .text(text)
        }))
    }
}

/// A path in the temporary directory that is gone when the body ends.
func withTemporaryFile<Result>(_ body: (String) throws -> Result) throws -> Result {
    let path = NSTemporaryDirectory() + "/gibbs-watch-\(UUID().uuidString).gibbs"
    defer { try? FileManager.default.removeItem(atPath: path) }
    return try body(path)
}
