import Foundation
import GibbsCore
import GibbsMachines
import GibbsNumerics

/// What the next frame looks like, given the N before it: a conditional machine over the columns of a frame, beside the same frames without
/// a history and its columns alone.
///
///     E(v, h | u) = E_RBM(v, h) with the biases  b + A u  and  c + B u,   u = the frames t−1, …, t−N of the same piece
///     energy(v | u) = −Σᵢ ln p(vᵢ | the frame's other columns, u)
///
/// The energy of a frame is its pseudo-likelihood, which is exact and costs no sampling, and a sum over columns: what each value costs,
/// knowing all others and the history. ln p(v | u) itself needs ln Z of every frame's own machine; see `likelihood(of:by:key:)`.
/// Real columns are standardised; densities are in the data's own units. Before a piece begins there is no history, which adds nothing.
///
/// - Source: Taylor, Hinton, Roweis, *Modeling human motion using binary latent variables*, NIPS 2006.
public struct FrameModel: Sendable {
    /// What one column of a frame is.
    public struct Column: Sendable, Hashable, Codable {
        /// Its name.
        public var name: String
        /// Whether its values are 0 or 1.
        public var isBinary: Bool
        /// Its mean over the training frames; the share of ones, half a one added, for a binary column.
        public var mean: Double
        /// Its standard deviation, 1 for a binary column.
        public var deviation: Double
    }

    /// How a model came about; kept in its file.
    public struct Training: Sendable, Hashable, Codable {
        /// The digest of the frames' file, where they came from one.
        public var digest: String?
        /// Frames and pieces learned from.
        public var frames: Int, pieces: Int
        /// The epoch that was kept, and those trained.
        public var epoch: Int, epochs: Int
        /// The key's number.
        public var seed: UInt64
        /// The mean energy of a frame that was held out to choose the epoch, nats.
        public var validationEnergy: Double
    }

    /// The columns of a frame, in order.
    public let columns: [Column]
    /// N, the frames that are remembered.
    public let history: Int
    /// The machine under a history.
    public let conditional: ConditionalRBM
    /// The machine of single frames.
    public let plain: RBM
    /// What energies mean on held-out frames.
    public private(set) var calibration: Calibration?
    /// How the model came about.
    public let training: Training
    /// Columns of the table that it is not to see; files of frames may have them.
    public internal(set) var ignored: [String] = []

    init(columns: [Column], history: Int, conditional: ConditionalRBM, plain: RBM, calibration: Calibration?, training: Training) {
        (self.columns, self.history, self.conditional, self.plain, self.calibration, self.training) = (columns, history, conditional, plain, calibration, training)
    }

    /// This model with a calibration on the frames of `sequences`, which should be normal and not those it learned from.
    ///
    /// Frames of one piece are not independent, so that the rate holds on average over pieces like these, not for every piece.
    ///
    /// - Throws: As `energies(of:)` and `Calibration`.
    public func calibrated(on sequences: FrameSequences, falseAlarmRate: Double) throws -> FrameModel {
        calibrated(by: try Calibration(energies: energies(of: sequences), falseAlarmRate: falseAlarmRate))
    }

    func calibrated(by calibration: Calibration) -> FrameModel {
        var copy = self
        copy.calibration = calibration
        return copy
    }

    /// This model alerting at another rate.
    ///
    /// - Throws: `GibbsError` with code `.usage` without a calibration, or as `Calibration.with(falseAlarmRate:)`.
    public func alerting(at rate: Double) throws -> FrameModel {
        guard let calibration else { throw GibbsError(.usage, "the model is not calibrated", advice: "fit it with more frames") }
        var copy = self
        copy.calibration = try calibration.with(falseAlarmRate: rate)
        return copy
    }
}

extension FrameModel {
    /// What a frame costs, nats, by column; shape `[frames, columns.count]`. A row's sum is the frame's energy.
    ///
    /// - Throws: `GibbsError` with code `.shapeMismatch` for other columns, `.unsuitableData` for a value that is not 0 or 1 in a binary one.
    /// - Complexity: `frames × columns × hidden`, in parallel.
    public func surprises(of sequences: FrameSequences) throws -> Matrix {
        let frames = try standardised(sequences)
        var values = [Float]()
        values.reserveCapacity(frames.values.count)
        // In stretches, so that the contexts of a large file are not all held at once.
        for first in stride(from: 0, to: frames.rows, by: 8_192) {
            let rows = Array(first ..< min(frames.rows, first + 8_192))
            values += try conditional.pseudoSurprises(of: frames.selecting(rows: rows), given: Self.contexts(frames, rows, of: sequences.pieces, history: history)).values
        }
        let units = columns.map { Float(log($0.deviation)) }
        for place in values.indices { values[place] += units[place % columns.count] }
        return Matrix(rows: frames.rows, columns: columns.count, values: values)
    }

    /// The energy of every frame, nats; see the type. Higher is stranger.
    ///
    /// - Throws: As `surprises(of:)`.
    public func energies(of sequences: FrameSequences) throws -> [Float] {
        let found = try surprises(of: sequences)
        return (0 ..< found.rows).map { found.row($0).reduce(0, +) }
    }

    /// The frames in the machines' scale.
    ///
    /// - Throws: As `surprises(of:)`.
    func standardised(_ sequences: FrameSequences) throws -> Matrix {
        guard sequences.columns == columns.map(\.name) else {
            let other = zip(sequences.columns, columns.map(\.name)).first { $0 != $1 }
            throw GibbsError(.shapeMismatch, "\(sequences.columns.count) columns where the model has \(columns.count)" + (other.map { ", the first that differs '\($0.0)' instead of '\($0.1)'" } ?? ""),
                             advice: "give frames of the columns that the model was fitted to (gibbs inspect tells them)")
        }
        var result = sequences.frames
        for (index, column) in columns.enumerated() {
            for row in 0 ..< result.rows {
                let value = result[row, index]
                if column.isBinary, value != 0, value != 1 {
                    throw GibbsError(.unsuitableData, "the value \(value) in a column of zeros and ones", at: .init(line: sequences.lines[row], field: column.name), advice: "fit the model again if the column is a number")
                }
                result[row, index] = column.isBinary ? value : Float((Double(value) - column.mean) / column.deviation)
            }
        }
        return result
    }

    /// The histories of some frames in the machines' scale, shape `[rows.count, history × columns.count]`: the frame before, the one before
    /// it, …; `nan` before the piece begins.
    ///
    /// - Throws: As `surprises(of:)`.
    public func contexts(of sequences: FrameSequences, rows: [Int]) throws -> Matrix {
        try Self.contexts(standardised(sequences), rows, of: sequences.pieces, history: history)
    }

    /// The contexts of some frames: the frame before, the one before it, …; `nan` before the piece begins.
    static func contexts(_ frames: Matrix, _ rows: [Int], of pieces: [FrameSequences.Piece], history: Int) -> Matrix {
        var starts = [Int](repeating: 0, count: frames.rows)
        for piece in pieces { for row in piece.frames { starts[row] = piece.frames.lowerBound } }
        let width = frames.columns
        var result = Matrix(rows: rows.count, columns: width * history, repeating: .nan)
        for (index, row) in rows.enumerated() {
            for back in 1 ... history where row - back >= starts[row] {
                let at = (index * history + back - 1) * width
                for column in 0 ..< width { result.values[at + column] = frames[row - back, column] }
            }
        }
        return result
    }

    /// −ln p of every frame with its columns independent, nats.
    func independentSurprises(of sequences: FrameSequences) -> [Double] {
        (0 ..< sequences.frames.rows).map { row in
            columns.enumerated().reduce(0.0) { sum, pair in
                let (index, column) = pair, value = Double(sequences.frames[row, index]), d = (value - column.mean) / column.deviation
                return sum + (column.isBinary ? -log(value == 1 ? column.mean : 1 - column.mean) : d * d / 2 + log(column.deviation) + log(2 * .pi) / 2)
            }
        }
    }
}
