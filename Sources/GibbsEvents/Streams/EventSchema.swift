import CKernels
import Foundation
import GibbsCore
import GibbsNumerics

/// How the events of a source become what an `EventModel` knows: which column is the entity, which the time, and what each field
/// takes from its column.
public struct EventSchema: Sendable, Hashable, Codable {
    /// What a field is.
    public enum Encoding: String, Sendable, Hashable, Codable, CaseIterable {
        /// The value itself, one of the names that are known.
        case name
        /// How the value stands to those that the entity had before: `first`, `same` as the last, `recent` (among the last eight
        /// different ones) or `new`. For columns of countless values, such as users and addresses.
        case change
        /// Whether the event's subject (a user, where addresses are watched) had the value before: `first` where it had none, `known` from
        /// an earlier day, `today`, or `new`. Where `EventSchema.habitual` is set, only events of that name make a value known.
        case familiar
        /// The time since the entity's last event, in steps; see `gapNames`.
        case gap
    }

    /// A field of the model.
    public struct Field: Sendable, Hashable, Codable {
        /// Its name, unique.
        public var name: String
        /// The column it reads; the time's for gaps.
        public var column: String
        /// What it takes from it.
        public var encoding: Encoding

        /// A field.
        public init(name: String, column: String, encoding: Encoding) {
            (self.name, self.column, self.encoding) = (name, column, encoding)
        }
    }

    /// The column whose value says whose event it is.
    public var entity: String
    /// The column of times; without one, events have no gaps and all belong to one day.
    public var time: String?
    /// The column that says whom the event is about, whose habits `familiar` fields go by; may be the entity itself.
    public var subject: String?
    /// The name of the first field whose events make habits, such as a success among logins; `nil` where all events do. Trying is no
    /// habit: whoever fails a hundred times from a strange place must not make that place familiar.
    public var habitual: String?
    /// The fields, the first of which says what happened.
    public var fields: [Field]

    /// A schema; traps without a field.
    public init(entity: String, time: String?, subject: String? = nil, habitual: String? = nil, fields: [Field]) {
        precondition(!fields.isEmpty, "events without a field")
        (self.entity, self.time, self.subject, self.habitual, self.fields) = (entity, time, subject, habitual, fields)
    }

    /// The columns it reads, without those of the entity and the time, in the order of their first use.
    public var columns: [String] {
        var result = [String]()
        for column in fields.filter(\.encoding.readsColumn).map(\.column) + [subject].compactMap({ $0 })
            where column != entity && !result.contains(column) { result.append(column) }
        return result
    }

    /// The names of `change`.
    public static let changeNames = ["first", "same", "recent", "new"]
    /// The names of `familiar`.
    public static let familiarNames = ["first", "known", "today", "new"]
    /// The names of `gap`; a clock that went backwards tells no gap: the value is missing.
    public static let gapNames = ["first", "≤ 1 s", "≤ 10 s", "≤ 1 min", "≤ 10 min", "≤ 1 h", "≤ 6 h", "≤ 1 day", "> 1 day"]

    /// The place of a gap in `gapNames`; `nil` seconds for an entity's first event.
    package static func gap(_ seconds: Double?) -> Int {
        guard let seconds else { return 0 }
        return 1 + [1.0, 10, 60, 600, 3_600, 21_600, 86_400].count { seconds > $0 }
    }

    /// Checks what a file may claim.
    ///
    /// - Throws: `GibbsError` with code `.unsuitableModel`.
    func check() throws {
        let names = fields.map(\.name)
        guard (1 ... 64).contains(fields.count), Set(names).count == names.count, fields.allSatisfy({ (!$0.encoding.needsTime || time != nil) && (!$0.encoding.needsSubject || subject != nil) }) else {
            throw GibbsError(.unsuitableModel, "the schema has \(fields.count) fields, or fields that repeat, or gaps without a time", advice: "the file is damaged")
        }
    }
}

extension EventSchema.Encoding {
    /// The fixed names of an encoding; none where a value is its own name.
    var names: [String] {
        switch self {
        case .name: []
        case .change: EventSchema.changeNames
        case .familiar: EventSchema.familiarNames
        case .gap: EventSchema.gapNames
        }
    }
}

/// The hash by which values and entities are told apart.
enum ValueHash {
    /// Of bytes; never 0, which stands for a missing value.
    static func of(_ bytes: UnsafeBufferPointer<UInt8>) -> UInt64 {
        var none: UInt8 = 0
        return max(1, bytes.baseAddress.map { gk_hash($0, bytes.count, 0) } ?? gk_hash(&none, 0, 0))
    }

    /// Of a text's UTF-8.
    static func of(_ text: String) -> UInt64 {
        var text = text
        return text.withUTF8 { of($0) }
    }
}
