/// Bad news about a person's input: what happened, where, with which numbers, and what to do next.
///
/// The one error type that Gibbs throws. Our own bugs trap instead, and failing to converge is a result with diagnostics,
/// not an error. Codes are open: compare with the constants below, and expect more in later versions.
public struct GibbsError: Error, Sendable, Hashable {
    /// What kind of bad news this is; open for extension.
    public struct Code: RawRepresentable, Sendable, Hashable {
        /// The name of the code, stable between versions.
        public let rawValue: String
        public init(rawValue: String) { self.rawValue = rawValue }

        /// Arguments that cannot be served: an unknown option value, a count that is not positive.
        public static let usage = Code(rawValue: "usage")
        /// A file or stream whose content breaks its format.
        public static let malformedData = Code(rawValue: "malformedData")
        /// A well-formed file that lacks what the task needs: a column, a label value, enough rows.
        public static let unsuitableData = Code(rawValue: "unsuitableData")
        /// A batch whose columns differ from the model's.
        public static let shapeMismatch = Code(rawValue: "shapeMismatch")
        /// A header, line, count or length above a stated limit.
        public static let limitExceeded = Code(rawValue: "limitExceeded")
        /// No such file, or one that cannot be opened for reading.
        public static let cannotRead = Code(rawValue: "cannotRead")
        /// A file that cannot be created or completed.
        public static let cannotWrite = Code(rawValue: "cannotWrite")
        /// A model file that is damaged, of another kind, or of a newer version.
        public static let unsuitableModel = Code(rawValue: "unsuitableModel")
    }

    /// Where in the input the trouble lies; every part is optional.
    public struct Place: Sendable, Hashable {
        /// Path as the person gave it, or `standard input`.
        public var file: String?
        /// One-based line of the file, or record number where the format has no lines.
        public var line: Int?
        /// Column, option or entry by name.
        public var field: String?

        /// A place; leave out what is unknown.
        public init(file: String? = nil, line: Int? = nil, field: String? = nil) {
            self.file = file
            self.line = line
            self.field = field
        }
    }

    /// What kind of bad news this is.
    public var code: Code
    /// What happened, with the numbers, as one sentence without a full stop.
    public var message: String
    /// Where in the input the trouble lies.
    public var place: Place
    /// What a person can do next, as one sentence without a full stop.
    public var advice: String?

    /// Bad news of this kind.
    public init(_ code: Code, _ message: String, at place: Place = Place(), advice: String? = nil) {
        self.code = code
        self.message = message
        self.place = place
        self.advice = advice
    }

    /// The same error, with the parts of its place that are still unknown taken from `place`.
    public func located(at place: Place) -> GibbsError {
        var copy = self
        copy.place.file = copy.place.file ?? place.file
        copy.place.line = copy.place.line ?? place.line
        copy.place.field = copy.place.field ?? place.field
        return copy
    }

    /// What `body` returns; a file is named in the errors that it throws of that file's contents.
    package static func naming<Result>(_ file: String, _ body: () throws -> Result) throws -> Result {
        do { return try body() } catch let error as GibbsError { throw error.located(at: Place(file: file)) }
    }
}

extension GibbsError: CustomStringConvertible {
    /// `file:line: field 'name': message; advice`, leaving out what is unknown.
    public var description: String {
        var text = ""
        if let file = place.file { text += file + (place.line.map { ":\($0)" } ?? "") + ": " }
        else if let line = place.line { text += "line \(line): " }
        if let field = place.field { text += "field '\(field)': " }
        text += message
        if let advice { text += "; \(advice)" }
        return text
    }
}
