import Foundation
import GibbsCore
import GibbsNumerics
import GibbsTestSupport
import GibbsWatch
import Testing

/// Pools from damaged archives: refused as an unsuitable model, never a trap.
@Suite struct HostilePoolTests {
    private func refused(_ name: String, _ change: (inout Archive) throws -> Void) rethrows {
        var archive = Pools.whole.archive()
        try change(&archive)
        #expect(checkRefusal([.unsuitableModel], name) { _ = try PooledEnergy(archive: archive) } == [])
    }

    /// Changes the list of experts as JSON.
    private func refusedList(_ name: String, _ change: (inout [[String: Any]]) -> Void) throws {
        try refused(name) { archive in
            var list = try #require(try JSONSerialization.jsonObject(with: Data(archive.metadata["experts"]!.utf8)) as? [[String: Any]])
            change(&list)
            archive.metadata["experts"] = String(decoding: try JSONSerialization.data(withJSONObject: list), as: UTF8.self)
        }
    }

    @Test func lists() throws {
        for text in ["", "[]", "{}", "null", "[", "[1]", "[{}]", "[{\"name\":\"x\"}]", String(repeating: "[", count: 100_000)] {
            refused("the list '\(text.prefix(20))'") { $0.metadata["experts"] = text }
        }
        try refusedList("an unknown kind") { $0[0]["kind"] = "oracle" }
        try refusedList("a pool in a pool") { $0[0]["kind"] = "pool" }
        try refusedList("another's kind") { $0[0]["kind"] = "rbm" }
        try refusedList("a spread of zero") { $0[1]["spread"] = 0 }
        try refusedList("a negative spread") { $0[1]["spread"] = -1 }
        try refusedList("no spread") { $0[1]["spread"] = nil }
        try refusedList("a spread as text") { $0[1]["spread"] = "1" }
        try refusedList("a hundred experts") { list in list = Array(repeating: list[0], count: 100) }
        try refusedList("one expert too many") { list in list.append(list[0]) }
        try refused("an infinite centre") {
            $0.metadata["experts"] = try #require($0.metadata["experts"]).replacingOccurrences(of: "\"centre\":3.25", with: "\"centre\":1e999")
        }
    }

    @Test func views() throws {
        try refusedList("an unknown view") { $0[0]["view"] = ["sideways": [String: Any]()] }
        try refusedList("the view of another expert") { $0[0]["view"] = $0[2]["view"] }
        for edges in [[], [[-1.0, 0, 1]], [[-1, 0, 1], [], [0.5], [], []], [[-1, 0], [], [0.5], []]] as [[[Double]]] {
            try refusedList("edges \(edges)") { $0[2]["view"] = ["bins": ["edges": edges]] }
        }
        let means: [[Double]] = [[], [0.2, 0.3, 0.5], [], [0.7, 0.3]]
        for scales in [[], [[], [1, 1, 1], []], [[], [1, 1], [], [1, 1]], [[], [1, 0, 1], [], [1, 1]], [[], [1, -1, 1], [], [1, 1]]] as [[[Double]]] {
            try refusedList("scales \(scales)") { $0[1]["view"] = ["indicators": ["scales": scales, "means": means]] }
        }
        try refusedList("a mean too few") { $0[1]["view"] = ["indicators": ["scales": [[], [1, 1, 1], [], [1, 1]], "means": [[], [0.2, 0.3], [], [0.7, 0.3]]]] }
    }

    @Test(arguments: ["", "r", "r c3 r c3", "r c3 r", "4*r", "r c0 r c2", "r c10000000 r c2", "-1*r", "junk"]) func variables(text: String) {
        refused("the fields '\(text)'") { $0.metadata["variables"] = text }
    }

    /// Numbers that no expert can have, deep in the archive.
    @Test func parts() {
        refused("a covariance that is none") { $0.tensors["expert1.covariance"]!.values = $0.tensors["expert1.covariance"]!.values.map { -$0 } }
        refused("a Gaussian without columns") {
            for name in ["mean"] { $0.tensors["expert1.\(name)"] = .init([]) }
            for name in ["covariance", "covarianceRemainder"] { $0.tensors["expert1.\(name)"] = .init(shape: [0, 0], values: []) }
        }
        refused("a category that is none") { $0.tensors["expert0.patterns"]!.values[1] = 3 }
        refused("half a category") { $0.tensors["expert0.patterns"]!.values[1] = 0.5 }
        refused("a precision of zero") { $0.tensors["expert0.precisions"]!.values[0] = 0 }
        refused("a negative precision") { $0.tensors["expert0.precisions"]!.values[0] = -1 }
        refused("no pattern") {
            $0.tensors["expert0.patterns"] = .init(shape: [0, 4], values: [])
            $0.tensors["expert0.precisions"] = .init([])
        }
        refused("no hidden unit") {
            $0.tensors["expert3.weights"] = .init(shape: [$0.tensors["expert3.weights"]!.shape[0], 0], values: [])
            $0.tensors["expert3.hiddenBias"] = .init([])
        }
        refused("a mixture of nothing") { $0.tensors["expert4.logWeights"] = .init([]) }
    }

    /// Archives that are formally right, with parameters at the end of their range: energies may be anything, a trap is none.
    @Test func extremeNumbersDoNotTrap() throws {
        let rows = Pools.rows(10, key: Key(1))
        var gapped = rows
        for row in 0 ..< 10 { for column in 0 ..< 4 where (row >> column) & 1 == 1 { gapped[row, column] = .nan } }
        for (name, tensor) in Pools.whole.archive().tensors {
            for value: Float in [0, Float.leastNonzeroMagnitude, 1e-30, 1e30, 3e38, -3e38] {
                for whole in [false, true] {
                    var archive = Pools.whole.archive()
                    if whole { archive.tensors[name]!.values = tensor.values.map { _ in value } } else { archive.tensors[name]!.values[tensor.values.count - 1] = value }
                    guard let pool = try? PooledEnergy(archive: archive) else { continue }
                    _ = try? pool.energies(of: rows)
                    _ = try? pool.energies(of: gapped)
                }
            }
        }
    }

    /// Covariances on the edge of being none, whose marginals rounding may push over it.
    @Test func nearlySingularCovariancesDoNotTrap() throws {
        let size = 7, gaussian = Pools.pool(Pools.gaussian)
        for seed in 0 ..< 300 {
            let key = Key(UInt64(seed)), rank = 1 + seed % 3
            let factor = key.folding(0).normals(size * rank).map(Double.init), scales = key.folding(1).normals(size).map { exp(Double($0) * Double(seed % 7) * 3) }
            var values = [Double](repeating: 0, count: size * size)
            for i in 0 ..< size {
                for j in 0 ..< size {
                    var inner = i == j ? pow(10, -8 - Double(seed % 11)) : 0
                    for r in 0 ..< rank { inner += factor[i * rank + r] * factor[j * rank + r] }
                    values[i * size + j] = inner * scales[i] * scales[j]
                }
            }
            var archive = gaussian.archive()
            let rounded = values.map(Float.init)
            archive.tensors["expert0.covariance"]!.values = rounded
            archive.tensors["expert0.covarianceRemainder"]!.values = zip(values, rounded).map { Float($0 - Double($1)) }
            guard let pool = try? PooledEnergy(archive: archive) else { continue }
            for missing in 0 ..< 16 {
                var row = Pools.rows(1, key: key)
                for column in 0 ..< 4 where (missing >> column) & 1 == 1 { row[0, column] = .nan }
                _ = try? pool.energies(of: row)
            }
        }
    }
}
