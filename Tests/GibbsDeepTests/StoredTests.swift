import Foundation
import GibbsCore
import GibbsData
import GibbsDeep
import GibbsNumerics
import GibbsTestSupport
import Testing

extension DeepTests {
    /// Files of deep energies: read back, broken, and read by PyTorch.
    @Suite struct StoredTests {
        static let layers: [Layer] = [.convolution(4, kernel: 3, stride: 2, padding: 1), .silu, .groupNorm(groups: 2), .gelu,
                                      .residual([.convolution(6, kernel: 3, padding: 1), .elu, .averagePool(2)]), .softplus,
                                      .transposedConvolution(3, kernel: 4, stride: 2, padding: 1), .tanh, .flatten, .layerNorm, .relu,
                                      .reshape([2, 24]), .flatten, .linear(8, bias: false), .sigmoid, .leakyRelu, .linear(1)]

        static func energy() throws -> DeepEnergy { try DeepEnergy(layers, input: [1, 8, 8], key: Key(1)) }
        static let rows = Matrix(rows: 4, columns: 64, values: Key(2).normals(256))

        static func withFile<Result>(_ body: (String) throws -> Result) throws -> Result {
            let path = NSTemporaryDirectory() + "deep-\(UUID().uuidString).gibbs"
            defer { try? FileManager.default.removeItem(atPath: path) }
            return try body(path)
        }

        @Test func roundTrip() throws {
            #expect(try checkStorable(Self.energy(), rows: Self.rows) == [])
            let energy = try Self.energy()
            try Self.withFile { path in
                try energy.write(to: path)
                let copy = try DeepEnergy(contentsOf: path)
                #expect(copy.network.layers == Self.layers && copy.input == [1, 8, 8])
                #expect(try copy.energies(of: Self.rows) == energy.energies(of: Self.rows))
            }
        }

        /// Each must be refused as a model, before a description alone makes anything large.
        @Test(arguments: [
            #"{"input":[64],"layers":[{"layer":"attention"}]}"#, #"{"input":[64],"layers":[{"layer":"linear"}]}"#,
            #"{"input":[64],"layers":[{"layer":"linear","outputs":-1,"bias":true}]}"#, #"{"input":[64],"layers":[{"layer":"linear","outputs":9e15,"bias":true}]}"#,
            #"{"input":[9223372036854775807,9223372036854775807],"layers":[]}"#, #"{"input":[-1],"layers":[]}"#, #"{"input":[64]}"#, "", "[]", "{",
            #"{"input":[1,8,8],"layers":[{"layer":"convolution","channels":4,"kernel":3,"stride":2,"padding":16777216}]}"#,
            #"{"input":[1,8,8],"layers":[{"layer":"convolution","channels":16777216,"kernel":16777216,"stride":1,"padding":16777216}]}"#,
            #"{"input":[1,8,8],"layers":[{"layer":"transposedConvolution","channels":1,"kernel":1,"stride":16777216,"padding":0}]}"#,
            #"{"input":[1],"layers":[{"layer":"reshape","shape":[]},{"layer":"averagePool","size":1}]}"#,
            #"{"input":[1],"layers":[{"layer":"reshape","shape":[1,1,1,1,1,1,1,1,1,1]}]}"#,
            #"{"input":[16777216,1,1],"layers":[{"layer":"convolution","channels":1,"kernel":16777216,"stride":16777216,"padding":16777216}]}"#,
            #"{"input":[16777216,1,1],"layers":[{"layer":"convolution","channels":16777216,"kernel":4096,"stride":4096,"padding":4096}]}"#,
            #"{"input":[1,8,8],"layers":[{"layer":"groupNorm","groups":0}]}"#, #"{"input":[1,8,8],"layers":[{"layer":"averagePool","size":0}]}"#,
            #"{"input":[64],"layers":[{"layer":"linear","outputs":2,"bias":true}]}"#,
            String(repeating: #"{"layer":"residual","body":["#, count: 2000),
            #"{"input":[4],"layers":[\#(String(repeating: #"{"layer":"residual","body":["#, count: 60) + String(repeating: "]}", count: 60))]}"#,
            #"{"input":[64],"layers":[\#(Array(repeating: #"{"layer":"silu"}"#, count: 5000).joined(separator: ","))]}"#,
        ]) func hostileDescriptions(text: String) throws {
            var archive = try Self.energy().archive()
            archive.metadata["architecture"] = text
            #expect(checkRefusal([.unsuitableModel], "'\(text.prefix(80))'") { _ = try DeepEnergy(archive: archive) } == [])
        }

        @Test func weightsThatDoNotFit() throws {
            let archive = try Self.energy().archive()
            var strange = archive, turned = archive
            strange.tensors["99.weight"] = .init([1])
            turned.tensors["16.weight"] = .init(shape: [8, 1], values: archive.tensors["16.weight"]!.values)
            #expect(checkRefusal([.unsuitableModel], "a weight too many") { _ = try DeepEnergy(archive: strange) } == [])
            do {
                _ = try DeepEnergy(archive: turned)
                Issue.record("was accepted")
            } catch { #expect("\(error)" == "the weight '16.weight' has the shape [8, 1] where the layer needs [1, 8]") }
        }

        /// torch.nn.Sequential with the same layers takes the file as it is, and gives the same outputs.
        @Test(.enabled(if: (try? python("import torch")) ?? nil != nil, "no Python with torch; GIBBS_PEERS_PYTHON names one")) func pythonReadsTheFile() throws {
            let energy = try Self.energy()
            let printed = try Self.withFile { path in
                try energy.write(to: path)
                return try python(Self.program, [path] + Self.rows.values.map { "\($0)" })
            }
            let found = try #require(printed).split(separator: "\n").compactMap { Float($0) }, exact = try energy.energies(of: Self.rows)
            #expect(found.count == exact.count && zip(found, exact).allSatisfy { abs($0 - $1) < 1e-5 * max(1, abs($1)) }, "\(found) \(exact)")
        }

        static let program = """
        import json, struct, sys, torch
        from torch import nn
        class Residual(nn.Module):
            def __init__(self):
                super().__init__()
                self.body = nn.Sequential(nn.Conv2d(4, 6, 3, padding=1), nn.ELU(), nn.AvgPool2d(2))
                self.skip = nn.Conv2d(4, 6, 1, bias=False)
            def forward(self, x):
                return self.body(x) + self.skip(nn.functional.avg_pool2d(x, 2))
        model = nn.Sequential(nn.Conv2d(1, 4, 3, stride=2, padding=1), nn.SiLU(), nn.GroupNorm(2, 4), nn.GELU(), Residual(), nn.Softplus(),
            nn.ConvTranspose2d(6, 3, 4, stride=2, padding=1), nn.Tanh(), nn.Flatten(), nn.LayerNorm(48), nn.ReLU(), nn.Unflatten(1, (2, 24)),
            nn.Flatten(), nn.Linear(48, 8, bias=False), nn.Sigmoid(), nn.LeakyReLU(), nn.Linear(8, 1))
        raw = open(sys.argv[1], "rb").read()
        size = struct.unpack("<Q", raw[:8])[0]
        header = json.loads(raw[8:8 + size])
        header.pop("__metadata__")
        read = lambda t: torch.frombuffer(bytearray(raw[8 + size + t["data_offsets"][0]:8 + size + t["data_offsets"][1]]), dtype=torch.float32).reshape(t["shape"])
        model.load_state_dict({name: read(t) for name, t in header.items()}, strict=True)
        rows = torch.tensor([float(v) for v in sys.argv[2:]]).reshape(-1, 1, 8, 8)
        for value in model(rows).flatten().tolist():
            print(value)
        """
    }
}
