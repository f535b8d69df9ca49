import Foundation
import GibbsCore
import GibbsCreate
import GibbsLandscapes
import GibbsNumerics
import GibbsTestSupport
import Testing

@Suite struct RecallTests {
    @Test func attentionIsTheGradientOfTheEnergy() throws {
        let patterns = Matrix(rows: 7, columns: 3, values: Key(1).normals(21))
        for kernel in [MemoryEnergy.Kernel.quadratic, .heavyTailed(width: 2)] {
            let memory = try MemoryEnergy(patterns: patterns, variables: [.real, .real, .real], precisions: [1, 2, 1, 0.5, 1, 3, 1], kernel: kernel)
            #expect(try checkGradient(memory, rows: Matrix(rows: 4, columns: 3, values: Key(2).normals(12))) == [])
            let shares = try memory.attention(of: patterns)
            for row in 0 ..< 7 { #expect(abs(shares.row(row).reduce(0, +) - 1) < 1e-5) }
        }
        // One update never raises the energy.
        let memory = try MemoryEnergy(patterns: patterns, variables: [.real, .real, .real], precisions: Array(repeating: 1.5, count: 7))
        let cues = Matrix(rows: 50, columns: 3, values: Key(3).normals(150)), found = try memory.recall(cues, steps: 1)
        #expect(found.energies.allSatisfy { $0.restored <= $0.cue + 1e-5 })
    }

    /// What is there decides between memories of different width: a narrow one does not win by being narrow where nothing is seen.
    @Test func widthsOfWhatIsSeen() throws {
        let patterns = Matrix(rows: 2, columns: 40, values: Key(5).normals(80))
        let memory = try MemoryEnergy(patterns: patterns, variables: Array(repeating: .real, count: 40), precisions: [1, 4])
        var cue = patterns
        for row in 0 ..< 2 { for column in 0 ..< 38 { cue[row, column] = .nan } }
        let shares = try memory.attention(of: cue)
        for row in 0 ..< 2 {
            let terms = (0 ..< 2).map { pattern in
                let beta: Double = pattern == 0 ? 1 : 4
                return log(beta) - beta * (38 ..< 40).reduce(0.0) { $0 + pow(Double(cue[row, $1] - patterns[pattern, $1]), 2) }
            }
            for pattern in 0 ..< 2 { #expect(abs(Double(shares[row, pattern]) - exp(terms[pattern] - logSumExp(terms))) < 1e-5) }
        }
        #expect(try memory.recall(cue).nearest == [0, 1])
    }

    /// A class whose images are alike does not answer for a cue of which another class holds the very image.
    @Test func narrowClassesDoNotWin() throws {
        let base = Key(7).uniforms(36).map { 0.3 + 0.4 * $0 }
        func near(_ spread: Float, _ key: Key) -> [Float] { zip(base, key.uniforms(36)).map { $0 + spread * ($1 - 0.5) } }
        let alike = (0 ..< 10).map { near(0.3, Key(8).folding($0)) }, apart = (0 ..< 9).map { Key(9).folding($0).uniforms(36) } + [near(0.4, Key(10))]
        let shape = ImageShape(height: 6, width: 6), images = Matrix(alike + apart), labels = (0 ..< 20).map { $0 < 10 ? "alike" : "apart" }
        let model = try ImageModel.fitted(to: images, shape: shape, labels: labels, options: ImageOptions(model: .memory))
        for erasure in [ImageErasure.top, .bottom, .left, .right] {
            let found = try model.recall(erasure.applied(to: images, shape: shape))
            #expect(found.classes == labels && found.memories == (0 ..< 20).map { $0 % 10 })
        }
    }

    /// Each memory is known by its image's number, and what is not among them comes back as another image, said to be one.
    @Test func namesWhatItKeeps() throws {
        let shape = ImageShape(height: 6, width: 6), images = Matrix(rows: 40, columns: 36, values: Key(11).uniforms(1_440)), labels = (0 ..< 40).map { $0 % 4 == 0 ? "few" : "many" }
        let model = try ImageModel.fitted(to: images, shape: shape, labels: labels, numbers: (0 ..< 40).map { 100 + $0 }, options: ImageOptions(model: .memory, memories: 20))
        let kept = Set(model.classes.flatMap { $0.sources ?? [] }), cues = ImageErasure.top.applied(to: images, shape: shape)
        #expect(kept.count == 20 && model.training.method.contains("kept 20 of 40 images"))
        let found = try model.recall(cues), distances = found.distances(from: cues), sources = try #require(found.sources)
        for row in 0 ..< 40 {
            let isKept = kept.contains(100 + row)
            #expect((sources[row] == 100 + row) == isKept && found.isAnother(at: distances[row]) != isKept, "image \(row), kept \(isKept), is off by \(distances[row])")
        }
        // The width is measured at full images, between each and its nearest other.
        #expect(found.width > 0.2 && found.width < 0.5, "\(found.width)")
        let again = try ImageModel(archive: model.archive())
        #expect(again.classes.map(\.sources) == model.classes.map(\.sources))
        func changed(_ change: (inout Archive) -> Void) throws -> ImageModel {
            var archive = model.archive()
            change(&archive)
            return try ImageModel(archive: archive)
        }
        #expect(checkRefusal([.unsuitableModel], "an image of the number −1") { _ = try changed { $0.tensors["class0.memory.images"]!.values[0] = -1 } } == [])
        // A file that does not tell, as older ones.
        let older = try changed { archive in for name in archive.tensors.keys where name.hasSuffix(".memory.images") { archive.tensors[name] = nil } }.recall(cues)
        #expect(older.sources == nil && older.memories == found.memories)
        #expect(checkRefusal([.shapeMismatch], "too few numbers") { _ = try ImageModel.fitted(to: images, shape: shape, numbers: [1], options: ImageOptions(model: .memory)) } == [])
    }

    /// A large class has the room that small ones leave: what fits is kept whole.
    @Test func roomForMemories() throws {
        let images = Matrix(rows: 40, columns: 4, values: Key(6).uniforms(160)), labels = (0 ..< 40).map { $0 < 4 ? "few" : $0 < 10 ? "some" : "many" }
        func kept(_ room: Int) throws -> [Int] {
            try ImageModel.fitted(to: images, shape: ImageShape(height: 2, width: 2), labels: labels, options: ImageOptions(model: .memory, memories: room)).classes.map {
                if case .memory(let memory) = $0.energy { memory.patterns.rows } else { 0 }
            }
        }
        #expect(try kept(40) == [4, 30, 6] && kept(30) == [4, 20, 6] && kept(12) == [4, 4, 4] && kept(2) == [2, 2, 2])
    }

    @Test func categoriesHaveNoMean() throws {
        let memory = try MemoryEnergy(patterns: Matrix(rows: 2, columns: 1, values: [0, 1]), variables: [.categorical(3)], precisions: [1, 1])
        #expect(throws: GibbsError.self) { _ = try memory.recall(Matrix(rows: 1, columns: 1)) }
        #expect(throws: GibbsError.self) { _ = try memory.energiesAndGradients(of: Matrix(rows: 1, columns: 1)) }
    }

    /// Five hundred stored digits, half of each erased: 99 % come back as themselves, whichever half is missing, in one class or in ten.
    @Test(arguments: [ImageErasure.top, .bottom, .left, .right], [false, true]) func halfErasedDigits(erasure: ImageErasure, areLabelled: Bool) throws {
        guard let folder = realData("mnist") else { return print("skipped: no MNIST beside the repository") }
        let images = try LabelledImages(path: folder + "/train-images-idx3-ubyte.gz", labelsPath: folder + "/train-labels-idx1-ubyte.gz")
        let stored = images.images.slice(0 ..< 500), labels = areLabelled ? Array(images.labels!.prefix(500)) : nil
        let model = try ImageModel.fitted(to: stored, shape: images.shape, labels: labels, options: ImageOptions(model: .memory, memories: 500))
        let found = try model.recall(erasure.applied(to: stored, shape: images.shape))
        if let labels {
            let right = zip(found.classes, labels).count { $0 == $1 }
            #expect(right >= 495, "\(right) of 500 given to their class")
        } else {
            let right = (0 ..< 500).filter { found.memories[$0] == $0 }.count
            #expect(right >= 495, "\(right) of 500 restored")
        }
        let close = (0 ..< 500).filter { row in zip(found.restored.row(row), stored.row(row)).allSatisfy { abs($0 - $1) < 0.1 } }.count
        #expect(close >= 495, "\(close) of 500 restored to a tenth of every pixel")
    }
}
