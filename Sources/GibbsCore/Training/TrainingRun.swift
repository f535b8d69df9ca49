/// One pass over the training data: the model after it, and what was seen on the way.
public struct Epoch<Model: Sendable>: Sendable {
    /// Counted from 1.
    public var number: Int
    /// The model after this epoch; a value that later epochs do not change.
    public var model: Model
    /// Figures of this epoch by name, for instance `freeEnergyGap`; nats where they are energies.
    public var figures: [String: Double]
    /// Wall time of the epoch.
    public var seconds: Double
    /// Rows trained on in this epoch.
    public var rows: Int
    /// Why training ends after this epoch; `nil` while it goes on, and when the reader was the one who stopped.
    public var ending: Ending?

    /// How training ended: a result, never an error.
    public enum Ending: Sendable, Hashable {
        /// All epochs asked for are done.
        case finished
        /// A held-out figure stopped improving; the model is the best one seen.
        case stoppedEarly(reason: String)
        /// The numbers ran away; the model is the last good one.
        case diverged(reason: String)
    }

    /// An epoch with these parts; for trainers.
    public init(number: Int, model: Model, figures: [String: Double], seconds: Double, rows: Int, ending: Ending? = nil) {
        self.number = number
        self.model = model
        self.figures = figures
        self.seconds = seconds
        self.rows = rows
        self.ending = ending
    }
}

/// Training as a sequence of epochs, each with a model of its own; work happens as the sequence is read.
///
///     for try await epoch in rbm.training(on: data, by: .init(), key: Key(1)) { rbm = epoch.model }
///
/// Reading it twice trains twice, with the same bits. Cancelling the task ends the sequence by `CancellationError`, so the
/// last epoch received is the last good model.
public struct TrainingRun<Model: Sendable>: AsyncSequence, Sendable {
    public typealias Element = Epoch<Model>
    /// Trains one more epoch; `nil` when there is none.
    public typealias Step = () throws -> Epoch<Model>?

    private let start: @Sendable () throws -> Step

    /// A run whose state `start` makes afresh for every reader.
    public init(start: @escaping @Sendable () throws -> Step) { self.start = start }

    public func makeAsyncIterator() -> Iterator { Iterator(start: start) }

    public struct Iterator: AsyncIteratorProtocol {
        let start: @Sendable () throws -> Step
        var step: Step?

        init(start: @escaping @Sendable () throws -> Step) { self.start = start }

        public mutating func next() async throws -> Epoch<Model>? {
            try Task.checkCancellation()
            if step == nil { step = try start() }
            return try step!()
        }
    }

    /// Trains to the end, or until `goOn` says no, and returns the last epoch. Blocks the calling thread.
    ///
    /// - Parameter goOn: Sees every epoch; false ends training with that epoch's model.
    /// - Returns: The epoch last trained, whose `ending` says why; ending by divergence or early is no error.
    /// - Throws: What training or `goOn` throws. Traps when the run has no epoch at all.
    public func finish(while goOn: (Epoch<Model>) throws -> Bool = { _ in true }) throws -> Epoch<Model> {
        let step = try start()
        var last: Epoch<Model>?
        while let epoch = try step() {
            last = epoch
            if try !goOn(epoch) { break }
        }
        return last!
    }
}
