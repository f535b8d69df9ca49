import GibbsNumerics

/// What of a calibration stands in metadata; its energies are a tensor.
private struct StoredRate: Codable { var falseAlarmRate: Double }

extension Archive {
    private static let rateKey = "gibbs.calibration", energiesKey = "calibration"

    /// The calibration in the archive, of the entry `gibbs.calibration` and the tensor `calibration`; `nil` where there is none.
    ///
    /// - Throws: `GibbsError` with code `.unsuitableModel`, or as `Calibration`.
    package func calibration() throws -> Calibration? {
        try falseAlarmRate().map { try Calibration(energies: vector(Self.energiesKey), falseAlarmRate: $0) }
    }

    /// Takes in a calibration, or none.
    package mutating func store(_ calibration: Calibration?) {
        guard let calibration else { return }
        store(falseAlarmRate: calibration.falseAlarmRate)
        tensors[Self.energiesKey] = .init(calibration.energies)
    }

    /// The rate of a calibration whose energies stand elsewhere.
    ///
    /// - Throws: `GibbsError` with code `.unsuitableModel`.
    package func falseAlarmRate() throws -> Double? {
        try metadata[Self.rateKey].map { try JSON.decode(StoredRate.self, from: $0, name: Self.rateKey).falseAlarmRate }
    }

    /// Takes in that rate.
    package mutating func store(falseAlarmRate: Double) { metadata[Self.rateKey] = JSON.encode(StoredRate(falseAlarmRate: falseAlarmRate)) }
}
