import GibbsData
import GibbsNumerics

/// Which columns of a table say who, what, how much and when.
public struct RatingColumns: Sendable, Hashable, Codable {
    /// The person.
    public var user: String
    /// The item.
    public var item: String
    /// The rating; nil where the rows are events.
    public var rating: String?
    /// The time; nil where there is none.
    public var time: String?

    /// These columns.
    public init(user: String, item: String, rating: String? = nil, time: String? = nil) {
        (self.user, self.item, self.rating, self.time) = (user, item, rating, time)
    }

    /// Names that files give the person, the item, the rating and the time; compared in lower case, without what follows a colon (as RecBole
    /// writes `user_id:token`), without blanks, underscores and hyphens.
    private static var customary: [(part: WritableKeyPath<Asked, String?>, names: [String])] { [
        (\.user, ["user", "userid", "uid", "customer", "customerid", "client", "clientid", "account", "accountid", "buyer", "visitor", "visitorid", "session", "sessionid", "person", "reader", "member"]),
        (\.item, ["item", "itemid", "iid", "movie", "movieid", "film", "filmid", "product", "productid", "sku", "article", "articleid", "title", "book", "bookid", "isbn", "artist", "artistid", "track", "trackid", "song", "songid", "asin", "business", "businessid"]),
        (\.rating, ["rating", "ratings", "score", "stars", "overall", "bookrating", "value"]),
        (\.time, ["time", "timestamp", "date", "unixreviewtime"]),
    ] }

    /// What a person said about the columns; nil where nothing was said.
    public struct Asked: Sendable {
        /// As in `RatingColumns`; an empty text for the rating or the time says that there is none.
        public var user: String?, item: String?, rating: String?, time: String?
        /// Nothing said.
        public init(user: String? = nil, item: String? = nil, rating: String? = nil, time: String? = nil) {
            (self.user, self.item, self.rating, self.time) = (user, item, rating, time)
        }
    }

    /// The columns of a table: as asked, else those `remembered` that it has, else by their customary names, else, where a header is missing or names nothing known, in the order
    /// person, item, rating, time.
    ///
    /// - Throws: `GibbsError` with code `.unsuitableData` naming the columns there are, when one that was asked for is absent or nobody can
    ///   tell person and item apart.
    public init(among names: [String], asked: Asked = Asked(), remembered: RatingColumns? = nil, ordered: Bool) throws {
        var found = asked
        if let remembered {
            for (part, name) in [(\Asked.user, remembered.user), (\.item, remembered.item), (\.rating, remembered.rating), (\.time, remembered.time)] {
                if let name, found[keyPath: part] == nil, names.contains(name) { found[keyPath: part] = name }
            }
        }
        for (part, customary) in Self.customary where found[keyPath: part] == nil {
            found[keyPath: part] = customary.lazy.compactMap { name in names.first { Self.plain($0) == name } }.first
        }
        if ordered, asked.user == nil, asked.item == nil, names.count >= 2 {
            (found.user, found.item) = (names[0], names[1])
            if asked.rating == nil, names.count > 2 { found.rating = names[2] }
            if asked.time == nil, names.count > 3 { found.time = names[3] }
        }
        guard let user = found.user, let item = found.item, user != item else {
            let shown = names.prefix(20).map { "'\($0)'" }.joined(separator: ", ")
            throw GibbsError(.unsuitableData, "no column is known for \(found.user == nil ? "the person" : "the item")",
                             advice: "name it with \(found.user == nil ? "--user-column" : "--item-column"); the columns are \(shown)")
        }
        func given(_ name: String?) -> String? { name == "" ? nil : name }
        self.init(user: user, item: item, rating: given(found.rating), time: given(found.time))
    }

    /// All of them.
    var names: [String] { [user, item] + [rating, time].compactMap { $0 } }

    private static func plain(_ name: String) -> String {
        String((name.split(separator: ":").first ?? "").lowercased().filter { $0 != " " && $0 != "_" && $0 != "-" })
    }
}
