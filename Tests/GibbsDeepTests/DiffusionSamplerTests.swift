import Foundation
import GibbsCore
import GibbsDeep
import GibbsLandscapes
import GibbsNumerics
import GibbsTestSupport
import Testing

extension DeepTests {
    /// Samplers, likelihoods and combinations on landscapes that are known at every time.
    @Suite struct DiffusionSamplerTests {
        static let world = DiffusedMixture.three

        @Test(arguments: [DiffusionSchedule.cosine, .linear(), .exploding()]) func schedules(schedule: DiffusionSchedule) throws {
            try schedule.check()
            let levels = try schedule.times(steps: 100).map { schedule.level(at: $0) }
            #expect(zip(levels, levels.dropFirst()).allSatisfy { $0.ratio > $1.ratio } && levels[0].ratio > 15 && levels[100].ratio < 0.03)
            if case .exploding = schedule { #expect(levels.allSatisfy { $0.signal == 1 }) } else { #expect(levels.allSatisfy { abs($0.signal * $0.signal + $0.noise * $0.noise - 1) < 1e-12 }) }
        }

        @Test func schedulesThatMakeNoSense() throws {
            for schedule in [.linear(from: .nan), .linear(from: 0.1, to: .infinity), .linear(from: 3, to: 1), .exploding(from: 0), .exploding(from: -1), .exploding(from: 1, to: 1), .exploding(from: 1e-9)] as [DiffusionSchedule] {
                #expect(checkRefusal([.usage], "\(schedule)") { try schedule.check() } == [])
            }
            for steps in [1, 0, -3] { #expect(checkRefusal([.usage], "\(steps) steps") { _ = try DiffusionSampler(steps: steps).draw(1, from: Self.world, key: Key(1)) } == []) }
            do { _ = try DiffusionSampler(steps: 1).draw(1, from: Self.world, key: Key(1)) } catch { #expect("\(error)" == "a schedule of 1 step; take from 2 to 1,000,000") }
            do { try DiffusionSchedule.linear(from: .nan).check() } catch { #expect("\(error)".hasPrefix("a schedule with rates of noise from nan to 20.0")) }
        }

        /// Shares, means and deviations of the parts, by every path.
        @Test(arguments: DiffusionSampler.Path.allCases) func pathsEndInTheData(path: DiffusionSampler.Path) throws {
            let n = 2_000, draws = try DiffusionSampler(path: path, steps: path == .flow ? 60 : 300, denoises: false).draw(n, from: Self.world, key: Key(1)).rows
            let parts = (0 ..< n).map { Self.world.nearest(draws.row($0)) }
            for (index, part) in Self.world.parts.enumerated() {
                let own = draws.selecting(rows: parts.indices.filter { parts[$0] == index }), share = Double(own.rows) / Double(n)
                #expect(abs(share - part.share) < 5 * (part.share * (1 - part.share) / Double(n)).squareRoot(), "\(path): part \(index) has the share \(share)")
                for column in 0 ..< 2 {
                    let wanted = part.covariance[column, column].squareRoot(), error = wanted / Double(own.rows).squareRoot()
                    #expect(abs(Statistics.mean(own.column(column)) - Double(part.mean[column])) < 5 * error + 0.01, "\(path): mean of part \(index)")
                    // Steps of the path are finite, which narrows or widens by some percent.
                    #expect(abs(Statistics.standardDeviation(own.column(column)) / wanted - 1) < 0.1, "\(path): deviation of part \(index)")
                }
            }
        }

        /// Of a Gaussian with correlations ln p is known: that of the data blurred by the noise of t = 0.
        @Test(arguments: [DiffusionSchedule.cosine, .linear(), .exploding(from: 0.02, to: 40)]) func likelihoodOfAGaussian(schedule: DiffusionSchedule) throws {
            let values = [0.5, 0.2, 0, 0.2, 0.3, -0.1, 0, -0.1, 0.2]
            var world = DiffusedMixture.gaussian([0.3, -0.2, 0.1], values, schedule)
            if case .exploding(_, let to) = schedule { world = world.beginning(in: DiffusionPrior(mean: [0.3, -0.2, 0.1], deviation: Float(to))) }
            let s = schedule.level(at: 0).ratio, blurred = try GaussianEnergy(mean: [0.3, -0.2, 0.1], covariance: SymmetricMatrix(size: 3, values: values.enumerated().map { $1 + ($0 % 4 == 0 ? s * s : 0) }))
            let rows = blurred.samples(40, key: Key(2)), exact = try blurred.energies(of: rows).map { -Double($0) - blurred.logPartition }
            let found = try world.logLikelihoods(of: rows, steps: 300, trace: .exact, key: Key(3))
            for (a, b) in zip(found, exact) { #expect(abs(a - b) < 0.02, "\(a) is \(b)") }
            let estimated = try world.logLikelihoods(of: rows, steps: 100, trace: .estimated(probes: 30), key: Key(3))
            #expect(abs(Statistics.mean(zip(estimated, exact).map { Float($0 - $1) })) < 0.2)
            // 256 levels over 2: uniform density is 8 bits.
            #expect(abs(world.bitsPerDimension(3 * log(0.5)) - 8) < 1e-9)
            #expect(checkRefusal([.usage], "no direction") { _ = try world.logLikelihoods(of: rows, trace: .estimated(probes: 0), key: Key(1)) } == [])
            #expect(checkRefusal([.shapeMismatch], "other rows") { _ = try world.logLikelihoods(of: Matrix(rows: 1, columns: 2), key: Key(1)) } == [])
        }

        /// At a temperature a Gaussian is T times as wide by every path, without any correction.
        @Test(arguments: DiffusionSampler.Path.allCases, [0.5, 2]) func temperatures(path: DiffusionSampler.Path, temperature: Double) throws {
            let world = DiffusedMixture.gaussian([0.3, -0.2], [0.5, 0.2, 0.2, 0.3]), heated = try DiffusionSum([(1 / temperature, world)]), n = 2_000
            #expect(heated.power == 1 / temperature && heated.rowsAtOnce == world.rowsAtOnce)
            let draws = try DiffusionSampler(path: path, steps: path == .flow ? 60 : 300, denoises: false).draw(n, from: heated, key: Key(11)).rows
            for column in 0 ..< 2 {
                let wanted = (temperature * world.parts[0].covariance[column, column]).squareRoot()
                #expect(abs(Statistics.standardDeviation(draws.column(column)) / wanted - 1) < 0.08, "\(path) at \(temperature): column \(column)")
                #expect(abs(Statistics.mean(draws.column(column)) - Double(world.parts[0].mean[column])) < 5 * wanted / Double(n).squareRoot() + 0.01)
            }
        }

        /// The density of what a flow draws at a temperature, where it is known.
        @Test func likelihoodAtATemperature() throws {
            let values = [0.5, 0.2, 0.2, 0.3], world = DiffusedMixture.gaussian([0.3, -0.2], values), s = world.schedule.level(at: 0).ratio
            let wide = try GaussianEnergy(mean: [0.3, -0.2], covariance: SymmetricMatrix(size: 2, values: values.enumerated().map { 2 * ($1 + ($0 % 3 == 0 ? s * s : 0)) })), rows = wide.samples(30, key: Key(12))
            let found = try DiffusionSum([(0.5, world)]).logLikelihoods(of: rows, steps: 300, trace: .exact, key: Key(13)), exact = try wide.energies(of: rows).map { -Double($0) - wide.logPartition }
            for (a, b) in zip(found, exact) { #expect(abs(a - b) < 0.03, "\(a) is \(b)") }
        }

        /// Data as narrow as the noise of t = 0: what is left of a draw once that is taken out is half as wide.
        @Test func denoising() throws {
            let s = Self.world.schedule.level(at: 0).ratio, world = DiffusedMixture.gaussian([0.3], [s * s])
            for (denoises, wanted) in [(true, s / 2.0.squareRoot()), (false, s * 2.0.squareRoot())] {
                let draws = try DiffusionSampler(path: .flow, steps: 200, denoises: denoises).draw(2_000, from: world, key: Key(14)).rows
                #expect(abs(Statistics.standardDeviation(draws.values) / wanted - 1) < 0.15, "\(denoises): \(Statistics.standardDeviation(draws.values)) for \(wanted)")
            }
        }

        /// Paths that begin where much of the data is still to be seen: what their end knows of a row is part of the bound.
        @Test func boundWithAWeakEnd() throws {
            let schedule = DiffusionSchedule.exploding(from: 0.02, to: 0.5), v = 0.5, deviation = Float((v + 0.25).squareRoot())
            let world = DiffusedMixture.gaussian([0.3, -0.2], [v, 0, 0, v], schedule).beginning(in: DiffusionPrior(mean: [0.3, -0.2], deviation: deviation))
            let blurred = try GaussianEnergy(mean: [0.3, -0.2], covariance: SymmetricMatrix(size: 2, values: [v + 0.0004, 0, 0, v + 0.0004])), rows = blurred.samples(60, key: Key(15))
            let exact = try blurred.energies(of: rows).map { Double($0) + blurred.logPartition }, bound = try world.evidenceBound(of: Tensor(rows), draws: 6_000).doubles()
            let gaps = zip(bound, exact).map { Float($0 - $1) }
            #expect(abs(Statistics.mean(gaps)) < 0.25 && Statistics.standardDeviation(gaps) < 0.2, "\(Statistics.mean(gaps)) ± \(Statistics.standardDeviation(gaps))")
            // Other noise, another estimate.
            #expect(try world.evidenceBound(of: Tensor(rows), draws: 5, key: Key(16)).floats() != world.evidenceBound(of: Tensor(rows), draws: 5).floats())
        }

        /// Of landscapes that are known the bound is −ln p of the blurred data, up to what few draws leave; of worse ones it is above.
        @Test func boundOfAMixture() throws {
            let rows = try Self.world.samples(60, key: Key(9)).rows, exact = try Self.world.at(0).energies(of: Matrix(rows: 60, columns: 2, values: rows.values.map { Float(Self.world.schedule.level(at: 0).signal) * $0 }))
            let x = try Tensor(rows), bound = try Self.world.evidenceBound(of: x, draws: 1_500).floats(), gaps = zip(bound, exact).map { $0 - $1 }
            #expect(abs(Statistics.mean(gaps)) < 0.3 && Statistics.standardDeviation(gaps) < 0.3, "\(Statistics.mean(gaps)) ± \(Statistics.standardDeviation(gaps))")
            let wrong = DiffusedMixture.gaussian([0, 0], [1, 0, 0, 1]), worse = try wrong.evidenceBound(of: x, draws: 1_500).floats()
            #expect(Statistics.mean(zip(worse, exact).map { $0 - $1 }) > 0.8)
            // A function with a gradient, from constants too.
            let v = try x.variable(), slope = try wrong.evidenceBound(of: v, draws: 300, differentiable: true).gradients(of: [v])[0].floats()
            #expect(zip(slope, rows.values).allSatisfy { abs($0 - $1 / 1.00025) < 0.35 * max(1, abs($1)) }, "−ln N(0, 1) has the slope x")
            #expect(try zip(wrong.evidenceBound(of: x, draws: 30, differentiable: true).floats(), wrong.evidenceBound(of: x, draws: 30).floats()).allSatisfy { abs($0 - $1) < 1e-3 * max(1, abs($1)) })
            #expect(checkRefusal([.usage], "no draw") { _ = try wrong.evidenceBound(of: x, draws: 0) } == [])
        }

        /// The product of two Gaussians is a Gaussian: corrected chains find it, a path alone does not.
        @Test func productsNeedCorrection() throws {
            let parts = [DiffusedMixture.gaussian([-0.5, 0], [0.5, 0.4, 0.4, 0.5]), .gaussian([0.5, 0], [0.5, -0.4, -0.4, 0.5])]
            let product = try DiffusionSum(parts.map { (1, $0) }), exact = try GaussianEnergy.product(parts.map { try $0.gaussians(at: 0)[0] }, weights: [1, 1]), n = 1_500
            func error(_ sampler: DiffusionSampler) throws -> (Double, DiffusionDraws) {
                let draws = try sampler.draw(n, from: product, key: Key(4)), scale = product.schedule.level(at: 0).signal
                let worst = (0 ..< 2).map { abs(scale * Statistics.standardDeviation(draws.rows.column($0)) / exact.covarianceMatrix[$0, $0].squareRoot() - 1) }.max()!
                return (worst, draws)
            }
            let plain = try error(DiffusionSampler(path: .ancestral, steps: 100, denoises: false)), metropolis = try error(DiffusionSampler(path: .ancestral, steps: 30, correction: .metropolis(steps: 6), denoises: false))
            #expect(plain.0 > 0.12 && plain.1.acceptance == nil, "a path alone is off by \(plain.0)")
            #expect(metropolis.0 < 0.07, "off by \(metropolis.0)")
            #expect(metropolis.1.corrections.count == 30 && metropolis.1.acceptance! > 0.4 && metropolis.1.acceptance! < 0.9 && metropolis.1.corrections.allSatisfy { $0.diverged == 0 })
            let hamiltonian = try error(DiffusionSampler(path: .ddim, steps: 25, correction: .metropolis(steps: 3, leapfrogs: 4), denoises: false))
            #expect(hamiltonian.0 < 0.07, "off by \(hamiltonian.0)")
            let langevin = try error(DiffusionSampler(path: .ancestral, steps: 40, correction: .langevin(steps: 15, ratio: 0.3), denoises: false))
            #expect(langevin.0 < 0.1, "off by \(langevin.0)")
        }

        /// A blend of normalised landscapes, OR at every time, and what cannot be combined.
        @Test func mixturesAndRefusals() throws {
            let parts = Self.world.parts.map { DiffusedMixture(parts: [(1, $0.mean, $0.covariance)]) }, mixture = try DiffusionMixture(parts, shares: [0.5, 0.3, 0.2])
            let rows = try Self.world.samples(30, key: Key(5)).rows
            for time in [0, 0.3, 0.9] {
                let (found, exact) = try (mixture.at(time).energiesAndGradients(of: rows), Self.world.at(time).energiesAndGradients(of: rows))
                for (a, b) in zip(found.energies + found.gradients.values, exact.energies + exact.gradients.values) { #expect(abs(a - b) < 1e-3 * max(1, abs(b))) }
            }
            // p(x | a) p(x | b) / p(x), and NOT alone, which nothing holds together.
            #expect(try DiffusionSum([(1, parts[0]), (1, parts[1]), (-1, Self.world)]).prior.deviation == 1)
            #expect(checkRefusal([.usage], "NOT alone") { _ = try DiffusionSum([(1, parts[0]), (-1, parts[1])]) } == [])
            // Held together at t = 1, where one begins narrower, and yet of no power.
            var narrow = parts[0]
            narrow.start = DiffusionPrior(mean: [0, 0], deviation: 0.5)
            #expect(checkRefusal([.usage], "no power") { _ = try DiffusionSum([(1, narrow), (-1, parts[1])]) } == [])
            #expect(checkRefusal([.usage], "nothing") { _ = try DiffusionSum([]) } == [])
            #expect(checkRefusal([.usage], "schedules") { _ = try DiffusionSum([(1, parts[0]), (1, DiffusedMixture.gaussian([0, 0], [1, 0, 0, 1], .linear()))]) } == [])
            #expect(checkRefusal([.shapeMismatch], "rows") { _ = try DiffusionMixture([parts[0], DiffusedMixture.gaussian([0], [1])]) } == [])
            #expect(checkRefusal([.usage], "shares") { _ = try DiffusionMixture(parts, shares: [1, 0, 1]) } == [])
            #expect(checkRefusal([.usage], "no energy") { _ = try DiffusionSampler(correction: .metropolis(steps: 1)).draw(1, from: Swirl(), key: Key(1)) } == [])
            #expect(checkRefusal([.usage], "no correction") { _ = try DiffusionSampler(correction: .langevin(steps: 0)).draw(1, from: Swirl(), key: Key(1)) } == [])
            #expect(checkRefusal([.usage], "no draw") { _ = try DiffusionSampler().draw(0, from: Swirl(), key: Key(1)) } == [])
        }

        /// What is known stays, and what is drawn is drawn given it: of the first part y given x = −1, of which the mean and the deviation are known.
        @Test func completesWhatIsKnown() throws {
            let n = 600, known = Matrix(rows: n, columns: 2, values: (0 ..< 2 * n).map { $0 % 2 == 0 ? -1 : .nan })
            let sampler = DiffusionSampler(path: .ancestral, steps: 60, correction: .metropolis(steps: 4), denoises: false), draws = try sampler.draw(n, from: Self.world, given: known, key: Key(6)).rows
            #expect(draws.column(0).allSatisfy { $0 == -1 })
            #expect(abs(Statistics.mean(draws.column(1)) - 0.5) < 0.03 && abs(Statistics.standardDeviation(draws.column(1)) / 0.03.squareRoot() - 1) < 0.15)
            #expect(checkRefusal([.shapeMismatch], "other rows") { _ = try sampler.draw(3, from: Self.world, given: known, key: Key(1)) } == [])
        }

        /// The work of s = (−y, x) around a circle in its plane is 2π r²; of a landscape it is nothing.
        @Test func workAroundACircle() throws {
            let rows = try Self.world.samples(20, key: Key(7)).rows, level = DiffusionSchedule.cosine.level(at: 0.5)
            let swirl = try LandscapeCheck(of: Swirl(), at: 0.5, rows: rows, radius: 0.5, key: Key(8)), radius = 0.5 * level.noise * 2.0.squareRoot()
            #expect(abs(swirl.loop / (2 * Double.pi * radius * radius) - 1) < 1e-3 && swirl.asymmetry > 1e3, "\(swirl)")
            // J = −a 1 + b (0 −1; 1 0): the one is to the other as b to a.
            #expect(try abs(LandscapeCheck(of: Swirl(pull: 2), at: 0.5, rows: rows, key: Key(8)).asymmetry - 0.5) < 1e-4)
            for time in [0.1, 0.5, 0.9] {
                let check = try LandscapeCheck(of: Self.world, at: time, rows: rows, key: Key(8))
                #expect(check.asymmetry < 1e-5 && check.loopShare < 1e-3, "\(check)")
            }
            #expect(checkRefusal([.usage], "a time") { _ = try LandscapeCheck(of: Swirl(), at: 1.5, rows: rows, key: Key(1)) } == [])
        }
    }
}

extension DiffusedMixture {
    /// The same with another beginning.
    fileprivate func beginning(in prior: DiffusionPrior) -> DiffusedMixture { var copy = self; copy.start = prior; return copy }
}
