import Foundation
import GibbsCore
import GibbsData
import GibbsNumerics

/// Turns tables into batches: one column a field, numbers standardised, categories as indices, missing values as `nan`. A text read by
/// embedding takes a few columns, one beside the other.
public struct RecordEncoder: Sendable, Hashable, Codable {
    /// Every field of the table it was fitted to, ignored ones included, in order.
    public let fields: [RecordField]

    /// An encoder of these fields; names must not repeat.
    public init(fields: [RecordField]) { self.fields = fields }

    /// Refuses fields whose names repeat, and a list without a used field.
    public init(from decoder: any Decoder) throws {
        let values = try decoder.container(keyedBy: CodingKeys.self)
        self.init(fields: try values.decode([RecordField].self, forKey: .fields))
        guard Set(fields.map(\.name)).count == fields.count, fields.contains(where: { !$0.variables.isEmpty }), Set(textScales.map(\.model)).count < 2 else {
            throw DecodingError.dataCorruptedError(forKey: .fields, in: values, debugDescription: "fields that repeat, no used field, or several text encoders")
        }
    }

    /// The fields that enter the model, in the order of the batch's columns.
    public var usedFields: [RecordField] { fields.filter { !$0.variables.isEmpty } }
    /// What each column of an encoded batch holds: real for numbers and texts, categorical for names.
    public var variables: [Variable] { fields.flatMap(\.variables) }
    /// For each used field the columns of a batch that are its own.
    public var columns: [Range<Int>] {
        var start = 0
        return usedFields.map { field in
            defer { start += field.variables.count }
            return start ..< start + field.variables.count
        }
    }
    /// A name for each column of a batch: that of its field.
    public var columnNames: [String] { fields.flatMap { field in field.variables.map { _ in field.name } } }
    /// The encoder without which fields of text cannot be encoded; `nil` where there is no such field.
    public var textModel: TextModel.Identity? { textScales.first?.model }

    private var textScales: [TextScale] { fields.compactMap { if case .text(let scale) = $0.encoding { scale } else { nil } } }

    /// The reader's types for the used fields, so that later files are read as this one was.
    public var types: [String: FieldType] {
        Dictionary(uniqueKeysWithValues: usedFields.map { field in
            if case .number = field.encoding { (field.name, .number) } else { (field.name, .category) }
        })
    }

    /// The most names a categorical field keeps; the rarest beyond it count as unseen.
    public static let vocabularyLimit = 1000

    /// Learns fields from a table of normal records.
    ///
    /// Left out, with a reason: fields named in `ignoring`; fields without any value; text that differs in nearly every row;
    /// text that looks like dates, unless named in `keeping`; numbers that merely count the rows. A constant field stays: a
    /// change in it is news.
    /// - Throws: `GibbsError` with code `.unsuitableData` when no field or no row is left.
    /// - Complexity: One pass and one sort of the vocabulary a field.
    public static func fitted(to table: Table, ignoring ignored: Set<String> = [], keeping kept: Set<String> = []) throws -> RecordEncoder {
        try fitted(to: table, ignoring: ignored, keeping: kept, counters: rowCounters(of: table), texts: [:])
    }

    /// The columns that merely count the rows; of a selection of rows they no longer do, though they mean as little.
    static func rowCounters(of table: Table) -> Set<String> {
        Set(table.columns.compactMap { column -> String? in
            guard case .numbers(let values) = column.storage, values.count >= 20, values.allSatisfy(\.isFinite) else { return nil }
            return countsRows(values) ? column.name : nil
        })
    }

    static func fitted(to table: Table, ignoring ignored: Set<String>, keeping kept: Set<String>, counters: Set<String>, texts: [String: TextScale]) throws -> RecordEncoder {
        guard table.rowCount > 0 else {
            throw GibbsError(.unsuitableData, "there is no row to learn from", advice: "give a table of normal records")
        }
        let fields = table.columns.map { column -> RecordField in
            if ignored.contains(column.name) { return RecordField(name: column.name, encoding: .ignored(reason: "on request")) }
            if let scale = texts[column.name] { return RecordField(name: column.name, encoding: .text(scale)) }
            if counters.contains(column.name) { return RecordField(name: column.name, encoding: .ignored(reason: "it counts the rows")) }
            let encoding: RecordField.Encoding = switch column.storage {
            case .numbers(let values): number(values)
            case .categories: category(column, isKept: kept.contains(column.name))
            }
            return RecordField(name: column.name, encoding: encoding)
        }
        let encoder = RecordEncoder(fields: fields)
        guard !encoder.usedFields.isEmpty else {
            let reasons = fields.map { field in
                if case .ignored(let reason) = field.encoding { "'\(field.name)': \(reason)" } else { "" }
            }
            throw GibbsError(.unsuitableData, "no field is left to learn from (\(reasons.joined(separator: "; ")))",
                             advice: "ignore fewer columns, or give records whose fields recur")
        }
        return encoder
    }

    private static func number(_ values: [Double]) -> RecordField.Encoding {
        let present = values.filter(\.isFinite)
        if present.isEmpty { return .ignored(reason: "it holds no value") }
        return .number(NumberScale(fitting: present))
    }

    /// Whether the values are whole numbers that rise by the same step from row to row.
    private static func countsRows(_ values: [Double]) -> Bool {
        let step = values[1] - values[0]
        return step > 0 && step == step.rounded() && zip(values, values.dropFirst()).allSatisfy { $1 - $0 == step }
    }

    private static func category(_ column: Column, isKept: Bool) -> RecordField.Encoding {
        guard case .categories(let codes, let names) = column.storage else { preconditionFailure("'\(column.name)' holds no text") }
        var counts = [Int](repeating: 0, count: names.count)
        for code in codes where code >= 0 { counts[Int(code)] += 1 }
        let present = counts.reduce(0, +), distinct = counts.count { $0 > 0 }
        if present == 0 { return .ignored(reason: "it holds no value") }
        let isDate = !isKept && DateText.fill(names.indices.lazy.filter { counts[$0] > 0 }.map { names[$0] })
        if isDate { return .ignored(reason: "it looks like a date") }
        if present >= 20, distinct * 10 > present * 9 { return .ignored(reason: !isKept && StrayTexts(in: column) != nil ? "numbers, but for a few cells" : "it differs in nearly every row") }
        let order = names.indices.filter { counts[$0] > 0 }.sorted { (counts[$1], names[$0]) < (counts[$0], names[$1]) }
        let kept = order.prefix(vocabularyLimit)
        return .category(Vocabulary(names: kept.map { names[$0] }, counts: kept.map { counts[$0] },
                                    rareCount: order.dropFirst(vocabularyLimit).reduce(0) { $0 + counts[$1] }))
    }

    /// Encodes a table; its columns may come in another order, and columns the encoder does not know are left out.
    ///
    /// - Parameters:
    ///   - table: Records.
    ///   - texts: The encoder of fields of text, where there are any; see `textModel`.
    /// - Returns: Shape `[rows, variables.count]`.
    /// - Throws: `GibbsError` with code `.shapeMismatch`, naming the fields, when one is absent, or holds text where the model
    ///   has numbers; `.unsuitableModel` when texts are to be read and `texts` is none or another encoder than that of the fit; what that encoder
    ///   throws. Unseen names, missing values, numbers where the model has names and a column without any value are no error, and
    ///   a text that holds nothing to read is missing.
    /// - Complexity: One pass, and a look at every different text.
    public func encode(_ table: Table, texts: TextModel? = nil) throws -> Matrix {
        let used = usedFields
        let absent = used.filter { table[$0.name] == nil }.map { "'\($0.name)'" }
        guard absent.isEmpty else {
            throw GibbsError(.shapeMismatch, "the data lacks \(absent.count) of the model's \(used.count) fields: \(absent.prefix(8).joined(separator: ", "))\(absent.count > 8 ? ", …" : "")",
                             advice: "give data with the columns the model was fitted to (gibbs inspect lists them)")
        }
        var batch = Matrix(rows: table.rowCount, columns: variables.count)
        for (field, columns) in zip(used, columns) {
            let column = try table.column(field.name), index = columns.lowerBound
            switch (field.encoding, column.storage) {
            case (.text(let scale), _): try encode(column, by: scale, texts: checked(texts, field: field.name), into: &batch, at: columns)
            case (.number(let scale), .numbers(let values)):
                for row in 0 ..< table.rowCount { batch[row, index] = scale.encode(values[row]) }
            case (.category(let vocabulary), .numbers), (.category(let vocabulary), .categories):
                encode(column, by: vocabulary, into: &batch, at: index)
            case (.ignored, _): preconditionFailure("'\(field.name)' is ignored, and so not among the used fields")
            case (.number, .categories):
                if column.missingCount == table.rowCount {
                    for row in 0 ..< table.rowCount { batch[row, index] = .nan }
                    continue
                }
                throw GibbsError(.shapeMismatch, "the field holds text where the model has numbers", at: .init(field: field.name),
                                 advice: "clean the column, or fit with it as a category")
            }
        }
        return batch
    }

    private func encode(_ column: Column, by vocabulary: Vocabulary, into batch: inout Matrix, at index: Int) {
        let known = Dictionary(uniqueKeysWithValues: vocabulary.names.enumerated().map { ($1, Float($0)) })
        let unseen = Float(vocabulary.unseen), width = batch.columns
        switch column.storage {
        case .categories(let codes, let names):
            let translation = names.map { known[$0] ?? unseen }
            for (row, code) in codes.enumerated() { batch.values[row * width + index] = code < 0 ? .nan : translation[Int(code)] }
        case .numbers:
            for row in 0 ..< column.count { batch.values[row * width + index] = column.text(row).map { known[$0] ?? unseen } ?? .nan }
        }
    }

    /// Whether the encoded value of a used field stands for a category that the fit never saw; of a text none does.
    public func isUnseen(_ value: Float, field index: Int) -> Bool {
        guard case .category(let vocabulary) = usedFields[index].encoding else { return false }
        return value == Float(vocabulary.unseen)
    }

    /// An encoded value of a used field as a person would write it; `nil` for a missing one, and for a text, which its numbers do not tell.
    public func text(_ value: Float, field index: Int) -> String? {
        if value.isNaN { return nil }
        switch usedFields[index].encoding {
        case .number(let scale): return scale.decode(value).shortText
        case .category(let vocabulary): return Int(value) < vocabulary.names.count ? vocabulary.names[Int(value)] : "(unseen)"
        case .text, .ignored: return nil
        }
    }
}

extension RecordEncoder {
    /// Options by which a table is read with the types of the fit, which win over open ones.
    ///
    /// - Throws: `GibbsError` with code `.usage` when the options give a column another type. Boolean for a category is no error.
    public func reading(_ options: TableOptions) throws -> TableOptions {
        var options = options
        for (name, type) in types {
            if let asked = options.types[name], asked != type, !(asked == .boolean && type == .category) {
                throw GibbsError(.usage, "--types says \(asked.rawValue), but the model was fitted with the column as a \(type.rawValue)",
                                 at: .init(field: name), advice: "leave it out of --types, or fit a new model")
            }
            options.types[name] = type
        }
        return options
    }
}

extension Double {
    /// At most four significant digits, or a whole number below a million as it is; powers of ten only beyond 1e15 and below 1e-4.
    package var shortText: String {
        let rounded = (self * 1e6).rounded() / 1e6
        if rounded == rounded.rounded() && abs(rounded) < 1e6 { return String(Int(rounded)) }
        let text = String(format: "%.4g", self)
        guard let power = text.firstIndex(of: "e") else { return text }
        if abs(self) < 1e15, abs(self) >= 1 { return String(Int((Double(text) ?? self).rounded())) }
        return text[..<power] + "e" + String(Int(text[text.index(after: power)...]) ?? 0)
    }
}

extension ClosedRange<Double> {
    /// Both ends, for a message.
    package var text: String { lowerBound == upperBound ? "\(lowerBound.shortText) only" : "\(lowerBound.shortText) … \(upperBound.shortText)" }
}
