import Foundation
import GibbsData
import GibbsNumerics
import Testing

@Suite struct ModelFileTests {
    let pad = Scratchpad()
    let archive = Archive(tensors: [
        "weights": .init(shape: [2, 3], values: [1, -2, .infinity, 1e-40, 5, .nan]), "b": .init([]), "a": .init([7]),
        "ünï \"quoted\"": .init(shape: [], values: [3]),
    ], metadata: ["gibbs.schema": "{\"fields\":[\"a\\n\"]}", "note": "é\t\u{1}😀"])

    @Test func archivesComeBack() throws {
        let path = pad.place("m.safetensors")
        try ModelFile.write(archive, to: path, kind: "rbm")
        let back = try ModelFile.read(path, kind: "rbm")
        #expect(back.metadata == archive.metadata.merging(["gibbs.kind": "rbm", "gibbs.version": "1"]) { $1 })
        #expect(back.tensors.keys.sorted() == archive.tensors.keys.sorted())
        for (name, tensor) in archive.tensors {
            #expect(back.tensors[name]?.shape == tensor.shape)
            #expect(back.tensors[name]?.values.map(\.bitPattern) == tensor.values.map(\.bitPattern))
        }
        #expect(try ModelFile.read(path).metadata["gibbs.kind"] == "rbm")
        #expect(pad.names == ["m.safetensors"])
    }

    @Test func equalArchivesGiveEqualBytes() throws {
        var contents = Set<Data>()
        for round in 0 ..< 8 {
            var copy = Archive()
            for name in archive.tensors.keys.shuffled() { copy.tensors[name] = archive.tensors[name] }
            for name in archive.metadata.keys.shuffled() { copy.metadata[name] = archive.metadata[name] }
            try ModelFile.write(copy, to: pad.place("\(round)"), kind: "rbm")
            contents.insert(try Data(contentsOf: URL(fileURLWithPath: pad.place("\(round)"))))
        }
        #expect(contents.count == 1)
        let data = contents.first!
        let header = data.prefix(8).reversed().reduce(0) { $0 << 8 | Int($1) }
        #expect(header % 8 == 0)
        #expect(data.count == 8 + header + 8 * 4)
        try ModelFile.write(try ModelFile.read(pad.place("0")), to: pad.place("again"), kind: "rbm")
        #expect(try Data(contentsOf: URL(fileURLWithPath: pad.place("again"))) == data)
    }

    @Test func namesThatAreTaken() {
        expectError(.usage, "__metadata__") { try ModelFile.write(Archive(tensors: ["__metadata__": .init([1])]), to: pad.place("m"), kind: "x") }
        #expect(pad.names == [])
        expectError(.cannotWrite, "directory") { try ModelFile.write(archive, to: pad.path, kind: "x") }
    }

    /// Floats of 16 bits in files of any origin become floats of 32; other types are named, and Gibbs' own files have none.
    @Test func otherTypes() throws {
        let header = #"{"h":{"dtype":"F16","shape":[11],"data_offsets":[0,22]},"n":{"dtype":"I64","shape":[1],"data_offsets":[22,30]},"#
            + #""b":{"dtype":"BF16","shape":[3,2],"data_offsets":[30,42]},"f":{"dtype":"F32","shape":[1],"data_offsets":[42,46]}}"#
        let halves: [UInt16] = [0x3C00, 0xC000, 0x3555, 0x7BFF, 0x0400, 0x0001, 0x83FF, 0x8000, 0x7C00, 0xFC00, 0x7E00]
        let brains: [UInt16] = [0x3F80, 0xC000, 0x0001, 0x4049, 0x7F80, 0x7FC0]
        var content = bytes([UInt64(header.utf8.count)]) + Array(header.utf8)
        content += bytes(halves) + bytes([Int64(7)]) + bytes(brains) + bytes([Float(2.5)])
        let path = pad.file("theirs", content), found = try ModelFile.tensors(path)
        func patterns(_ values: [Float]) -> [UInt32] { values.map { $0.isNaN ? 1 : $0.bitPattern } }
        #expect(patterns(found.archive.tensors["h"]?.values ?? []) == patterns([1, -2, 0.333251953125, 65504, 0x1p-14, 0x1p-24, -0x3FFp-24, -0.0, .infinity, -Float.infinity, .nan]))
        #expect(patterns(found.archive.tensors["b"]?.values ?? []) == patterns([1, -2, 0x1p-133, 3.140625, .infinity, .nan]))
        #expect(found.archive.tensors["f"]?.values == [2.5] && found.archive.tensors["b"]?.shape == [3, 2] && found.skipped == ["n": "I64"])
        expectError(.unsuitableModel, "'h' has the type F16") { try ModelFile.read(path) }
        try ModelFile.write(archive, to: pad.place("ours"), kind: "rbm")
        let ours = try ModelFile.tensors(pad.place("ours"))
        #expect(ours.skipped.isEmpty && patterns(ours.archive.tensors["weights"]?.values ?? []) == patterns(archive.tensors["weights"]?.values ?? [0]))
    }

    @Test(.enabled(if: pythonHas("safetensors.numpy"), "no Python with safetensors")) func pythonReadsAndWritesThem() throws {
        try ModelFile.write(archive, to: pad.place("ours"), kind: "rbm")
        let script = """
        import sys, numpy as np
        from safetensors import safe_open
        from safetensors.numpy import save_file
        d = sys.argv[1]
        with safe_open(d + '/ours', 'np') as f:
            assert f.metadata()['gibbs.kind'] == 'rbm' and f.metadata()['note'] == 'é\\t\\x01😀', f.metadata()
            w = f.get_tensor('weights'); assert w.shape == (2, 3) and w.dtype == np.float32 and w[0, 1] == -2 and np.isnan(w[1, 2])
            assert f.get_tensor('b').shape == (0,) and f.get_tensor('ünï "quoted"') == 3
        save_file({'z': np.ones((2, 2), 'float32'), 'a': np.zeros(3, 'float32')}, d + '/theirs', {'gibbs.kind': 'k', 'gibbs.version': '1'})
        save_file({'z': np.ones(2)}, d + '/double', {'gibbs.kind': 'k', 'gibbs.version': '1'})
        save_file({'z': np.ones(2, 'float32')}, d + '/foreign')
        """
        #expect(run(peersPython, ["-c", script, pad.path]) != nil)
        #expect(try ModelFile.read(pad.place("theirs")).matrix("z").values == [1, 1, 1, 1])
        expectError(.unsuitableModel, "F64") { try ModelFile.read(pad.place("double")) }
        expectError(.unsuitableModel, "not one of Gibbs") { try ModelFile.read(pad.place("foreign")) }
    }
}
