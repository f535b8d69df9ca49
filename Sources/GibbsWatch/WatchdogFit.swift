import Foundation
import GibbsCore
import GibbsData
import GibbsLandscapes
import GibbsMachines
import GibbsNumerics

/// How a watchdog is fitted.
public struct WatchdogOptions: Sendable {
    /// The energies to choose from; all are fitted without labels.
    public enum Model: String, Sendable, CaseIterable, Codable {
        /// A heavy-tailed memory, joined by a quadratic one where every field is a plain number.
        case auto
        /// A restricted Boltzmann machine over softmax groups and Gaussian units.
        case rbm
        /// One Gaussian with shrunk covariance.
        case gaussian
        /// A memory of the records with Gaussian kernels.
        case memory
        /// Independent columns: the plain baseline.
        case categorical
    }

    /// Which energy.
    public var model: Model
    /// Columns left out of the model.
    public var ignoring: Set<String>
    /// Columns of text that stay in although they look like dates, because somebody has said that they are names.
    public var keeping: Set<String> = []
    /// Columns of text that are read by what they mean: each becomes the few directions in which the vectors of its texts differ, see `TextScale`.
    public var embedding: Set<String> = []
    /// The encoder that reads them.
    public var textModel: TextModel?
    /// The column by which normal rows were picked, and its value that means normal: kept with the model, so that nobody
    /// calibrates on other rows unawares. The table of the fit holds normal rows only, with or without it.
    public var labelColumn: String?
    /// See `labelColumn`.
    public var normalValue: String?
    /// Share of the rows kept for calibration, 0 ..< 1, unseen by the fit; with 0 the watchdog is not calibrated.
    public var calibrationShare: Double
    /// α; `nil` takes 1 %, or the smallest rate that the calibration rows can promise when that is larger.
    public var falseAlarmRate: Double?
    /// All randomness comes from it.
    public var seed: UInt64
    /// Hidden units of the RBM; other models ignore it.
    public var hidden: Int
    /// Epochs of the RBM; other models ignore it.
    public var epochs: Int
    /// Records to fit at most; when there are more, this many are drawn at random. A memory keeps 20,000 of them at most.
    public var rowLimit: Int
    /// Whether a fit whose `report` asks to stop during RBM epochs goes on with the machine it has, instead of throwing.
    public var keepsLastOnInterrupt: Bool

    /// Options; each default suits a first try.
    public init(model: Model = .auto, ignoring: Set<String> = [], calibrationShare: Double = 0.25, falseAlarmRate: Double? = nil,
                seed: UInt64 = 1, hidden: Int = 64, epochs: Int = 20, rowLimit: Int = 100_000, keepsLastOnInterrupt: Bool = false) {
        self.model = model
        self.ignoring = ignoring
        self.calibrationShare = calibrationShare
        self.falseAlarmRate = falseAlarmRate
        self.seed = seed
        self.hidden = hidden
        self.epochs = epochs
        self.rowLimit = rowLimit
        self.keepsLastOnInterrupt = keepsLastOnInterrupt
    }
}

extension Watchdog {
    /// What happens during a fit, for a progress display.
    public enum Progress: Sendable {
        /// What is being done now, in words.
        case stage(String)
        /// An epoch of `of`, in a training that began at `since`.
        case epoch(Epoch<RBM>, of: Int, since: Date)
    }

    /// Learns normal records and calibrates on a share of them that the fit has not seen.
    ///
    /// - Parameters:
    ///   - table: Normal records only; a label column must be dropped or named in `options.ignoring`.
    ///   - options: Model, shares and limits; the key is made from its `seed`.
    ///   - report: Sees the stages of the work; what it throws ends the fit, except as `keepsLastOnInterrupt` says.
    /// - Throws: `GibbsError` with code `.unsuitableData` for fewer than four rows or no usable field, or when the rows left for
    ///   calibration are too few for the rate asked for; `.usage` for a share or rate outside its range; what `report` throws.
    /// - Complexity: Bounded by `rowLimit` rows whatever the table's size; a 25,000 × 41 table takes seconds.
    public static func fitted(to table: Table, options: WatchdogOptions = .init(), report: (Progress) throws -> Void = { _ in }) throws -> Watchdog {
        let key = Key(options.seed)
        guard (0 ..< 1).contains(options.calibrationShare) else {
            throw GibbsError(.usage, "a calibration share of \(options.calibrationShare)", advice: "give a share from 0 up to 1")
        }
        for (name, count) in [("hidden units", options.hidden), ("records in memory", options.rowLimit)] where count < 1 {
            throw GibbsError(.usage, "\(count) \(name)", advice: "give a positive number")
        }
        guard table.rowCount >= 4 else {
            throw GibbsError(.unsuitableData, "\(table.rowCount) normal record\(table.rowCount == 1 ? "" : "s") cannot teach what is normal",
                             advice: "give at least 4, better some hundred")
        }
        let held = min(table.rowCount - 2, Int((options.calibrationShare * Double(table.rowCount)).rounded()))
        let rate = try promisedRate(options.falseAlarmRate, rows: held)
        let calibrationRows = heldRows(held, of: table.rowCount, key: key.folding(0)), isHeld = Set(calibrationRows)
        let fitRows = (0 ..< table.rowCount).filter { !isHeld.contains($0) }
        try report(.stage("reading the fields of \(fitRows.count) records"))
        let fitTable = table.selecting(rows: fitRows)
        let encoder = try encoder(fitting: fitTable, counters: RecordEncoder.rowCounters(of: table), options: options, key: key.folding(7), report: report)
        let chosen = fitTable.rowCount > options.rowLimit ? fitTable.selecting(rows: key.folding(1).choose(options.rowLimit, of: fitTable.rowCount)) : fitTable
        let data = try encoder.encode(chosen, texts: options.textModel), fields = encoder.columns
        let presence = PresenceEnergy(fitting: data, variables: encoder.variables, following: Set(fields.flatMap { $0.dropFirst() })), known = presence.knownValues(of: data)
        let (energy, choice) = try pool(HotDeck.filled(known, fields: fields, key: key.folding(2)), encoder: encoder, options: options,
                                        key: key.folding(3), report: report)
        try report(.stage("calibrating on \(held) records"))
        var calibration: Calibration?
        let heldData = try encoder.encode(table.selecting(rows: calibrationRows), texts: options.textModel), heldKnown = presence.knownValues(of: heldData)
        if let rate {
            let energies = zip(try energy.energies(of: heldKnown), presence.energies(of: heldData)).map { $0 + $1 }
            calibration = try Calibration(energies: energies, falseAlarmRate: rate)
        }
        let sample = known.selecting(rows: key.folding(4).choose(300, of: data.rows))
        let baseline = try ExpertRecipes(variables: encoder.variables, probabilities: [], key: key).independent(HotDeck.filled(known, fields: fields, key: key.folding(2)))
        var watchdog = Watchdog(
            encoder: encoder, energy: energy, presence: presence, baseline: PooledEnergy(variables: encoder.variables, experts: [baseline]), calibration: calibration,
            reference: try ordinary(HotDeck.filled(sample, fields: fields, key: key.folding(5)), energy),
            // From records that the fit has not seen, because a memory finds every record it holds ordinary.
            usualSurprise: try usual(held == 0 ? sample : heldKnown.selecting(rows: key.folding(6).choose(500, of: held)), energy, fields),
            candidates: try candidates(known, encoder, options.textModel),
            training: TrainingRecord(digest: table.digest, rows: data.rows, calibrationRows: held, seed: options.seed,
                                     model: options.model.rawValue, choice: choice, temperature: 1,
                                     epochs: options.model == .rbm ? options.epochs : 1,
                                     labelColumn: options.labelColumn, normalValue: options.normalValue))
        watchdog.textModel = encoder.textModel == nil ? nil : options.textModel
        return watchdog
    }

    /// What each column holds, and where the texts lie that are read by embedding.
    private static func encoder(fitting table: Table, counters: Set<String>, options: WatchdogOptions, key: Key, report: (Progress) throws -> Void) throws -> RecordEncoder {
        var scales = [String: TextScale]()
        for (index, name) in options.embedding.subtracting(options.ignoring).sorted().enumerated() {
            guard let texts = options.textModel else {
                throw GibbsError(.usage, "the column is to be read by embedding, and there is no text encoder", at: .init(field: name), advice: "give WatchdogOptions.textModel")
            }
            let column = try table.column(name)
            try report(.stage("reading the texts of '\(name)'"))
            var counts = [String: Int](), order = [String]()
            for text in (0 ..< column.count).compactMap(column.text) {
                if counts[text] == nil { order.append(text) }
                counts[text, default: 0] += 1
            }
            do { scales[name] = try TextScale(fitting: order, counts: order.map { counts[$0] ?? 0 }, model: texts, key: key.folding(index)) } catch let error as GibbsError {
                throw error.located(at: .init(field: name))
            }
        }
        return try RecordEncoder.fitted(to: table, ignoring: options.ignoring, keeping: options.keeping, counters: counters, texts: scales)
    }

    /// The rows kept for calibration: whole stretches of the table, chosen at random, instead of single rows.
    ///
    /// Neighbouring rows of a log often belong to one session or burst. Split singly, some of a burst would be learned and the
    /// rest calibrate, and tomorrow's bursts, of which nothing was learned, would alert far more often than promised.
    private static func heldRows(_ count: Int, of rows: Int, key: Key) -> [Int] {
        let stretches = min(rows, 40)
        var held = [Int]()
        for stretch in key.permutation(stretches) where held.count < count {
            let range = rows * stretch / stretches ..< rows * (stretch + 1) / stretches
            held += range.prefix(count - held.count)
        }
        return held.sorted()
    }

    /// The rate asked for, or the default that the rows can promise; `nil` when there are none to calibrate on.
    private static func promisedRate(_ asked: Double?, rows: Int) throws -> Double? {
        if let asked {
            _ = try Calibration(energies: [Float](repeating: 0, count: rows), falseAlarmRate: asked)
            return asked
        }
        return rows == 0 ? nil : max(0.01, 1 / Double(rows + 1))
    }

    private static func pool(_ data: Matrix, encoder: RecordEncoder, options: WatchdogOptions, key: Key,
                             report: (Progress) throws -> Void) throws -> (PooledEnergy, String) {
        let variables = encoder.variables
        let probabilities = encoder.usedFields.flatMap { field -> [[Float]] in
            if case .category(let vocabulary) = field.encoding { [vocabulary.probabilities.map(Float.init)] } else { field.variables.map { _ in [] } }
        }
        let recipes = ExpertRecipes(variables: variables, probabilities: probabilities, key: key)
        func stage(_ text: String) throws { try report(.stage(text)) }
        var experts = [Expert]()
        let choice: String
        switch options.model {
        case .auto:
            try stage("remembering records")
            experts.append(try recipes.heavyTailedMemory(data))
            choice = try auto(encoder, recipes, data, &experts)
        case .memory:
            try stage("remembering records")
            experts.append(try recipes.memory(data))
            choice = "a quadratic memory, as asked"
        case .gaussian:
            try stage("fitting a Gaussian")
            experts.append(try recipes.gaussian(data))
            choice = "one Gaussian, as asked"
        case .categorical:
            try stage("counting categories and bins")
            experts.append(try recipes.independent(data))
            choice = "independent columns, as asked"
        case .rbm:
            let start = Date()
            experts.append(try recipes.machine(data, hidden: options.hidden, epochs: options.epochs) { epoch in
                do { try report(.epoch(epoch, of: options.epochs, since: start)) } catch is CancellationError where options.keepsLastOnInterrupt { return false }
                return true
            })
            choice = "a restricted Boltzmann machine with \(options.hidden) hidden units, as asked"
        }
        return (PooledEnergy(variables: variables, experts: experts), choice)
    }

    /// The label-free default: a heavy-tailed memory, joined by a quadratic one where every field is a plain number or a text read by embedding.
    ///
    /// Quadratic distances add evidence when all columns are measured on comparable scales; a category or a count over
    /// several orders of magnitude breaks that, and its one large term would drown the rest.
    private static func auto(_ encoder: RecordEncoder, _ recipes: ExpertRecipes, _ data: Matrix, _ experts: inout [Expert]) throws -> String {
        let uneven = encoder.usedFields.filter { field in
            switch field.encoding {
            case .number(let scale): scale.transform == .signedLog
            case .text: false
            case .category, .ignored: true
            }
        }
        if let first = uneven.first {
            return "a heavy-tailed memory, because \(uneven.count) of \(encoder.usedFields.count) fields are categories or span orders of magnitude (such as '\(first.name)')"
        }
        experts.append(try recipes.memory(data))
        let why = encoder.textModel == nil ? "all \(encoder.usedFields.count) fields are plain numbers" : "every field is a text read by embedding or a plain number"
        return "a heavy-tailed and a quadratic memory, because \(why); both weighted to the same spread on held-out normal records"
    }

    /// The record of lowest energy.
    private static func ordinary(_ sample: Matrix, _ energy: PooledEnergy) throws -> Matrix {
        let energies = try energy.energies(of: sample)
        return sample.selecting(rows: [energies.indices.min { energies[$0] < energies[$1] }!])
    }

    /// The mean conditional surprise of each field over the sample's present values.
    private static func usual(_ sample: Matrix, _ energy: PooledEnergy, _ fields: [Range<Int>]) throws -> [Float] {
        let surprises = try Explainer.surprises(sample, under: energy, fields: fields)
        return fields.enumerated().map { j, columns in
            let present = (0 ..< sample.rows).filter { !sample[$0, columns.lowerBound].isNaN }.map { surprises[$0, j] }
            return present.isEmpty ? 0 : Float(Statistics.mean(present))
        }
    }

    /// Thirty-three quantiles of a number, the fifty most frequent names of a category, or the examples of a text.
    private static func candidates(_ data: Matrix, _ encoder: RecordEncoder, _ texts: TextModel?) throws -> [[Float]] {
        try zip(encoder.usedFields, encoder.columns).flatMap { field, columns -> [[Float]] in
            switch field.encoding {
            case .category(let vocabulary): return [(0 ..< min(50, max(1, vocabulary.names.count))).map(Float.init)]
            case .text(let scale):
                let codes = scale.encode(try encoder.checked(texts, field: field.name).vectors(of: scale.examples))
                return (0 ..< scale.columns).map(codes.column)
            case .number, .ignored:
                let sorted = data.column(columns.lowerBound).filter { !$0.isNaN }.sorted()
                return [sorted.isEmpty ? [0] : Array(Set((0 ... 32).map { sorted[$0 * (sorted.count - 1) / 32] })).sorted()]
            }
        }
    }
}
