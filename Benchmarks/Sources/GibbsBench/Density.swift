import Foundation
import Gibbs

/// Test log-likelihood of binary machines on the density sets and on MNIST, with ln Z bracketed by annealing both ways.
///
/// The epoch is chosen on the validation rows; the test rows are looked at once, at the end.
enum Density {
    struct Recipe {
        var hidden = 200, chains = 500, steps = 1, temperatures = 0, epochs = 200, batch = 100
        var centring = ContrastiveDivergence.Centring.enhanced, draws = true
        var momentum: Float = -1, startsAtData = false
        var rate: Float = 0.002, decay: Float = 1e-4, average: Float = 0.002, every = 20

        init(_ option: (String, String) -> String) {
            func int(_ name: String, _ fallback: Int) -> Int { Int(option(name, "\(fallback)"))! }
            func float(_ name: String, _ fallback: Float) -> Float { Float(option(name, "\(fallback)"))! }
            hidden = int("--hidden", hidden)
            chains = int("--chains", chains)
            steps = int("--steps", steps)
            temperatures = int("--temperatures", temperatures)
            epochs = int("--epochs", epochs)
            batch = int("--batch", batch)
            rate = float("--rate", rate)
            momentum = float("--momentum", momentum)
            startsAtData = option("--start", "chains") == "data"
            decay = float("--decay", decay)
            average = float("--average", average)
            every = int("--every", every)
            centring = option("--centring", "enhanced") == "none" ? .none : option("--centring", "enhanced") == "data" ? .dataMeans : .enhanced
            draws = option("--draws", "yes") == "yes"
        }

        var method: ContrastiveDivergence {
            let kind: ContrastiveDivergence.Chains = temperatures > 1 ? .tempered(count: chains, steps: steps, temperatures: temperatures)
                : startsAtData ? .data(steps: steps) : .persistent(count: chains, steps: steps)
            return ContrastiveDivergence(chains: kind, centring: centring, optimiser: momentum >= 0 ? .momentum(rate: rate, momentum: momentum) : .adam(rate: rate), weightDecay: decay, batchSize: batch,
                                         epochs: epochs, finalRateShare: 0.02, drawsProbabilities: draws, averagingShare: average)
        }
    }

    struct Split {
        let train: Matrix, valid: Matrix, test: Matrix
        var variables: [Variable]

        init(train: Matrix, valid: Matrix, test: Matrix) {
            (self.train, self.valid, self.test) = (train, valid, test)
            variables = Array(repeating: .binary, count: train.columns)
        }

        /// Columns that the training rows show to be indicators of one category become that category. Rows that do not fit have no
        /// probability then, so the sets must have none.
        init(grouping split: Split) throws {
            let groups = try IndicatorGroups.found(in: split.train)
            let parts = [split.train, split.valid, split.test].map { groups.encoded($0) }
            guard parts.allSatisfy({ $0.fits.allSatisfy { $0 } }) else { self = split; return }
            (train, valid, test, variables) = (parts[0].rows, parts[1].rows, parts[2].rows, groups.variables)
        }
    }

    static func run(_ name: String, folder: String, recipe: Recipe, key: UInt64) throws {
        let split = try name == "mnist" ? mnist(folder) : Split(grouping: binary(name, folder))
        let machine = try RBM(visible: split.variables, hidden: recipe.hidden, key: Key(key)).withBiases(from: split.train)
        var best: (valid: Double, epoch: Int, machine: RBM)?, trained = 0.0
        _ = try machine.training(on: split.train, by: recipe.method, key: Key(key).folding(1)).finish { epoch in
            trained += epoch.seconds
            guard epoch.number % recipe.every == 0 || epoch.ending != nil else { return true }
            let lnZ = try estimate(epoch.model, chains: 200, steps: 3_000, data: split.train, key: Key(key).folding(2)).lower.logPartition
            let valid = try -Statistics.mean(epoch.model.freeEnergy(split.valid)) - lnZ
            let train = try -Statistics.mean(epoch.model.freeEnergy(split.train.slice(0 ..< min(2_000, split.train.rows)))) - lnZ
            report("density-\(name)", "validation", valid, ["epoch": epoch.number, "train": train, "seconds": trained])
            if best == nil || valid > best!.valid { best = (valid, epoch.number, epoch.model) }
            return best!.epoch + 6 * recipe.every > epoch.number
        }
        let chosen = best!.machine
        let bracket = try? chosen.exactLogPartition()
        let both = try estimate(chosen, chains: 500, steps: 20_000, data: split.train, key: Key(key).folding(3))
        let free = try chosen.freeEnergy(split.test).map(Double.init)
        func likelihood(_ lnZ: Double) -> Double { -Statistics.mean(free) - lnZ }
        report("density-\(name)", "test", likelihood(bracket?.logPartition ?? both.lower.logPartition), [
            "standardError": Statistics.standardDeviation(free) / Double(free.count).squareRoot(), "epoch": best!.epoch, "seconds": trained,
            "atMost": likelihood(both.lower.logPartition), "atLeast": likelihood(both.upper.logPartition), "isExact": bracket != nil,
            "lowerError": both.lower.standardError, "upperError": both.upper.standardError, "annealingSeconds": both.lower.seconds + both.upper.seconds,
            "hidden": recipe.hidden, "chains": recipe.chains, "steps": recipe.steps, "temperatures": recipe.temperatures, "rate": Double(recipe.rate),
            "decay": Double(recipe.decay), "trainingRows": split.train.rows])
    }

    private static func estimate(_ machine: RBM, chains: Int, steps: Int, data: Matrix, key: Key) throws -> PartitionBracket {
        try machine.logPartition(by: MachineAnnealing(chains: chains, steps: steps), data: data, key: key)
    }

    private static func binary(_ name: String, _ folder: String) throws -> Split {
        func read(_ part: String) throws -> Matrix {
            let table = try TableReader(path: "\(folder)/binary-density/\(name).\(part).csv.gz", options: TableOptions(hasHeader: false)).readAll()
            var result = Matrix(rows: table.rowCount, columns: table.columns.count)
            for (column, values) in table.columns.enumerated() {
                for row in 0 ..< table.rowCount { result[row, column] = values.text(row) == "1" ? 1 : 0 }
            }
            return result
        }
        return Split(train: try read("train"), valid: try read("valid"), test: try read("test"))
    }

    /// Pixels as probabilities for training; validation (the last 5,000 training images) and test drawn from them once.
    private static func mnist(_ folder: String) throws -> Split {
        func drawn(_ images: Matrix, _ key: Key) -> Matrix {
            Matrix(rows: images.rows, columns: images.columns, values: zip(images.values, key.uniforms(images.values.count)).map { $0 > $1 ? 1 : 0 })
        }
        let train = try IDX.images(folder + "/mnist/train-images-idx3-ubyte.gz"), test = try IDX.images(folder + "/mnist/t10k-images-idx3-ubyte.gz")
        return Split(train: train.slice(0 ..< 55_000), valid: drawn(train.slice(55_000 ..< 60_000), Key(90)), test: drawn(test, Key(91)))
    }
}
