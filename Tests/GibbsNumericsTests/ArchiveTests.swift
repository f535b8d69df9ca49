import GibbsNumerics
import GibbsTestSupport
import Testing

/// Archives: nesting, and what a reader refuses.
@Suite struct ArchiveTests {
    let archive = Archive(tensors: ["w": .init(shape: [2, 3], values: [1, 2, 3, 4, 5, 6]), "b": .init([1, 2]),
                                    "bad": .init([1, .nan]), "far": .init([.infinity]), "none": .init([])],
                          metadata: ["kind": "test"])

    @Test func reads() throws {
        #expect(try archive.vector("b") == [1, 2] && archive.vector("b", count: 2) == [1, 2] && archive.vector("none", count: 0) == [])
        #expect(try archive.matrix("w") == Matrix([[1, 2, 3], [4, 5, 6]]))
        #expect(try archive.matrix("w", rows: 2, columns: 3).rows == 2)
        #expect(try archive.text("kind") == "test")
    }

    @Test func refuses() {
        func refused(_ name: String, _ body: () throws -> Void) { #expect(checkRefusal([.unsuitableModel], name, body) == []) }
        refused("an absent vector") { _ = try archive.vector("x") }
        refused("an absent matrix") { _ = try archive.matrix("x") }
        refused("an absent text") { _ = try archive.text("x") }
        refused("a long vector") { _ = try archive.vector("b", count: 1) }
        refused("a vector with nan") { _ = try archive.vector("bad") }
        refused("a vector with infinity") { _ = try archive.vector("far") }
        refused("other rows") { _ = try archive.matrix("w", rows: 3) }
        refused("other columns") { _ = try archive.matrix("w", columns: 2) }
        refused("a vector as a matrix") { _ = try archive.matrix("b") }
    }

    @Test func errorsNameTheTensor() throws {
        let error = #expect(throws: GibbsError.self) { try archive.vector("bad") }
        #expect(error?.message.contains("'bad'") == true)
    }

    @Test func nests() {
        var outer = Archive(tensors: ["w": .init([7])], metadata: ["name": "outer"])
        outer.nest(archive, under: "inner")
        #expect(outer.nested("inner") == archive)
        #expect(outer.tensors["w"] == .init([7]) && outer.tensors["inner.b"] == .init([1, 2]) && outer.metadata["inner.kind"] == "test")
        // A prefix is a whole name: 'in' is not the start of 'inner.', nor is a bare name inside itself.
        #expect(outer.nested("in") == Archive() && outer.nested("w") == Archive())
        var twice = Archive()
        twice.nest(outer, under: "a")
        #expect(twice.nested("a").nested("inner") == archive)
    }
}
