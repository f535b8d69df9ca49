import GibbsCore
import GibbsMachines
import GibbsNumerics
import GibbsTestSupport
import Testing

/// Machines from damaged or hostile archives.
@Suite struct RBMArchiveTests {
    static let archive = Small.machine(Small.mixed, hidden: 3, key: Key(1)).archive()

    @Test func survives() throws {
        let copy = try RBM(archive: Self.archive)
        #expect(copy.archive() == Self.archive && copy.variables == Small.mixed && RBM.kind == "rbm")
    }

    /// A short text can claim more units than an index can hold.
    @Test(arguments: ["", "9*c10000000 300*c10000000", "215*c10000000", "10000000*b", "9*b", "9*r", "c9", "junk"])
    func hostileVariables(text: String) {
        var archive = Self.archive
        archive.metadata["variables"] = text
        #expect(checkRefusal([.unsuitableModel], "variables '\(text)'") { _ = try RBM(archive: archive) } == [])
    }

    @Test func machinesWithoutUnits() {
        let none = Archive.Tensor([])
        let noHidden = Archive(tensors: ["weights": .init(shape: [1, 0], values: []), "visibleBias": .init([0]), "hiddenBias": none, "logVariance": none],
                               metadata: ["variables": "b"])
        #expect(checkRefusal([.unsuitableModel], "no hidden unit") { _ = try RBM(archive: noHidden) } == [])
        let noVisible = Archive(tensors: ["weights": .init(shape: [0, 1], values: []), "visibleBias": none, "hiddenBias": .init([0]), "logVariance": none],
                                metadata: ["variables": ""])
        #expect(checkRefusal([.unsuitableModel], "no visible unit") { _ = try RBM(archive: noVisible) } == [])
    }
}
