import ArgumentParser
import Foundation
import Gibbs

struct Rank: ParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Rank the entities of a log of events, the strangest first, without a model: each is judged by the others.",
        discussion: """
            The log is cut into folds by entities or by days, and each fold is judged by a model that has learned from the rest, so that nobody \
            is judged by a model that has learned from what it judges. With --trusted the models learn from the entities it finds alone, as \
            must be where attackers outnumber those who belong there; all are ranked.

              gibbs rank auth.log --trusted 'Accepted publickey' --by day --text
              gibbs rank logins.ndjson --entity address --event outcome --fields user,country --top 20

            A line has an entity's highest score and the mean surprise of its events in nats, the share of other trusted entity-days (with \
            --order surprise: entities) that reached as much (pValue), its events, and what is blamed. By entities, someone whose work nobody else does is strange; by days, only what is new that day. To rank by \
            a model that is there, run gibbs score M LOG --by-entity.
            """)

    @Argument(help: "Log of events, a line each: a table, or raw log lines.")
    var data: String

    @Option(help: "What is held out of a fit at a time: entity, whole entities; or day, whole days.")
    var by: StreamRanking.Fold = .entity

    @Option(help: "score, the highest score, for which many strange events count more than few; or surprise, the mean of an entity's events, for which they do not.")
    var order: StreamRanking.Order = .score

    @Option(help: "Folds, each judged by a fit on the others.")
    var folds = 5

    @Option(help: "Print only the N strangest.")
    var top: Int?

    @Option(help: "Events remembered of an entity.")
    var history = 3

    @Option(help: "Hidden units a field.")
    var hidden = 32

    @Option(help: "Passes over the events; 10 unless told, for a model that judges what it has not seen should not know its events by heart.")
    var epochs = 10

    @Option(help: "Number from which all randomness is derived.")
    var key: UInt64 = 1

    @Option(help: "Reasons an entity at most.")
    var reasons = 3

    @Flag(help: "Print for people instead of machines: a line an entity, with the strongest reason.")
    var text = false

    @Option(help: "Where to write; standard output unless told.")
    var out = "-"

    @OptionGroup var stream: StreamOptionsGroup

    @OptionGroup var input: InputOptions

    func run() throws {
        Interruption.watch()
        try check()
        var options = StreamOptions()
        (options.history, options.hidden, options.epochs, options.seed, options.subject) = (history, hidden, epochs, key, stream.about)
        for column in stream.changes.list { options.encodings[column] = .change }
        Console.progress("reading \(data)")
        let read = try stream.read(data, input: input), ranking: StreamRanking
        do {
            ranking = try StreamRanking.crossFitted(to: read.log, entity: read.entity, time: read.time, trusted: read.trusted, by: by, folds: folds, order: order, explained: top ?? .max,
                                                       options: options) {
                Console.progress("fold \($0) of \($1): learning '\($2)', epoch \($3.number)")
                try Interruption.check()
            }
        } catch let error as GibbsError { throw error.located(at: .init(file: data)) }
        Console.clearProgress()
        if let remark = read.trustRemark { Console.note("gibbs: " + remark) }
        try RankingText(ranking, showsTrust: read.trusted != nil).write(to: out, top: top, reasons: reasons, text: text)
    }

    private func check() throws {
        guard stream.isLog(data) else { throw GibbsError(.usage, "a log of events needs its entities named", advice: "give --entity COLUMN, or raw lines with --preset") }
        guard data != "-" else { throw GibbsError(.usage, "a ranking reads its log more than once", advice: "give a file") }
        if let top, top < 1 { throw GibbsError(.usage, "the top \(top) entities", advice: "give at least 1") }
        guard reasons >= 0, epochs > 0, 1 ... 4_096 ~= hidden else { throw GibbsError(.usage, "\(reasons) reasons, \(epochs) epochs and \(hidden) hidden units", advice: "give positive numbers, and at most 4096 units") }
        guard folds >= 2 else { throw GibbsError(.usage, "\(folds) folds", advice: "give at least 2") }
        try stream.check(data)
        try DistinctFiles.check(out, apartFrom: data)
        try OutputFile(path: out).discard()
    }
}

extension StreamRanking.Fold: ExpressibleByArgument {}
extension StreamRanking.Order: ExpressibleByArgument {}
