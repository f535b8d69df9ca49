import Foundation
import GibbsCore
import GibbsEvents
import GibbsMachines
import GibbsNumerics
import GibbsTestSupport

/// Looks into a model of frames: its machine, its calibration, and whether what it says of columns and of ln Z comes out on this machine.
public struct FrameExamination: Sendable {
    /// Frames drawn where none are given, columns by themselves.
    public static let ownFrames = 400
    /// Frames and columns on which sums are checked.
    public static let checkedFrames = 6, checkedColumns = 24
    /// Hidden units whose states are summed over.
    public static let summedUnits = 8
    /// Frames that hidden units are looked at on, at most.
    public static let frames = 5_000

    private let model: FrameModel
    private let sequences: FrameSequences?
    private let key: Key

    /// An examination of a model.
    ///
    /// - Parameters:
    ///   - sequences: Normal frames of the model's columns; without them the energy gap stays unknown.
    ///   - key: Draws frames, picks those that are checked, and feeds annealing.
    public init(of model: FrameModel, sequences: FrameSequences? = nil, key: Key) { (self.model, self.sequences, self.key) = (model, sequences, key) }

    /// Everything there is to say.
    ///
    /// - Throws: `GibbsError` with code `.shapeMismatch` or `.unsuitableData` for frames of other columns.
    /// - Complexity: The energies of the frames, and some thousand sums over a hidden layer.
    public func findings() throws -> [Finding] {
        let looked = try sequences ?? drawn()
        return [calibration, EventExamination.weights(of: model.conditional, "weights"), try dead(on: looked)] + (try sums(on: looked)) + (try scores())
    }

    private var calibration: Finding {
        guard let calibration = model.calibration else { return Finding("calibration", "none, so that no frame raises an alert", .unknown(need: "run gibbs calibrate with normal frames")) }
        return ScoreExamination.variety(calibration.energies, of: "calibration")
    }

    /// One piece of frames whose columns are independent, at their own rates, means and deviations.
    private func drawn() throws -> FrameSequences {
        let columns = model.columns, count = Self.ownFrames * columns.count, chances = key.folding(0).uniforms(count), normals = key.folding(1).normals(count)
        let values = (0 ..< count).map { place -> Float in
            let column = columns[place % columns.count]
            return column.isBinary ? (Double(chances[place]) < column.mean ? 1 : 0) : Float(column.mean + column.deviation * Double(normals[place]))
        }
        return try FrameSequences(columns: columns.map(\.name), frames: Matrix(rows: Self.ownFrames, columns: columns.count, values: values))
    }

    /// Frames in the machine's scale.
    private func standardised(_ sequences: FrameSequences, _ rows: [Int]) -> Matrix {
        var frames = sequences.frames.selecting(rows: rows)
        for (index, column) in model.columns.enumerated() where !column.isBinary {
            for row in 0 ..< frames.rows { frames[row, index] = Float((Double(frames[row, index]) - column.mean) / column.deviation) }
        }
        return frames
    }

    // MARK: - Machine

    /// Units that are the same in every frame: they add a constant.
    private func dead(on looked: FrameSequences) throws -> Finding {
        let rows = Array((0 ..< looked.frames.rows).prefix(Self.frames)), subject = "dead hidden units"
        guard rows.count >= MachineExamination.fewestRows else { return Finding(subject, "not looked at on \(rows.count) frames", .unknown(need: "give more frames")) }
        let means = try model.conditional.hiddenMeans(of: standardised(looked, rows), given: model.contexts(of: looked, rows: rows))
        let units = (0 ..< means.columns).filter { unit in
            let values = means.column(unit)
            return !(values.max()! - values.min()! >= MachineExamination.leastMove)
        }
        return Finding(subject, units.counted(of: means.columns), warnsIf: !units.isEmpty, advice: "they are the same in every frame and say nothing; fit with fewer hidden units, or longer")
    }

    // MARK: - Mathematics

    private func sums(on looked: FrameSequences) throws -> [Finding] {
        let rows = key.folding(2).choose(min(Self.checkedFrames, looked.frames.rows), of: looked.frames.rows).sorted(), contexts = try model.contexts(of: looked, rows: rows)
        let frames = standardised(looked, rows), width = model.columns.count, columns = key.folding(3).choose(min(Self.checkedColumns, width), of: width).sorted(), conditional = model.conditional
        let part = FrameChecks.part(of: conditional, hidden: Self.summedUnits)
        return [
            Finding(VerificationCheck("columns given the rest", against: "sums over their values", in: "nats") { _ in
                try FrameChecks.columns(conditional, frames: frames, contexts: contexts, columns: columns)
            }.run(key: key)),
            Finding(VerificationCheck("ln Z of \(part.machine.hiddenCount) hidden units", against: "plain sums", in: "nats") { _ in try FrameChecks.exact(part, contexts: contexts) }.run(key: key)),
            Finding(VerificationCheck("annealing both ways", against: "the exact ln Z", in: "standard errors") { try FrameChecks.annealed(part, contexts: contexts, key: $0) }.run(key: key.folding(4))),
        ]
    }

    // MARK: - Scores

    private func scores() throws -> [Finding] {
        guard let sequences else { return [Finding("energy gap", "not looked at", .unknown(need: "give normal frames with --data"))] }
        let energies = try model.energies(of: sequences), variety = ScoreExamination.variety(energies, of: "frames")
        guard let calibration = model.calibration, energies.allSatisfy(\.isFinite) else { return [variety] }
        // Frames of one piece are not independent, so that the count of alerts is not that of a promise kept or broken.
        return [variety, ScoreExamination.gap(energies, of: "these frames", expected: calibration.energies, of: "those of calibration",
                                              advice: "these frames are not like those it was calibrated on; calibrate or fit again if they are normal")]
    }
}
