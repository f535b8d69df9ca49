import Foundation
import GibbsContrast
import GibbsCreate
import GibbsDeep
import GibbsNumerics
import GibbsTestSupport
import Testing

/// Encoders of small images and pairs, by libtorch.
@Suite(.serialized, .enabled(if: Engine.version != nil, "built without the trait Deep; run scripts/setup --deep, then scripts/deep test")) struct DeepContrastTests {
    static let shape = ImageShape(height: 16, width: 16)

    /// Stripes across or down, of any phase and width, dim and bright, under noise: two images of one kind share few pixels.
    static func stripes(_ count: Int, key: Key) -> (images: Matrix, labels: [Int]) {
        var images = Matrix(rows: count, columns: shape.pixels, values: key.folding(0).uniforms(count * shape.pixels).map { 0.2 * $0 })
        let u = key.folding(1).uniforms(4 * count)
        for row in 0 ..< count {
            let phase = 2 * Float.pi * u[4 * row], rate = 1 + 0.8 * u[4 * row + 1], light = 0.4 + 0.4 * u[4 * row + 2], tilt = 0.6 * (u[4 * row + 3] - 0.5)
            for r in 0 ..< 16 { for c in 0 ..< 16 {
                let (along, across) = row % 2 == 0 ? (Float(r), Float(c)) : (Float(c), Float(r))
                images[row, r * 16 + c] += light * (0.5 + 0.5 * cos(rate * (along + tilt * across) + phase))
            } }
        }
        return (images, (0 ..< count).map { $0 % 2 })
    }

    @Test func imagesWithoutLabels() throws {
        let train = Self.stripes(600, key: Key(1)), test = Self.stripes(300, key: Key(2)), known = train.images.slice(0 ..< 30)
        var options = EncoderOptions(width: 16, passes: 20, batch: 100, seed: 3)
        options.views = ImageViews(rotation: 10, scale: 0.2, shear: 0.1, shift: 0.3, contrast: 0.4, blurs: 0.2, erasing: 0.1)
        var passes = 0
        let encoder = try ContrastiveEncoder.fitted(toImages: train.images, shape: Self.shape, options: options) { done, count, figures in
            passes += 1
            #expect(done == passes && count == 20 && figures["loss"]! > 0)
        }
        // Thirty labels are enough for what was learnt from six hundred images without any.
        func right(_ rows: Matrix, _ reference: Matrix) -> Double {
            Double(zip(NeighbourVote.labels(of: rows, among: reference, labels: Array(train.labels.prefix(30))), test.labels).count { $0 == $1 }) / 300
        }
        let embedded = try right(encoder.embeddings(of: test.images), encoder.embeddings(of: known)), pixels = right(test.images, known)
        // Features that were hardly trained, by one step, must not do.
        options.passes = 1
        options.batch = 600
        let raw = try ContrastiveEncoder.fitted(toImages: train.images, shape: Self.shape, options: options), untrained = try right(raw.embeddings(of: test.images), raw.embeddings(of: known))
        #expect(passes == 20 && embedded > 0.98 && embedded > max(pixels, untrained) + 0.03, "\(embedded), by pixels \(pixels), untrained \(untrained)")
        #expect(raw.training.bound < 0.1, "\(raw.training.bound) after one step")
        #expect(encoder.training.bound > 0.4 && abs(encoder.training.ceiling - log(199)) < 1e-6, "\(encoder.training.bound)")
        // Before they are brought to length one, embeddings have mean 0 and about unit covariance.
        let spread = try encoder.critic.left(Tensor(train.images, row: encoder.critic.left.input)).matrix(), deviations = (0 ..< 16).map { Statistics.standardDeviation(spread.column($0)) }
        #expect((0 ..< 16).allSatisfy { abs(Statistics.mean(spread.column($0))) < 1e-2 } && deviations.allSatisfy { $0 < 1.01 } && deviations.max()! > 0.99, "\(deviations)")
        let again = try ContrastiveEncoder(archive: encoder.archive())
        #expect(try again.embeddings(of: test.images) == encoder.embeddings(of: test.images) && again.archive() == encoder.archive() && again.form == encoder.form && again.training == encoder.training)
        #expect(checkRefusal([.shapeMismatch], "other images") { _ = try encoder.embeddings(of: Matrix(rows: 1, columns: 9)) } == [])
        for (name, text) in [("encoder", "{}"), ("critic.critic", "[]")] {
            var damaged = encoder.archive()
            damaged.metadata[name] = text
            #expect(checkRefusal([.unsuitableModel], name) { _ = try ContrastiveEncoder(archive: damaged) } == [])
        }
        var damaged = encoder.archive()
        damaged.metadata["encoder"] = damaged.metadata["encoder"]!.replacing("\"height\":16", with: "\"height\":17")
        #expect(checkRefusal([.unsuitableModel], "another height") { _ = try ContrastiveEncoder(archive: damaged) } == [])
    }

    @Test func pairs() throws {
        let count = 4000, x = Key(4).normals(2 * count), noise = Key(5).normals(2 * count)
        // In units that differ wildly, which the encoder must not see.
        let left = Matrix(rows: count, columns: 2, values: x.enumerated().map { $0 % 2 == 0 ? 1000 * $1 + 5000 : $1 }), right = Matrix(rows: count, columns: 2, values: zip(x, noise).map { 0.9 * $0 + 0.43589 * $1 })
        let encoder = try ContrastiveEncoder.fitted(toPairs: left, right, options: EncoderOptions(width: 16, passes: 20, temperature: nil, similarity: .dot, hidden: 64, seed: 6))
        #expect(encoder.training.bound > 1.4 && encoder.training.bound < 1.75 && abs(encoder.training.ceiling - log(400)) < 1e-6, "\(encoder.training.bound) of 1.6607")
        // 400 surprises that spread over some nats.
        #expect(encoder.training.boundError! > 0.01 && encoder.training.boundError! < 0.2 && !encoder.training.sharesNothing && encoder.columns(of: .left) == nil, "± \(encoder.training.boundError!)")
        let matched = try Statistics.mean(encoder.energies(left.slice(0 ..< 500), right.slice(0 ..< 500))), crossed = try Statistics.mean(encoder.energies(left.slice(0 ..< 500), right.slice(500 ..< 1000)))
        #expect(matched < crossed - 1)
        let again = try ContrastiveEncoder(archive: encoder.archive())
        #expect(try again.embeddings(of: right, side: .right) == encoder.embeddings(of: right, side: .right))
        #expect(checkRefusal([.shapeMismatch], "three columns") { _ = try encoder.embeddings(of: Matrix(rows: 1, columns: 3)) } == [])
    }

    /// Columns that had names are found by them; files that are older have neither names nor the bound's error.
    @Test func namedColumns() throws {
        let x = Key(11).normals(120), left = Matrix(rows: 60, columns: 2, values: x), right = Matrix(rows: 60, columns: 1, values: (0 ..< 60).map { x[2 * $0] }), options = EncoderOptions(width: 4, passes: 1, hidden: 8, seed: 12)
        let encoder = try ContrastiveEncoder.fitted(toPairs: left, right, names: (["a", "b"], ["price"]), options: options)
        #expect(encoder.training.method.contains("batches of 54"), "\(encoder.training.method)")
        #expect(encoder.columns(of: .left) == ["a", "b"] && encoder.columns(of: .right) == ["price"])
        #expect(try encoder.columns(of: .left, among: ["junk", "b", "price", "a"]) == ["a", "b"])
        let missing = #expect(throws: GibbsError.self) { _ = try encoder.columns(of: .left, among: ["b", "price"]) }
        #expect(missing?.code == .unsuitableData && missing?.message.contains("'a'") == true && missing?.advice?.contains("'price'") == true)
        let other = #expect(throws: GibbsError.self) { _ = try encoder.embeddings(of: Matrix(rows: 1, columns: 3)) }
        #expect(other?.code == .shapeMismatch && other?.advice?.contains("'a', 'b'") == true)
        let archive = encoder.archive(), again = try ContrastiveEncoder(archive: archive)
        #expect(again.form == encoder.form && again.training == encoder.training)
        var older = archive
        let nameless = older.metadata["encoder"]!.replacing(/,"names":\[[^\]]*\]/, with: "")
        older.metadata["encoder"] = nameless.replacing(/"boundError":[-+0-9.eE]+,/, with: "")
        #expect(older.metadata["encoder"]!.count < nameless.count && nameless.count < archive.metadata["encoder"]!.count)
        let old = try ContrastiveEncoder(archive: older)
        #expect(try old.columns(of: .left, among: ["x"]) == nil && old.embeddings(of: left) == encoder.embeddings(of: left))
        #expect(old.training.boundError == nil && old.training.bound == encoder.training.bound)
        for (from, to) in [("[\"a\",\"b\"]", "[\"a\"]"), ("[\"a\",\"b\"]", "[\"a\",\"a\"]"), ("[\"price\"]", "[]")] {
            var damaged = archive
            damaged.metadata["encoder"] = damaged.metadata["encoder"]!.replacing(from, with: to)
            #expect(checkRefusal([.unsuitableModel], "\(from) as \(to)") { _ = try ContrastiveEncoder(archive: damaged) } == [])
        }
        // Without names an encoder keeps none.
        #expect(try ContrastiveEncoder.fitted(toPairs: left, right, options: options).archive().metadata["encoder"]?.contains("names") == false)
        for names in [["a"], ["a", "a"]] {
            #expect(checkRefusal([.shapeMismatch], "\(names)") { _ = try ContrastiveEncoder.fitted(toPairs: left, right, names: (names, nil), options: options) } == [])
        }
    }

    /// Right 0 belongs to half of all lefts, else right i to left i, and all lefts are as frequent: with the correction a score is ln p(left, right), and
    /// of the two partners of a left none has the better one. With the sides' frequencies changed for each other the frequent one has ln 5 less.
    @Test func frequentPartners() throws {
        let n = 4096, draw = Key(9).uniforms(2 * n), left = (0 ..< n).map { Int(draw[2 * $0] * 4) }, right = (0 ..< n).map { draw[2 * $0 + 1] < 0.5 ? 0 : left[$0] }
        func hot(_ codes: [Int]) -> Matrix { Matrix(codes.map { code in (0 ..< 4).map { $0 == code ? 1 : 0 } }) }
        let options = EncoderOptions(width: 8, passes: 20, batch: 128, similarity: .dot, correctsFrequency: true, hidden: 32, seed: 10)
        let encoder = try ContrastiveEncoder.fitted(toPairs: hot(left), hot(right), options: options), energies = try encoder.energies(hot([1, 1, 2, 2, 3, 3]), hot([0, 1, 0, 2, 0, 3]))
        for code in 0 ..< 3 { #expect(abs(energies[2 * code] - energies[2 * code + 1]) < 0.6, "\(energies)") }
    }

    @Test func refusals() {
        let images = Self.stripes(20, key: Key(7)).images
        func refusesImages(_ codes: [GibbsError.Code], _ what: String, _ rows: Matrix, _ shape: ImageShape = DeepContrastTests.shape, _ options: EncoderOptions = EncoderOptions(passes: 1)) {
            #expect(checkRefusal(codes, what) { _ = try ContrastiveEncoder.fitted(toImages: rows, shape: shape, options: options) } == [])
        }
        refusesImages([.usage], "a batch of one", images, Self.shape, EncoderOptions(passes: 1, batch: 1))
        refusesImages([.usage], "one image", images.slice(0 ..< 1))
        refusesImages([.usage], "no pass", images, Self.shape, EncoderOptions(passes: 0))
        refusesImages([.usage], "erasing all", images, Self.shape, EncoderOptions(passes: 1, views: ImageViews(erasing: 1)))
        for (views, word) in [(ImageViews(contrast: 0.8), "contrast of 0.8"), (ImageViews(rotation: .nan), "turns of nan"), (ImageViews(scale: -0.1), "size of -0.1")] {
            let error = #expect(throws: GibbsError.self) { _ = try ContrastiveEncoder.fitted(toImages: images, shape: Self.shape, options: EncoderOptions(passes: 1, views: views)) }
            #expect(error?.code == .usage && error?.message.contains(word) == true)
        }
        refusesImages([.usage], "no temperature", images, Self.shape, EncoderOptions(passes: 1, temperature: 0))
        refusesImages([.shapeMismatch], "another shape", images, ImageShape(height: 10, width: 10))
        refusesImages([.unsuitableData], "too bright", Matrix(rows: 20, columns: 256, repeating: 2))
        refusesImages([.unsuitableData], "too small", Matrix(rows: 20, columns: 16), ImageShape(height: 4, width: 4))
        refusesImages([.unsuitableData], "black images", Matrix(rows: 20, columns: 256))
        refusesImages([.unsuitableData], "one image twenty times", images.selecting(rows: [Int](repeating: 3, count: 20)))
        let rows = Matrix(rows: 30, columns: 2, values: Key(8).normals(60))
        func refusesPairs(_ codes: [GibbsError.Code], _ what: String, _ left: Matrix, _ right: Matrix) {
            #expect(checkRefusal(codes, what) { _ = try ContrastiveEncoder.fitted(toPairs: left, right, options: EncoderOptions(passes: 1)) } == [])
        }
        refusesPairs([.shapeMismatch], "sides of other lengths", rows, rows.slice(0 ..< 29))
        refusesPairs([.unsuitableData], "ten pairs", rows.slice(0 ..< 10), rows.slice(0 ..< 10))
        refusesPairs([.unsuitableData], "one left row", rows.selecting(rows: [Int](repeating: 3, count: 30)), rows)
        refusesPairs([.unsuitableData], "one right row", rows, Matrix(rows: 30, columns: 1, repeating: 2))
        refusesPairs([.unsuitableData], "a missing value", rows, Matrix(rows: 30, columns: 1, repeating: .nan))
    }
}
