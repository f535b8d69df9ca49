import Foundation
import GibbsCore
import GibbsData
import GibbsMachines
import GibbsNumerics

extension EventModel: Storable {
    public static let kind = "event-model"

    /// The most events that a model remembers.
    public static let historyLimit = 1_000
    /// The most fields that an event has.
    public static let fieldLimit = 64

    private struct Schema: Codable {
        var fields: [String], vocabularies: [Vocabulary], history: Int, hasEnd: Bool
    }

    public init(archive: Archive) throws {
        let schema = try JSON.decode(Schema.self, from: archive.text("schema"), name: "schema"), count = schema.fields.count
        guard 1 ... Self.fieldLimit ~= count, schema.vocabularies.count == count, 1 ... Self.historyLimit ~= schema.history,
              schema.vocabularies.allSatisfy({ $0.names.count <= Self.vocabularyLimit }) else {
            throw GibbsError(.unsuitableModel, "events of \(count) fields with \(schema.vocabularies.count) vocabularies and a history of \(schema.history)", advice: "the file is damaged")
        }
        let sizes = Self.categories(schema.vocabularies, hasEnd: schema.hasEnd)
        let choices = try (0 ..< count).map { field -> ConditionalRBM in
            let choice: ConditionalRBM
            do { choice = try ConditionalRBM(archive: archive.nested("choice\(field)")) } catch let error as GibbsError { throw error.aboutModel }
            guard choice.variables == [.categorical(sizes[field])],
                  choice.contextVariables == Self.context(schema.vocabularies, history: schema.history, field: field) else {
                throw GibbsError(.unsuitableModel, "the machine of '\(schema.fields[field])' does not fit the names of its events", advice: "the file is damaged")
            }
            return choice
        }
        self.init(fields: schema.fields, vocabularies: schema.vocabularies, history: schema.history, hasEnd: schema.hasEnd, choices: choices)
    }

    public func archive() -> Archive {
        var result = Archive(metadata: ["schema": JSON.encode(Schema(fields: fields, vocabularies: vocabularies, history: history, hasEnd: hasEnd))])
        for (field, choice) in choices.enumerated() { result.nest(choice.archive(), under: "choice\(field)") }
        return result
    }
}
