import Foundation
import GibbsData
import GibbsNumerics
import GibbsWatch

/// An encoder small enough to write out: a word is a direction that its letters choose, a text the mean of its words, scaled to length one. A text
/// without letters holds nothing to read.
enum MadeUpTexts {
    static let width = 24

    static func vector(_ text: String) -> [Float] {
        var sum = [Float](repeating: 0, count: width)
        for word in text.split(whereSeparator: { !$0.isLetter }) {
            let seed = word.utf8.reduce(UInt64(7)) { ($0 &* 31) &+ UInt64($1) }
            for (k, value) in Key(seed).normals(width).enumerated() { sum[k] += value }
        }
        let length = sum.reduce(0) { $0 + $1 * $1 }.squareRoot()
        return sum.map { length > 0 ? $0 / length : .nan }
    }

    static func model(_ digest: String = "made up", read: @escaping @Sendable ([String]) -> Void = { _ in }) -> TextModel {
        TextModel(identity: .init(digest: digest, width: width, folder: "/texts")) { texts in
            read(texts)
            return Matrix(texts.map(vector))
        }
    }

    private static let places = ["office", "hall", "lab", "garage", "roof", "yard"], people = ["anna", "ben", "carl", "dora"]

    /// Messages of doors, no two quite alike; none of the words of `alien` but "the".
    static func normal(_ count: Int, key: Key) -> [String] {
        let u = key.uniforms(4 * count)
        func pick(_ list: [String], _ at: Int) -> String { list[min(list.count - 1, Int(u[at] * Float(list.count)))] }
        return (0 ..< count).map { row in
            pick(["the door of the", "the window of the", "the gate near the"], 4 * row) + " " + pick(places, 4 * row + 1) + " was "
                + pick(["opened by", "closed by", "locked by"], 4 * row + 2) + " " + pick(people, 4 * row + 3) + " (\(row))"
        }
    }

    static let alien = ["payment refused, account empty", "heartbeat lost between replicas", "kernel panic: cannot mount disk", "invoice unpaid since march"]

    /// Records with a text, a number that goes with nothing and a name that goes with the text: garages are watched by night.
    static func records(_ count: Int, key: Key) -> Table {
        let texts = normal(count, key: key.folding(0)), z = key.folding(1).normals(count), u = key.folding(2).uniforms(count)
        return Table(columns: [
            Column(name: "level", numbers: z.map { Double($0) }), Column(name: "message", texts: texts),
            Column(name: "shift", texts: texts.enumerated().map { $1.contains("garage") ? "night" : u[$0] < 0.5 ? "early" : "late" }),
        ])
    }

    static func options(_ model: WatchdogOptions.Model = .auto, texts: TextModel? = model()) -> WatchdogOptions {
        var options = WatchdogOptions(model: model, hidden: 8, epochs: 3)
        (options.embedding, options.textModel) = (["message"], texts)
        return options
    }
}
