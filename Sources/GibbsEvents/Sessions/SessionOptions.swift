import GibbsCore
import GibbsMachines
import GibbsNumerics

/// Settings of a fit on sessions.
public struct SessionOptions: Sendable, Hashable {
    /// Which energy sessions have; chosen by the sessions where `nil`.
    public var kind: SessionEnergy.Kind?
    /// N, the events remembered.
    public var history = 5
    /// Hidden units a field.
    public var hidden = 64
    /// Passes over the events; `nil` for 20, or as many more as make some 2,000 steps where the events are few.
    public var epochs: Int?
    /// Share of the sessions kept from the fit and for calibration alone, 0 for no calibration; `nil` for cross-fitting, or for a quarter where that
    /// is `plentiful`. See `SessionCalibration` for what each promises.
    public var calibrationShare: Double?
    /// K, the parts of cross-fitting.
    public var folds = 5
    /// Share of normal sessions that may raise an alert; 1 % unless told, or what few sessions bear.
    public var falseAlarmRate: Double?
    /// Number from which all randomness is derived.
    public var seed: UInt64 = 1
    /// The member that told normal sessions from others, and its value; kept in the training record.
    public var labelColumn: String?, normalValue: String?

    /// Calibration sessions above the threshold at 0.1 % that make it steady: the rate that holds scatters by a third about what is asked.
    private static let above = 10.0

    /// The defaults.
    public init() {}

    func check() throws {
        guard 1 ... EventModel.historyLimit ~= history, hidden > 0, epochs ?? 1 > 0 else {
            throw GibbsError(.usage, "a history of \(history) events, \(hidden) hidden units and \(epochs ?? 1) epochs",
                             advice: "give positive numbers, and a history up to \(EventModel.historyLimit)")
        }
        guard 0 ..< 1 ~= calibrationShare ?? 0 else {
            throw GibbsError(.usage, "a calibration share of \(calibrationShare!)", advice: "give a share from 0, below 1")
        }
        guard 2 ... 100 ~= folds else {
            throw GibbsError(.usage, "cross-fitting in \(folds) parts", advice: "give 2 to 100 parts, such as 5")
        }
    }

    /// The sessions kept for calibration, of so many; `nil` for cross-fitting.
    package func held(of sessions: Int) -> Int? {
        if let calibrationShare { return Int((calibrationShare * Double(sessions)).rounded()) }
        let quarter = sessions / 4
        return Double(quarter) * min(0.001, falseAlarmRate ?? 0.001) >= Self.above ? quarter : nil
    }
}

/// Where a fit on sessions stands: an epoch of one field's machine, in one of the fits.
public struct SessionFitStep: Sendable {
    /// The fit, from 0, of how many: those of cross-fitting first, the one that is kept last.
    public var fit: Int, fits: Int
    /// The field, of how many.
    public var field: Int, fields: Int
    /// The epoch, of how many.
    public var epoch: Epoch<ConditionalRBM>, epochs: Int

    /// Epochs done of all machines of all fits.
    public var done: Int { (fit * fields + field) * epochs + epoch.number }
    /// Epochs of all machines of all fits.
    public var total: Int { fits * fields * epochs }
}
