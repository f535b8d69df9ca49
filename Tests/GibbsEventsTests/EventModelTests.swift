import Foundation
import GibbsCore
import GibbsEvents
import GibbsMachines
import GibbsNumerics
import Testing

/// What comes next, and how strange a whole session is.
@Suite struct EventModelTests {
    /// Sessions of a small workflow: open, then reads and writes in turn, then close by the one who opened; two fields.
    static func sessions(_ count: Int, key: Key, tricks: (inout [[String?]], Int) -> Void = { _, _ in }) -> EventSequences {
        var result = EventSequences(fields: ["event", "who"])
        for number in 0 ..< count {
            let u = key.folding(number).uniforms(12), who = u[0] < 0.5 ? "ann" : "bob"
            var events: [[String?]] = [["open", who]]
            for step in 0 ..< 1 + Int(u[1] * 4) { events += [["read", who], [u[2 + step] < 0.2 ? "skip" : "write", who]] }
            events.append(["close", who])
            tricks(&events, number)
            result.add(id: "s\(number)", events: events, lines: events.map { _ in number + 1 })
        }
        return result
    }

    static let method = MaximumLikelihood(optimiser: .adam(rate: 1e-2), weightDecay: 1e-4, batchSize: 64, epochs: 15)
    static let model = Result { try EventModel.fitted(to: sessions(400, key: Key(1)), history: 2, hidden: 12, by: method, key: Key(2)) }

    /// Over all names of both fields, the end and a new name for each, the probabilities of the next event sum to one.
    @Test func probabilitiesSumToOne() throws {
        let model = try Self.model.get()
        var total = 0.0
        for event in ["open", "read", "write", "skip", "close", "new"] {
            for who in ["ann", "bob", "new"] {
                var sequences = EventSequences(fields: ["event", "who"])
                sequences.add(id: "1", events: [["open", "ann"], ["read", "ann"], [event, who]], lines: [1, 2, 3])
                total += exp(-Double(try model.surprises(of: sequences)[0][2].reduce(0, +)))
            }
        }
        var ended = EventSequences(fields: ["event", "who"])
        ended.add(id: "1", events: [["open", "ann"], ["read", "ann"]], lines: [1, 2])
        let end = exp(-Double(try model.surprises(of: ended)[0][2][0]))
        #expect(abs(total + end - 1) < 1e-4, "\(total) and \(end)")
    }

    /// The same where nearly every name was met once, so that the share of new ones is nearly all.
    @Test func manyNewNames() throws {
        var once = EventSequences(fields: ["event"])
        for number in 0 ..< 100 { once.add(id: "\(number)", events: (0 ..< 4).map { ["e\(4 * number + $0)"] }, lines: [1, 1, 1, 1]) }
        let model = try EventModel.fitted(to: once, history: 1, hidden: 2, by: .init(epochs: 1), key: Key(1))
        #expect(model.vocabularies[0].unseenProbability > 0.99)
        var next = EventSequences(fields: ["event"])
        for name in model.vocabularies[0].names + ["new"] { next.add(id: name, events: [[name]], lines: [1]) }
        next.add(id: "end", events: [], lines: [])
        let total = try model.surprises(of: next).reduce(0.0) { $0 + exp(-Double($1[0][0])) }
        #expect(abs(total - 1) < 1e-4, "\(total)")
    }

    @Test func learnsTheOrder() throws {
        let model = try Self.model.get(), fresh = Self.sessions(200, key: Key(3)), surprises = try model.surprises(of: fresh)
        // After the first event the other field never changes, and there are five steps of which one or two can follow.
        let who = surprises.flatMap { $0.dropFirst().dropLast().map { Double($0[1]) } }
        #expect(Statistics.mean(who) < 0.05, "\(Statistics.mean(who))")
        let events = surprises.flatMap { $0.map { Double($0[0]) } }
        #expect(Statistics.mean(events) < 0.6, "\(Statistics.mean(events))")
    }

    @Test func strangeStepsCostMore() throws {
        let model = try Self.model.get()
        func largest(_ tricks: @escaping (inout [[String?]], Int) -> Void) throws -> [Float] {
            try model.surprises(of: Self.sessions(50, key: Key(4), tricks: tricks)).map { $0.map { $0.reduce(0, +) }.max()! }
        }
        let plain = try largest { _, _ in }.max()!
        #expect(try largest { events, _ in events.swapAt(0, 1) }.allSatisfy { $0 > plain }, "another order")
        #expect(try largest { events, _ in events[1][1] = events[0][1] == "ann" ? "bob" : "ann" }.allSatisfy { $0 > plain - 1 }, "another person")
        #expect(try largest { events, _ in events.removeLast() }.allSatisfy { $0 > plain - 1 }, "an early end")
        #expect(try largest { events, _ in events[1][0] = "delete" }.allSatisfy { $0 > plain - 1 }, "a new name")
        #expect(try largest { events, _ in events[1][1] = nil }.allSatisfy(\.isFinite))
    }

    /// A session that does everything in order, but too often, is strange by its counts alone.
    @Test func countsSeeWhatStepsDoNot() throws {
        let watchdog = try EventWatchdog.fitted(to: Self.sessions(2_000, key: Key(5)), options: .init())
        #expect(watchdog.energy.kind == .workflow)
        let long = Self.sessions(30, key: Key(6)) { events, _ in
            let pair = Array(events[1 ... 2])
            for _ in 0 ..< 20 { events.insert(contentsOf: pair, at: 1) }
        }
        let energies = try watchdog.energy.energies(of: long)
        let highest = energies.max()!, lowest = energies.min()!
        #expect(energies.allSatisfy { watchdog.calibration!.energy.alerts(on: $0) }, "\(lowest) to \(highest), threshold \(watchdog.calibration!.energy.threshold)")
        let fresh = try watchdog.energy.energies(of: Self.sessions(2_000, key: Key(7))).count { watchdog.calibration!.energy.alerts(on: $0) }
        #expect((2 ... 50).contains(fresh), "\(fresh) alerts in 2000 sessions at 1 %")
    }

    /// The baseline's probabilities sum to one over known names, the end and a new name; it knows the order, and a trigram by hand.
    @Test(arguments: [1, 2, 4]) func baselineIsADistribution(order: Int) throws {
        let model = try Self.model.get(), plain = try NGramModel(fitting: Self.sessions(400, key: Key(1)), like: model, order: order)
        func sequences(_ last: String?) -> EventSequences {
            var result = EventSequences(fields: ["event", "who"])
            let events: [[String?]] = [["open", "ann"], ["read", "ann"]] + (last.map { [[$0, "ann"]] } ?? [])
            result.add(id: "1", events: events, lines: events.map { _ in 1 })
            return result
        }
        let names = ["open", "read", "write", "skip", "close", "new"]
        let total = try names.reduce(0.0) { try $0 + exp(-Double(plain.surprises(of: sequences($1), like: model)[0][2])) }
            + exp(-Double(plain.surprises(of: sequences(nil), like: model)[0][2]))
        #expect(abs(total - 1) < 1e-5, "\(total)")
    }

    /// Unless told, the baseline sees as many events as the model.
    @Test func baselineSeesAsMuch() throws {
        let model = try Self.model.get()
        #expect(try NGramModel(fitting: Self.sessions(20, key: Key(1)), like: model).order == model.history + 1)
    }

    @Test func baselineByHand() throws {
        var two = EventSequences(fields: ["event"])
        two.add(id: "1", events: [["a"], ["b"], ["a"]], lines: [1, 1, 1])
        let model = try EventModel.fitted(to: two, history: 1, hidden: 2, hasEnd: false, by: .init(epochs: 1), key: Key(1))
        let plain = try NGramModel(fitting: two, like: model, order: 2), found = try plain.surprises(of: two, like: model)[0].map { exp(-Double($0)) }
        // Below: three equal chances. Of three events a came twice, b once: p(a) = (2 + 2/3) / 5, p(b) = (1 + 2/3) / 5.
        let a = (2 + 2.0 / 3) / 5, b = (1 + 2.0 / 3) / 5
        // After the beginning came a once, after a came b once, after b came a once: (1 + p) / 2.
        #expect(zip(found, [(1 + a) / 2, (1 + b) / 2, (1 + a) / 2]).allSatisfy { abs($0 - $1) < 1e-6 }, "\(found)")
    }

    @Test func refusesOtherFields() throws {
        var other = EventSequences(fields: ["event"])
        other.add(id: "1", events: [["open"]], lines: [1])
        #expect(throws: GibbsError.self) { try Self.model.get().surprises(of: other) }
        #expect(throws: GibbsError.self) { try EventModel.fitted(to: EventSequences(fields: ["event"]), key: Key(1)) }
        for history in [0, -1, EventModel.historyLimit + 1, .max] {
            #expect(throws: GibbsError.self, "a history of \(history)") { try EventModel.fitted(to: other, history: history, key: Key(1)) }
        }
    }
}
