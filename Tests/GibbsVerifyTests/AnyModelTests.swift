import Gibbs
import GibbsTestSupport
import Testing

/// A model of a kind that a file tells.
@Suite struct AnyModelTests {
    @Test func kinds() throws {
        #expect(AnyModel.kinds == AnyModel.kinds.sorted() && AnyModel.kinds.contains(Watchdog.kind) && Set(AnyModel.kinds).count == AnyModel.kinds.count)
        for kind in AnyModel.kinds {
            // Known, and damaged: nothing else is in it.
            let error = #expect(throws: GibbsError.self) { try AnyModel(archive: Archive(metadata: [ModelFile.kindKey: kind])) }
            #expect(error?.code == .unsuitableModel && error?.message.contains("does not know") == false)
        }
        for archive in [Archive(metadata: [ModelFile.kindKey: "toaster"]), Archive()] {
            let error = #expect(throws: GibbsError.self) { try AnyModel(archive: archive) }
            #expect(error?.code == .unsuitableModel && error?.message.contains("does not know") == true && error?.advice?.contains(Watchdog.kind) == true)
        }
    }

    @Test func roundTrip() throws {
        let table = Table(columns: [Column(name: "x", numbers: (0 ..< 60).map { Double($0 % 7) })]), watchdog = try Watchdog.fitted(to: table)
        var archive = watchdog.archive()
        archive.metadata[ModelFile.kindKey] = Watchdog.kind
        let model = try AnyModel(archive: archive)
        guard case .records(let read) = model else { Issue.record("a model of the kind \(model.kind)"); return }
        #expect(try model.kind == Watchdog.kind && read.energies(of: table) == watchdog.energies(of: table))
    }
}
