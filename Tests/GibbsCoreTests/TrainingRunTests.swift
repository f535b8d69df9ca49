import GibbsCore
import GibbsNumerics
import Testing

/// Training as a sequence: read twice it trains twice, errors and cancellation end it.
@Suite struct TrainingRunTests {
    /// Five epochs whose model is their number.
    static let run = TrainingRun<Int> {
        var number = 0
        return {
            number += 1
            return number > 5 ? nil : Epoch(number: number, model: number, figures: [:], seconds: 0, rows: 1, ending: number == 5 ? .finished : nil)
        }
    }

    @Test func everyReaderStartsAfresh() async throws {
        for _ in 0 ..< 2 {
            var models = [Int]()
            for try await epoch in Self.run { models.append(epoch.model) }
            #expect(models == [1, 2, 3, 4, 5])
        }
        var reported = 0
        let last = try Self.run.finish { _ in
            reported += 1
            return true
        }
        #expect(last.model == 5 && last.ending == .finished && reported == 5)
    }

    @Test func readersMayStop() throws {
        #expect(try Self.run.finish { $0.model < 3 }.model == 3)
        #expect(throws: GibbsError.self) { try Self.run.finish { _ in throw GibbsError(.usage, "stop") } }
    }

    @Test func errorsReachTheReader() async {
        let run = TrainingRun<Int> { throw GibbsError(.usage, "no") }
        await #expect(throws: GibbsError.self) { for try await _ in run {} }
        #expect(throws: GibbsError.self) { try run.finish() }
    }

    @Test func cancellationEndsTheSequence() async throws {
        let long = TrainingRun<Int> {
            var number = 0
            return {
                number += 1
                return number > 1000 ? nil : Epoch(number: number, model: number, figures: [:], seconds: 0, rows: 1)
            }
        }
        let task = Task {
            var last = 0
            do {
                for try await epoch in long {
                    last = epoch.model
                    if last == 10 { withUnsafeCurrentTask { $0?.cancel() } }
                }
            } catch is CancellationError { return last }
            return -1
        }
        #expect(try await task.value == 10)
    }
}
