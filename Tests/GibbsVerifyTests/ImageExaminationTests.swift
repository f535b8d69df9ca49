import Gibbs
import GibbsVerify
import Testing

/// Models of bars of 6 × 6 pixels, down or across, sound and damaged.
@Suite struct ImageExaminationTests {
    static func bars(_ count: Int, key: Key) -> (images: Matrix, labels: [String]) {
        let place = key.folding(0).uniforms(count), noise = key.folding(1).uniforms(count * 36)
        let labels = (0 ..< count).map { $0 % 2 == 0 ? "down" : "across" }
        let values = (0 ..< count * 36).map { index -> Float in
            let row = index / 36, pixel = index % 36, distance = abs(Float(row % 2 == 0 ? pixel % 6 : pixel / 6) - 1.5 - 2 * place[row])
            return min(1, max(0, 1 - distance + 0.1 * noise[index] - 0.05))
        }
        return (Matrix(rows: count, columns: 36, values: values), labels)
    }

    static func model(_ kind: ImageOptions.Model) throws -> ImageModel {
        let (images, labels) = bars(400, key: Key(1))
        return try ImageModel.fitted(to: images, shape: ImageShape(height: 6, width: 6), labels: labels, options: ImageOptions(model: kind, hidden: 8, memories: 60))
    }

    static func findings(_ model: ImageModel, _ images: Matrix? = nil) throws -> [Finding] {
        try ImageExamination(of: model, images: images.map { model.drawn($0, key: Key(2)).images }, key: Key(3)).findings()
    }

    @Test(arguments: [ImageOptions.Model.gaussian, .rbm, .memory]) func sound(kind: ImageOptions.Model) throws {
        let model = try Self.model(kind)
        #expect(try Self.findings(model).odd == [])
        let findings = try Self.findings(model, Self.bars(300, key: Key(4)).images)
        #expect(findings.odd == [] && findings.contains { $0.subject == "energy gap" }, "\(findings)")
    }

    /// Images of noise are not what the model expects.
    @Test(arguments: [ImageOptions.Model.gaussian, .rbm, .memory]) func otherImages(kind: ImageOptions.Model) throws {
        let noise = Matrix(rows: 200, columns: 36, values: Key(5).uniforms(200 * 36))
        #expect(try Self.findings(Self.model(kind), noise).odd == ["energy gap"])
    }

    private func changed(_ kind: ImageOptions.Model, _ change: (inout Archive) -> Void) throws -> [String] {
        var archive = try Self.model(kind).archive()
        change(&archive)
        return try Self.findings(ImageModel(archive: archive)).odd
    }

    @Test func damagedMachine() throws {
        let dead = try changed(.rbm) { archive in
            for index in archive.tensors["class1.weights"]!.values.indices where index % 8 == 3 { archive.tensors["class1.weights"]!.values[index] = 0 }
        }
        #expect(dead.contains("class down: dead hidden units"), "\(dead)")
        let large = try changed(.rbm) { archive in archive.tensors["class0.weights"]!.values = archive.tensors["class0.weights"]!.values.map { 200 * $0 } }
        #expect(large.contains("class across: weights"), "\(large)")
        #expect(try changed(.rbm) { archive in archive.tensors["class0.weights"]!.values = archive.tensors["class0.weights"]!.values.map { -$0 } }.contains("own draws"))
    }

    /// An ln Z that gives every image to one class, and an ln Z that is not known well.
    @Test func partitions() throws {
        func header(_ archive: inout Archive, _ change: (String) -> String) { archive.metadata["gibbs.schema"] = change(archive.metadata["gibbs.schema"]!) }
        let collapsed = try changed(.gaussian) { header(&$0) { $0.replacing(/"logPartition":-?[0-9.]+/, with: "\"logPartition\":-100000", maxReplacements: 1) } }
        #expect(collapsed.contains("classes"), "\(collapsed)")
        #expect(try changed(.rbm) { header(&$0) { $0.replacing(/"standardError":[-0-9.e]+/, with: "\"standardError\":5") } }.contains("ln Z"))
    }

    /// Images and their negatives have a flat mean, which no further images give a shape.
    @Test func flatMeans() throws {
        let half = Matrix(rows: 100, columns: 36, values: Key(6).uniforms(3_600)), images = half.appending(Matrix(rows: 100, columns: 36, values: half.values.map { 1 - $0 }))
        let model = try ImageModel.fitted(to: images, shape: ImageShape(height: 6, width: 6), options: ImageOptions(model: .memory, memories: 60))
        let found = try #require(try Self.findings(model, images).first { $0.subject == "own draws" })
        guard case .unknown(let need) = found.verdict else { Issue.record("\(found)"); return }
        #expect(found.seen.contains("flat") && !need.contains("--data"), "\(found)")
    }

    /// Two classes with the same energy.
    @Test func notToldApart() throws {
        #expect(try changed(.memory) { archive in
            for name in archive.tensors.keys where name.hasPrefix("class0.") { archive.tensors[name] = archive.tensors["class1." + name.dropFirst(7)] }
        }.contains("classes"))
    }
}
