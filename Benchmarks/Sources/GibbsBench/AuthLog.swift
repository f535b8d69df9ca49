import Foundation
import Gibbs

/// A real server's 25 days of syslog, ranked: do the sources of brute force stand above those who belong there?
///
/// Nothing of the labels below reaches the models: these learn from the entities that `trusted` names, which is what an operator knows, and
/// judge each by a model that has not learned from it.
enum AuthLog {
    /// What raw lines say of an entity. Attempts are 'Failed password' or 'Invalid user', whichever is more, repeats counted.
    enum Kind: String, CaseIterable {
        /// No address: cron, sudo, the accounts of the server.
        case local
        /// An address with an accepted login, and with less than 100 failed ones.
        case login
        /// An address with an accepted login behind 100 failed ones or more: a brute force that succeeds.
        case guessed
        /// An address with five attempts or more and no accepted login.
        case bruteForce
        /// An address with one to four attempts and no accepted login, and one without any (a connection that ends before a login).
        case few, probe
    }

    /// Who may be taken as normal: holders of a key, and whatever is not sshd.
    static let trusted = #"Accepted publickey|^\S+ +\S+ \S+ \S+ (?!sshd\[)|Server listening"#

    static func run(path: String, trusted: String, options: StreamOptions, fold: StreamRanking.Fold, folds: Int, shown: Int) throws {
        let pattern = try LinePattern(trusted)
        let raw = try EventLog.raw(path, preset: .sshd, year: 2017, columns: ["event", "user"], marking: pattern), log = raw.log
        let isTrusted = log.entities(onLines: raw.marked)
        let kinds = kinds(of: log)
        for order in StreamRanking.Order.allCases {
            var ranking: StreamRanking!
            let time = try seconds {
                ranking = try StreamRanking.crossFitted(to: log, entity: "entity", time: "time", trusted: isTrusted, by: fold, folds: folds, order: order, options: options)
            }
            let more: [String: Any] = ["order": order.rawValue, "by": fold.rawValue, "folds": folds, "key": options.seed]
            for (number, place) in ranking.places.enumerated() where number < shown || [.local, .login, .guessed].contains(kinds[place.entity]!) {
                report("auth log", "rank", Double(number + 1), [
                    "entity": place.entity, "kind": kinds[place.entity]!.rawValue, "score": Double(place.score), "surprise": place.surprise, "pValue": place.pValue ?? 1, "events": place.events,
                    "trusted": place.isTrusted, "reason": place.reasons.max { $0.gain < $1.gain }.map { "\($0.field) = \($0.value ?? "missing")" } ?? ""].merging(more) { one, _ in one })
            }
            for (name, benign) in [("every benign entity", [Kind.local, .login]), ("sources that log in", [.login]), ("local entities", [.local])] {
                compare(ranking, order, kinds, name, benign, more.merging(["seconds": time, "trusted": isTrusted.count { $0 }]) { one, _ in one })
            }
        }
    }

    /// How the sources of brute force stand to those who belong there.
    private static func compare(_ ranking: StreamRanking, _ order: StreamRanking.Order, _ kinds: [String: Kind], _ name: String, _ benign: [Kind], _ more: [String: Any]) {
        let places = ranking.places.enumerated().filter { kinds[$1.entity] == .bruteForce || benign.contains(kinds[$1.entity]!) }
        let strange = places.map { kinds[$1.entity] == .bruteForce }
        guard strange.contains(true), strange.contains(false) else { return }
        func height(_ place: StreamRanking.Place) -> Double { order == .score ? Double(place.score) : place.surprise }
        let last = places.last { kinds[$1.entity] == .bruteForce }!, first = places.first { kinds[$1.entity] != .bruteForce }!
        report("auth log", "auroc", Ranking.auroc(scores: places.map { Float(height($0.element)) }, positive: strange), [
            "against": name, "bruteForce": strange.count { $0 }, "benign": strange.count { !$0 }, "lowestBruteForce": last.element.entity, "lowestRank": last.offset + 1,
            "lowest": height(last.element), "highestBenign": first.element.entity, "highestRank": first.offset + 1, "highest": height(first.element),
            "benignAboveABruteForce": places.filter { kinds[$1.entity] != .bruteForce && height($1) >= height(last.element) }.map(\.element.entity).joined(separator: " "),
        ].merging(more) { one, _ in one })
    }

    /// By counting the templates of every entity's events.
    static func kinds(of log: EventLog) -> [String: Kind] {
        func counted(_ text: String) -> [Int] {
            let found = log.names[0].map { $0.contains(text) }
            var counts = [Int](repeating: 0, count: log.entities.count)
            for event in 0 ..< log.count where log.entity[event] >= 0 && log.codes[0][event] >= 0 && found[Int(log.codes[0][event])] { counts[Int(log.entity[event])] += 1 }
            return counts
        }
        let failed = counted("Failed password"), invalid = counted("Invalid user"), accepted = counted("Accepted ")
        return Dictionary(uniqueKeysWithValues: log.entities.enumerated().map { who, name in
            let attempts = max(failed[who], invalid[who]), isAddress = name.split(separator: ".").count == 4 && name.allSatisfy { $0.isNumber || $0 == "." }
            if !isAddress { return (name, .local) }
            if accepted[who] > 0 { return (name, attempts >= 100 ? .guessed : .login) }
            return (name, attempts >= 5 ? .bruteForce : attempts > 0 ? .few : .probe)
        })
    }
}
