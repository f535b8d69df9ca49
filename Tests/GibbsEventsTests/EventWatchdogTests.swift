import Foundation
import GibbsCore
import GibbsData
import GibbsEvents
import GibbsLandscapes
import GibbsMachines
import GibbsNumerics
import GibbsTestSupport
import Testing

/// Watchdogs on sessions as files: the same bits back, and damaged ones refused; what explanations say.
@Suite struct EventWatchdogTests {
    static func fitted(_ kind: SessionEnergy.Kind) throws -> EventWatchdog {
        var options = SessionOptions()
        (options.kind, options.history, options.hidden, options.epochs) = (kind, 2, 6, 4)
        return try EventWatchdog.fitted(to: EventModelTests.sessions(200, key: Key(1)), options: options)
    }

    static let watchdog = Result { try fitted(.workflow) }

    @Test(arguments: SessionEnergy.Kind.allCases) func sameBitsBack(kind: SessionEnergy.Kind) throws {
        let watchdog = try Self.fitted(kind), fresh = EventModelTests.sessions(30, key: Key(3)) { events, number in if number == 4 { events[1][0] = "new" } }
        let path = NSTemporaryDirectory() + "events-\(UUID().uuidString).gibbs"
        defer { try? FileManager.default.removeItem(atPath: path) }
        try watchdog.write(to: path)
        let copy = try EventWatchdog(contentsOf: path)
        #expect(try copy.archive() == watchdog.archive() && copy.scores(of: fresh) == watchdog.scores(of: fresh))
        #expect(try copy.baselineEnergies(of: fresh).map(\.bitPattern) == watchdog.baselineEnergies(of: fresh).map(\.bitPattern))
        #expect(try copy.energy.explanations(of: fresh, limit: 3) == watchdog.energy.explanations(of: fresh, limit: 3))
        #expect(copy.training == watchdog.training && copy.calibration == watchdog.calibration)
        #expect(try Self.fitted(kind).archive() == watchdog.archive(), "the same key, another model")
    }

    private func refused(_ name: String, _ change: (inout Archive) -> Void) throws {
        var archive = try Self.watchdog.get().archive()
        change(&archive)
        #expect(checkRefusal([.unsuitableModel], name) { _ = try EventWatchdog(archive: archive) } == [])
    }

    /// Each entry in turn is dropped, spoilt and cut. Without its calibration's rate a watchdog is one without calibration.
    @Test func everyEntryIsNeeded() throws {
        let archive = try Self.watchdog.get().archive()
        for (name, tensor) in archive.tensors where !tensor.values.isEmpty {
            try refused("'\(name)' dropped") { $0.tensors[name] = nil }
            try refused("nan in '\(name)'") { $0.tensors[name]!.values[tensor.values.count / 2] = .nan }
            let cut = name.hasPrefix("sessions.") ? tensor.shape[0] - 1 : 1
            try refused("'\(name)' cut") { archive in
                let shape = [tensor.shape[0] - cut] + tensor.shape.dropFirst()
                archive.tensors[name] = .init(shape: shape, values: Array(tensor.values.prefix(shape.reduce(1, *))))
            }
        }
        for name in archive.metadata.keys {
            if name != "gibbs.calibration" { try refused("'\(name)' dropped") { $0.metadata[name] = nil } }
            for text in ["", "{}", "[{}]", "null"] { try refused("'\(name)' as \(text)") { $0.metadata[name] = text } }
        }
    }

    /// What a small text can claim is looked at before memory is taken for it.
    @Test(arguments: [("\"history\":2", "\"history\":1000000000000"), ("\"history\":2", "\"history\":0"), ("\"history\":2", "\"history\":3"), ("\"hasEnd\":true", "\"hasEnd\":false"),
                      ("\"open\"", "\"read\""), ("\"open\",", "")])
    func claims(old: String, new: String) throws {
        let text = try #require(try Self.watchdog.get().archive().metadata["model.schema"])
        #expect(text.contains(old), "\(text)")
        try refused("\(old) replaced by \(new)") { $0.metadata["model.schema"] = text.replacingOccurrences(of: old, with: new) }
    }

    /// Lists of the n-gram that are no tree, numbers that are no counts, weights that are none.
    @Test func baselines() throws {
        for name in ["baseline.children", "baseline.distinct", "baseline.counts", "baseline.codes"] {
            for value: Float in [-4, 0.5, 1e30] { try refused("\(value) in '\(name)'") { $0.tensors[name]!.values[0] = value } }
        }
        for order: Float in [0, 1, 2, 4, 1e9, 2.5] { try refused("order \(order)") { $0.tensors["baseline.order"]!.values[0] = order } }
        try refused("weights") { $0.tensors["weights"]!.values = [1, 1, 1] }
        try refused("weights") { $0.tensors["weights"]!.values = [2, -1, 0] }
    }

    /// Leaving one past event out of the context changes the surprise by the blame that it is given: asked of a session whose event is missing there.
    @Test func blameIsExact() throws {
        let watchdog = try EventWatchdog.fitted(to: EventModelTests.sessions(400, key: Key(2)), options: { var o = SessionOptions(); o.history = 2; o.hidden = 12; return o }())
        let events: [[String?]] = [["open", "ann"], ["read", "ann"], ["write", "ann"], ["close", "bob"]]
        func session(_ change: (inout [[String?]]) -> Void) -> EventSequences {
            var result = EventSequences(fields: ["event", "who"]), changed = events
            change(&changed)
            result.add(id: "1", events: changed, lines: [1, 1, 1, 1])
            return result
        }
        let whole = session { _ in }, surprises = try watchdog.energy.model.surprises(of: whole)[0]
        let explanation = try watchdog.energy.explanations(of: whole, limit: 9)[0], event = try #require(explanation.events.first { $0.position == 4 })
        #expect(event.field == "who" && event.value == "bob" && event.expected == "ann" && abs(event.surprise - surprises[3].reduce(0, +)) < 1e-5)
        #expect(Set(event.blame.map(\.position)) == [2, 3])
        for blame in event.blame {
            let without = session { $0[blame.position - 1] = [nil, nil] }
            let effect = surprises[3][1] - (try watchdog.energy.model.surprises(of: without)[0][3][1])
            #expect(abs(effect - blame.effect) < 1e-4, "event \(blame.position): \(effect), told \(blame.effect)")
        }
        #expect(event.blame.contains { $0.effect > 0.5 }, "who opened and read says who closes: \(event.blame)")
    }

    /// A count that no normal session has, against what it usually is.
    @Test func countsThatAreOff() throws {
        let odd = EventModelTests.sessions(1, key: Key(4)) { events, _ in for _ in 0 ..< 9 { events.insert(events[0], at: 0) } }
        let counts = try Self.watchdog.get().energy.explanations(of: odd, limit: 3)[0].counts
        #expect(counts.first?.name == "open" && counts.first?.count == 10 && counts.first?.usual == "1" && counts.first!.excess > 1, "\(counts)")
    }

    /// What a session repeats becomes cheap in a trace, and the weights are found by sessions alone.
    @Test func ownPast() throws {
        // Each session repeats three events of its own.
        func motifs(_ count: Int, key: Key) -> EventSequences {
            var result = EventSequences(fields: ["event"])
            for number in 0 ..< count {
                let motif = key.folding(number).uniforms(3).map { "e\(Int($0 * 12))" }
                result.add(id: "\(number)", events: (0 ..< 24).map { [motif[$0 % 3]] }, lines: [Int](repeating: number + 1, count: 24))
            }
            return result
        }
        var options = SessionOptions()
        (options.kind, options.history, options.hidden, options.epochs) = (.trace, 2, 6, 4)
        let trace = try EventWatchdog.fitted(to: motifs(200, key: Key(5)), options: options), fresh = motifs(30, key: Key(6))
        #expect(abs(trace.energy.mixture.weights.reduce(0, +) - 1) < 1e-5 && trace.training.tuningSessions > 0 && trace.energy.mixture.weights[2] > 0.5)
        let mixed = try trace.energy.surprises(of: fresh), own = try trace.energy.model.surprises(of: fresh)
        func late(_ surprises: [[EventModel.Surprises]]) -> Double { Statistics.mean(surprises.flatMap { $0[12 ..< 24].map { $0[0] } }) }
        #expect(late(mixed) < late(own) / 2, "\(late(mixed)) and \(late(own))")
        let parts = try trace.energy.parts(of: fresh)
        #expect(parts.allSatisfy { $0.middle < $0.mean && $0.mean < $0.largest })
        #expect(try trace.energy.energies(of: fresh) == parts.map(\.middle))
    }

    /// Draws follow the same steps: their mean surprise is that of fresh sessions, within what short training leaves.
    @Test func draws() throws {
        let model = try EventModelTests.model.get(), drawn = try model.drawn(300, limit: 50, key: Key(9))
        func mean(_ sequences: EventSequences) throws -> Double { Statistics.mean(try model.surprises(of: sequences).flatMap { $0.map { Double($0.reduce(0, +)) } }) }
        let own = try mean(drawn), fresh = try mean(EventModelTests.sessions(300, key: Key(10)))
        #expect(abs(own - fresh) < 0.15, "\(own) and \(fresh)")
        #expect(try model.drawn(300, limit: 50, key: Key(9)).codes == drawn.codes)
    }

    /// All sessions teach and all calibrate, each by a fit that had not seen it: one of a kind is stranger there than to the model that has learned it.
    @Test func crossFitting() throws {
        let odd = 17, data = EventModelTests.sessions(120, key: Key(12)) { events, number in
            if number == odd { for _ in 0 ..< 9 { events.insert(["rare", events[0][1]], at: 1) } }
        }
        var options = SessionOptions(), steps = [Int](), total = 0
        (options.kind, options.history, options.hidden, options.epochs, options.folds) = (.workflow, 2, 6, 4, 3)
        let crossed = try EventWatchdog.fitted(to: data, options: options) {
            steps.append($0.done)
            total = $0.total
        }
        let calibration = try #require(crossed.calibration)
        #expect(calibration.folds == 3 && crossed.training.folds == 3 && crossed.training.heldSessions == 120 && crossed.training.sessions == 120)
        #expect(calibration.energy.energies.count == 120 && steps == Array(1 ... 4 * 2 * 4) && total == 4 * 2 * 4)
        let own = try crossed.energy.energies(of: data.selecting([odd]))[0]
        #expect(calibration.energy.energies.last! > own + 3, "\(calibration.energy.energies.suffix(3)), and \(own) once learned")
        #expect(try crossed.alerting(at: 0.05).calibration?.folds == 3 && crossed.calibrated(on: data, falseAlarmRate: 0.05).calibration?.folds == 0)
        options.calibrationShare = 0.25
        let apart = try EventWatchdog.fitted(to: data, options: options)
        #expect(apart.calibration?.folds == 0 && apart.training.folds == nil && apart.calibration?.energy.energies.count == 30 && apart.training.sessions == 90)
        options.calibrationShare = 0
        #expect(try EventWatchdog.fitted(to: data, options: options).calibration == nil)
    }

    /// A quarter is kept apart where it is plenty for the rate.
    @Test func plentifulSessions() {
        var options = SessionOptions()
        #expect(options.held(of: 39_996) == nil && options.held(of: 40_000) == 10_000)
        options.falseAlarmRate = 0.0001
        #expect(options.held(of: 40_000) == nil && options.held(of: 400_000) == 100_000)
        options.calibrationShare = 0.1
        #expect(options.held(of: 40) == 4)
    }

    /// The rate that cross-fitting finds holds on fresh sessions, within what chance allows both the calibration and the count.
    @Test func crossedRateHolds() throws {
        var options = SessionOptions(), alerts = 0
        (options.kind, options.history, options.hidden, options.epochs, options.falseAlarmRate) = (.workflow, 2, 6, 6, 0.05)
        for seed in 0 ..< 4 {
            options.seed = UInt64(seed)
            let crossed = try EventWatchdog.fitted(to: EventModelTests.sessions(300, key: Key(13).folding(seed)), options: options)
            alerts += try crossed.scores(of: EventModelTests.sessions(1_000, key: Key(14).folding(seed))).count(where: \.alert)
        }
        let rate = Double(alerts) / 4_000, error = (0.05 * 0.95 * (1.0 / 1_200 + 1.0 / 4_000)).squareRoot()
        #expect(abs(rate - 0.05) < 4 * error, "\(rate), where 0.05 is asked and chance allows \(error)")
    }

    /// Where most sessions have counts that another has they are a workflow.
    @Test func kinds() throws {
        func told(_ rows: [[Float]]) -> SessionEnergy.Kind { SessionEnergy.kind(levels: Matrix(rows)).kind }
        #expect(told([[1, 2], [1, 2], [3, 1], [2, 2]]) == .workflow && told([[1, 2], [1, 2], [3, 1], [2, 2], [4, 4]]) == .trace)
        // Ten of each of forty sorts: of a hundred nearly all have a twin. Two of each of two hundred: a hundred have few, though all four hundred do.
        func sorts(_ count: Int, times: Int) -> [[Float]] { (0 ..< count * times).map { [Float($0 % count % 20), Float($0 % count / 20)] } }
        #expect(told(sorts(40, times: 10)) == .workflow && told(sorts(200, times: 2)) == .trace)
        // Fewer than a hundred are counted as they are.
        #expect(SessionEnergy.kind(levels: Matrix([[1], [1], [2]])).choice.hasPrefix("of 3 sessions some 2 "))
    }

    /// The weights of the counts are those under which sessions are most probable given the others: any other are less so, and what never varies is dearer.
    @Test func countWeights() throws {
        let u = Key(15).uniforms(300), rows = (0 ..< 100).map { row -> [Float] in
            [1, u[3 * row] < 0.5 ? 1 : 2, row < 5 ? Float(row + 3) : 0, u[3 * row + 2] < 0.5 ? 4 : 5]
        }
        let patterns = Matrix(rows), levels = CountEnergy.levels, weights = CountKernel(patterns).mismatch(levels: levels, key: Key(1))
        // −ln p of every session given the others, and −ln of the density of every λ, √(λ (1 − λ)).
        func price(_ w: [Float]) throws -> Double {
            let memory = try MemoryEnergy(patterns: patterns, variables: [Variable](repeating: .categorical(levels), count: 4), precisions: [Float](repeating: 1, count: 100), mismatch: w)
            let constant = w.reduce(0.0) { $0 + log1p(Double(levels - 1) * exp(-Double($1))) }
            let prior = w.reduce(0.0) { sum, w in
                let odds = Double(levels - 1) * exp(-Double(w))
                return sum - 0.5 * (log(odds) - 2 * log1p(odds))
            }
            return try memory.energies(of: patterns, excluding: Array(0 ..< 100)).reduce(100 * constant + prior) { $0 + Double($1) }
        }
        let best = try price(weights)
        for column in 0 ..< 4 {
            for step: Float in [-0.5, 0.5] {
                var other = weights
                other[column] += step
                #expect(try price(other) > best, "\(step) in column \(column) of \(weights)")
            }
        }
        // Five sessions have a count of their own in the third column, in the first there is none.
        #expect(weights[0] > weights[2] + 1, "\(weights)")
    }
}
