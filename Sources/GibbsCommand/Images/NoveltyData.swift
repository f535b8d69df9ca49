import Foundation
import Gibbs

/// The images of `gibbs ood`, read once, and the trial of each key.
struct NoveltyData {
    let own: LabelledImages, test: LabelledImages
    private let foreign: [(name: String, images: Matrix)], command: Novelty

    /// Reads what the command line names.
    ///
    /// - Throws: As `LabelledImages`; `GibbsError` with code `.shapeMismatch` for images of different sizes.
    init(_ command: Novelty) throws {
        func read(_ path: String, labels: String? = nil) throws -> LabelledImages {
            Console.progress("reading \(path)")
            return try LabelledImages(path: path, labelsPath: labels, shape: command.size.map(ImageShape.init(text:)), white: command.white.checkedWhite(), options: command.input.options())
        }
        let own = try read(command.training, labels: command.labels)
        self.own = own
        self.command = command
        test = try read(command.test).fitting(own.shape, file: command.test)
        foreign = try zip(Self.names(command.foreign), command.foreign).map { ($0, try read($1).fitting(own.shape, file: $1).images) }
        Console.clearProgress()
    }

    /// Images that are learned from for each key.
    var learned: Int {
        let count = min(own.images.rows, command.learn ?? own.images.rows)
        return count - Int(Double(count) * NoveltyTrial.calibrationShare)
    }

    /// The trial of a key, and its foreign sets.
    func trial(_ number: UInt64) throws -> (trial: NoveltyTrial, sets: [NoveltySet]) {
        let key = Key(number).folding(-1), learned = own.selecting(some(own.images.rows, command.learn ?? own.images.rows, key.folding(0))), fresh = fresh(key)
        var options = ImageOptions(seed: number)
        if let epochs = command.epochs { options.pass(epochs) }
        return (try NoveltyTrial(images: learned.images, labels: learned.labels, test: fresh, shape: own.shape, options: options, falseAlarmRate: command.falseAlarms?.share ?? 0.05), sets(key, fresh))
    }

    /// The sheet of what went most wrong.
    func picture(_ results: [NoveltyResult], key number: UInt64) throws -> Picture {
        let key = Key(number).folding(-1), fresh = fresh(key)
        return try NoveltySheet.picture(of: results, test: fresh, sets: sets(key, fresh), shape: own.shape)
    }

    private func fresh(_ key: Key) -> Matrix { test.images.selecting(rows: some(test.images.rows, command.count, key.folding(1))) }

    private func sets(_ key: Key, _ fresh: Matrix) -> [NoveltySet] {
        foreign.enumerated().map { NoveltySet($1.name, $1.images.selecting(rows: some($1.images.rows, command.count, key.folding(3 + $0)))) } + NoveltySet.made(from: fresh, key: key.folding(2))
    }

    private func some(_ rows: Int, _ most: Int, _ key: Key) -> [Int] { rows <= most ? Array(0 ..< rows) : key.choose(most, of: rows).sorted() }

    /// What sets are called: their files, or their folders where data sets go by them, as IDX files do; numbered where these are the same.
    private static func names(_ paths: [String]) -> [String] {
        let names = paths.map { path in
            let url = URL(fileURLWithPath: path), folder = url.deletingLastPathComponent().lastPathComponent
            return url.lastPathComponent.contains("idx3") && !["", "/"].contains(folder) ? folder : String(url.lastPathComponent.prefix { $0 != "." })
        }
        return names.indices.map { index in
            let before = names[..<index].count { $0 == names[index] }
            return before == 0 ? names[index] : "\(names[index]) \(before + 1)"
        }
    }
}
