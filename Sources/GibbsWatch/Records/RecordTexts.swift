import GibbsData
import GibbsNumerics

/// Columns of text, on their way into a batch.
extension RecordEncoder {
    /// The encoder that the fit had, and no other.
    func checked(_ texts: TextModel?, field: String? = nil) throws -> TextModel {
        guard let texts else {
            throw GibbsError(.unsuitableModel, "the field is read by a text encoder, and there is none", at: .init(field: field), advice: "give the watchdog its encoder, as Watchdog.reading(by:) does")
        }
        guard let wanted = textModel, (texts.identity.digest, texts.identity.width) == (wanted.digest, wanted.width) else {
            throw GibbsError(.unsuitableModel, "the text encoder\(texts.identity.folder.map { " in \($0)" } ?? "") is \(texts.identity.digest), and the model was fitted with \(textModel?.digest ?? "none")",
                             at: .init(field: field), advice: "name the folder of that encoder (--text-model), or fit again")
        }
        return texts
    }

    /// Puts the coordinates of a column's texts into theirs of a batch, `nan` where there is no text or nothing to read.
    func encode(_ column: Column, by scale: TextScale, texts: TextModel, into batch: inout Matrix, at columns: Range<Int>) throws {
        var rows = [String: [Int]](), order = [String]()
        for row in 0 ..< column.count {
            guard let text = column.text(row) else {
                for k in columns { batch[row, k] = .nan }
                continue
            }
            if rows[text] == nil { order.append(text) }
            rows[text, default: []].append(row)
        }
        for first in stride(from: 0, to: order.count, by: Self.textsAtOnce) {
            let part = Array(order[first ..< min(order.count, first + Self.textsAtOnce)]), codes = scale.encode(try texts.vectors(of: part))
            for (index, text) in part.enumerated() {
                for row in rows[text] ?? [] { for k in columns { batch[row, k] = codes[index, k - columns.lowerBound] } }
            }
        }
    }

    /// Different texts whose vectors are held at once.
    private static let textsAtOnce = 8192
}
