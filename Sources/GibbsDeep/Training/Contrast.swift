import GibbsNumerics

/// The contrastive terms of a loss, with the chains that they need: what contrastive and joint training share.
struct Contrast {
    /// E of rows `[n] + input`, each under its class; classes are empty where there are none. Shape `[n]`.
    typealias RowEnergy = @Sendable (Network, Tensor, [Int]) throws -> Tensor

    private let method: ContrastiveTraining, device: Device, input: [Int], energy: RowEnergy
    private var buffer: ReplayBuffer

    /// Chains from noise; consumes `key`.
    init(_ method: ContrastiveTraining, data: Matrix, labels: [Int] = [], device: Device, input: [Int], key: Key, energy: @escaping RowEnergy) throws {
        try method.check()
        try device.require()
        (self.method, self.device, self.input, self.energy) = (method, device, input, energy)
        buffer = ReplayBuffer(method.chains, data: data, labels: labels, key: key)
    }

    /// Moves some chains down the energies of a network whose weights are constants; consumes `key`.
    mutating func advance(_ count: Int, of network: Network, key: Key) throws -> ReplayBuffer.Advance {
        let (energy, input, device) = (energy, input, device)
        return try buffer.advance(count, key: key) { classes in
            var target = WrittenEnergy(input: input) { try energy(network, $0, classes) }
            // Classes stand for rows, so that the rows stay together.
            (target.device, target.rowsAtOnce) = (device, max(1, count))
            return target
        }
    }

    /// ⟨E(x⁺)⟩ − ⟨E(x⁻)⟩ + α (⟨E(x⁺)²⟩ + ⟨E(x⁻)²⟩), and its figures.
    func loss(_ network: Network, _ positives: Tensor, classes: [Int], _ chains: ReplayBuffer.Advance, _ figures: inout [String: Double]) throws -> Tensor {
        let n = positives.shape[0], m = chains.positions.rows
        let energies = try energy(network, .concatenating([positives, tensor(chains.positions)], along: 0), classes + chains.classes)
        let data = try energies.slice(0 ..< n), ends = try energies.slice(n ..< n + m)
        let (low, high) = try (data.mean(), ends.mean()), (dataEnergy, chainEnergy) = try (low.number(), high.number())
        figures.merge(["dataEnergy": dataEnergy, "chainEnergy": chainEnergy, "energyGap": chainEnergy - dataEnergy]) { $1 }
        return try low - high + method.regularisation * (data.squared().mean() + ends.squared().mean())
    }

    /// Data with the method's noise, as a tensor; consumes `key`.
    func noisy(_ rows: Matrix, key: Key) throws -> Tensor {
        if method.dataNoise == 0 { return try tensor(rows) }
        var result = rows
        result.add(Matrix(rows: rows.rows, columns: rows.columns, values: key.normals(rows.values.count)), times: method.dataNoise)
        if let range = method.chains.range { result.values = result.values.map { min(max($0, range.lowerBound), range.upperBound) } }
        return try tensor(result)
    }

    private func tensor(_ rows: Matrix) throws -> Tensor {
        let x = try Tensor(rows, row: input)
        return device == .processor ? x : try x.moved(to: device)
    }
}
