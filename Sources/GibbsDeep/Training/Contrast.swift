import GibbsNumerics

/// The contrastive terms of a loss, with the chains that they need: what contrastive and joint training share.
struct Contrast {
    /// E of rows `[n] + input`, each under its class; classes are empty where there are none. Shape `[n]`.
    typealias RowEnergy = @Sendable (Network, Tensor, [Int]) throws -> Tensor

    /// The chains of a step, and the weights that they went by.
    struct Step {
        let network: Network, advance: ReplayBuffer.Advance
        /// Chains that stand still, for the improved term.
        let others: Matrix
    }

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
    mutating func advance(_ count: Int, of network: Network, key: Key) throws -> Step {
        let (energy, input, device) = (energy, input, device)
        let advance = try buffer.advance(count, key: key) { classes in
            var target = WrittenEnergy(input: input) { try energy(network, $0, classes) }
            // Classes stand for rows, so that the rows stay together.
            (target.device, target.rowsAtOnce) = (device, max(1, count))
            return target
        }
        return Step(network: network, advance: advance, others: method.improved.map { buffer.others($0.others, besides: advance.slots, key: key.folding(4)) } ?? Matrix(rows: 0, columns: 0))
    }

    /// ⟨E(x⁺)⟩ − ⟨E(x⁻)⟩ + α (⟨E(x⁺)²⟩ + ⟨E(x⁻)²⟩), the improved term where it is asked for, and their figures.
    func loss(_ network: Network, _ positives: Tensor, classes: [Int], _ step: Step, _ figures: inout [String: Double]) throws -> Tensor {
        let chains = step.advance, n = positives.shape[0], m = chains.positions.rows
        let energies = try energy(network, .concatenating([positives, tensor(chains.positions)], along: 0), classes + chains.classes)
        let data = try energies.slice(0 ..< n), ends = try energies.slice(n ..< n + m)
        let (low, high) = try (data.mean(), ends.mean()), (dataEnergy, chainEnergy) = try (low.number(), high.number())
        figures.merge(["dataEnergy": dataEnergy, "chainEnergy": chainEnergy, "energyGap": chainEnergy - dataEnergy]) { $1 }
        let loss = try low - high + method.regularisation * (data.squared().mean() + ends.squared().mean())
        guard let improved = method.improved else { return loss }
        return try loss + improved.weight * omitted(improved, network, step, &figures)
    }

    /// ⟨E(x_K(θ))⟩ − λ ⟨ln of the distance to the nearest other chain⟩.
    private func omitted(_ improved: ImprovedContrast, _ network: Network, _ step: Step, _ figures: inout [String: Double]) throws -> Tensor {
        let chains = step.advance, start = try tensor(chains.before)
        let last = LastLangevinStep(from: start, noise: try Tensor(normal: chains.lastKey, shape: start.shape, on: device), by: method.chains)
        let positions = try last.positions { try energy(network, $0, chains.classes) }, low = try energy(step.network, positions, chains.classes).mean()
        guard step.others.rows > 0 else {
            throw GibbsError(.usage, "no other chains to tell the entropy by", advice: "give a buffer of more chains than a batch has, here \(method.chains.capacity) for \(start.shape[0])")
        }
        let distance = try LastLangevinStep.logNearestDistance(of: positions, to: step.others)
        figures["logNearestDistance"] = try distance.number()
        return try low - (improved.entropyWeight ?? Double(method.chains.temperature) * Double(step.others.columns)) * distance
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
