import GibbsNumerics

/// The states of a batch of chains as a lazy sequence: nothing is computed before it is asked for, and it never ends by itself.
///
///     for draw in try kernel.chain(from: .noise(chains: 4), key: Key(1)).prefix(100) { … }
///
/// Reading it twice gives the same bits. Where a step throws, the sequence ends and `failure` of the iterator says why; a target
/// that took the start takes what the kernel makes of it, so that this does not happen with the energies of this package.
public struct Chain<Kernel: TransitionKernel>: Sequence, Sendable {
    /// One step of all chains.
    public struct Draw: Sendable {
        /// Counted from 1.
        public let number: Int
        /// The kernel's state after the step; `positions` are its `positions`.
        public let state: Kernel.State
        /// What happened in the step.
        public let report: StepReport
        /// Where the chains are; shape `[chains, features]`.
        public var positions: Matrix { state.positions }
    }

    let kernel: Kernel
    let start: Kernel.State
    let key: Key

    /// Walks the chains from their start.
    public func makeIterator() -> Iterator { Iterator(kernel: kernel, state: start, key: key) }

    /// Walks the chains.
    public struct Iterator: IteratorProtocol {
        let kernel: Kernel
        var state: Kernel.State
        let key: Key
        var number = 0
        /// Why the sequence ended; `nil` while it goes on.
        public private(set) var failure: (any Error)?

        init(kernel: Kernel, state: Kernel.State, key: Key) {
            self.kernel = kernel
            self.state = state
            self.key = key
        }

        /// The next step; `nil` after a failure.
        public mutating func next() -> Draw? {
            if failure != nil { return nil }
            do {
                let report: StepReport
                (state, report) = try kernel.step(state, key: key.folding(number))
                number += 1
                return Draw(number: number, state: state, report: report)
            } catch {
                failure = error
                return nil
            }
        }
    }
}

extension TransitionKernel {
    /// The chains that begin at these positions.
    ///
    /// - Throws: As `start(at:)`.
    public func chain(from positions: Matrix, key: Key) throws -> Chain<Self> {
        Chain(kernel: self, start: try start(at: positions), key: key)
    }

    /// The chains that begin as `start` says; consumes `key`.
    ///
    /// - Throws: As `start(at:)`, and `GibbsError` with code `.usage` for no chains.
    public func chain(from start: ChainStart, key: Key) throws -> Chain<Self> {
        try chain(from: start.positions(for: target.variables, key: key.folding(-2)), key: key)
    }
}
