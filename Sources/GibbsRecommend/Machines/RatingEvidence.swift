import CKernels
import Foundation
import GibbsCore
import GibbsNumerics

/// The people of a gradient step and what they rated, the items numbered anew.
struct RatingStep: Sendable {
    /// Rows of the ratings, and where the entries of each begin here, with an end.
    let people: [Int], starts: [Int]
    /// For each entry its place in the ratings and its item, an index of `items`.
    let places: [Int], item: [Int]
    /// The items that were met, ascending.
    let items: [Int]
    private let itemStarts: [Int], itemEntries: [Int]

    init(_ people: [Int], _ ratings: SparseRows) {
        (self.people, places) = (people, people.flatMap { ratings.range($0) })
        starts = people.reduce(into: [0]) { $0.append($0.last! + ratings.range($1).count) }
        var local = [Int](repeating: -1, count: ratings.columns)
        for place in places { local[Int(ratings.indices[place])] = 0 }
        items = local.indices.filter { local[$0] == 0 }
        for (number, i) in items.enumerated() { local[i] = number }
        item = places.map { local[Int(ratings.indices[$0])] }
        var starts = [Int](repeating: 0, count: items.count + 1)
        for i in item { starts[i + 1] += 1 }
        for i in 0 ..< items.count { starts[i + 1] += starts[i] }
        var next = starts, entries = [Int](repeating: 0, count: places.count)
        for (entry, i) in item.enumerated() { entries[next[i]] = entry; next[i] += 1 }
        (itemStarts, itemEntries) = (starts, entries)
    }

    /// The entries of an item, in order.
    func entries(of item: Int) -> ArraySlice<Int> { itemEntries[itemStarts[item] ..< itemStarts[item + 1]] }
}

/// What each rating of a step says: the gradient of what is climbed, by the K rows of its own item, by the item's biases, and by each person's a.
struct RatingEvidence: Sendable {
    let step: RatingStep
    /// The machine of the step's items alone.
    let machine: RatingMachine
    /// Shapes [entries · K, hidden], [entries, K], [people, hidden].
    private(set) var weights: Matrix, pulls: Matrix, hidden: Matrix
    /// For each person what the epoch reports.
    private(set) var reported: [Double]

    init(_ step: RatingStep, _ machine: RatingMachine) {
        (self.step, self.machine) = (step, machine)
        let (entries, levels, hidden) = (step.places.count, machine.scale.count, machine.hiddenCount)
        weights = Matrix(rows: entries * levels, columns: hidden)
        pulls = Matrix(rows: entries, columns: levels)
        self.hidden = Matrix(rows: step.people.count, columns: hidden)
        reported = [Double](repeating: 0, count: step.people.count)
    }

    /// Fills everything, people in parallel; each draws from the key and its row alone.
    mutating func gather(levels: [Int32], features: Matrix?, options: RatingMachineOptions, gibbsSteps: Int, key: Key) {
        let (step, machine) = (step, machine)
        weights.values.withUnsafeMutableBufferPointer { weights in
            pulls.values.withUnsafeMutableBufferPointer { pulls in
                hidden.values.withUnsafeMutableBufferPointer { hidden in
                    reported.withUnsafeMutableBufferPointer { reported in
                        let weights = SharedPointer(weights.baseAddress), pulls = SharedPointer(pulls.baseAddress), hidden = SharedPointer(hidden.baseAddress), reported = SharedPointer(reported.baseAddress)
                        parallelRanges(step.people.count) { range in
                            for p in range {
                                let first = step.starts[p], (k, h) = (machine.scale.count, machine.hiddenCount)
                                var person = machine.blank(step.people[p], features)
                                person.items = Array(step.item[first ..< step.starts[p + 1]])
                                person.levels = step.places[first ..< step.starts[p + 1]].map { Int(levels[$0]) }
                                let slots = Slots(weights: weights.pointer! + first * k * h, pulls: pulls.pointer! + first * k, hidden: hidden.pointer! + p * h)
                                let key = key.folding(step.people[p])
                                reported.pointer![p] = gibbsSteps > 0 ? machine.contrast(person, steps: gibbsSteps, key: key, into: slots) : machine.foretellEach(person, forgetting: options.forgets, key: key, into: slots)
                            }
                        }
                    }
                }
            }
        }
    }
}

/// Where one person's part of the evidence goes.
struct Slots {
    let weights: UnsafeMutablePointer<Float>, pulls: UnsafeMutablePointer<Float>, hidden: UnsafeMutablePointer<Float>
}

extension RatingMachine {
    /// The gradient of Σ_i ln p(v_i | the other ratings that are kept), and minus that sum; `person.input` is that of no ratings.
    ///
    /// With a^{−i} the input of the others and σ_j^k the slope of unit j when i has level k: the row k of i gets (1[k = v_i] − p_k) σ^k, and so
    /// does, summed over k, every other rating that is in a^{−i}.
    func foretellEach(_ person: Person, forgetting share: Float, key: Key, into slots: Slots) -> Double {
        let (n, levels, hidden) = (person.items.count, scale.count, hiddenCount), uniforms = share > 0 ? key.uniforms(n) : []
        let isKept = (0 ..< n).map { share == 0 || uniforms[$0] >= share }, kept = isKept.count { $0 }
        var input = person.input, totals = Matrix(rows: n, columns: hidden), others = input, scores = [Float](repeating: 0, count: levels), surprise = 0.0
        told.values.withUnsafeBufferPointer { told in
            let told = told.baseAddress!
            for m in 0 ..< n where isKept[m] { accumulate(told + (person.items[m] * levels + person.levels[m]) * hidden, 1, &input) }
            for m in 0 ..< n {
                let i = person.items[m], v = person.levels[m], slopes = slots.weights + m * levels * hidden, pulls = slots.pulls + m * levels
                for j in 0 ..< hidden { others[j] = input[j] }
                if isKept[m] { accumulate(told + (i * levels + v) * hidden, -1, &others) }
                for k in 0 ..< levels { scores[k] = biases[i, k] + person.shift[k] }
                gk_rating_levels(others, told + i * levels * hidden, levels, binary, gaussian, spread(kept + (isKept[m] ? 0 : 1)), &scores, slopes)
                let top = scores.max()!
                var sum: Float = 0
                for k in 0 ..< levels { pulls[k] = exp(scores[k] - top); sum += pulls[k] }
                for k in 0 ..< levels { pulls[k] = (k == v ? 1 : 0) - pulls[k] / sum }
                surprise += Double(log(sum) + top - scores[v])
                totals.values.withUnsafeMutableBufferPointer { gk_rating_pull(pulls, levels, hidden, slopes, $0.baseAddress! + m * hidden) }
            }
        }
        for m in 0 ..< n { for j in 0 ..< hidden { slots.hidden[j] += totals.values[m * hidden + j] } }
        for m in 0 ..< n where isKept[m] {
            let row = slots.weights + (m * levels + person.levels[m]) * hidden
            for j in 0 ..< hidden { row[j] += slots.hidden[j] - totals.values[m * hidden + j] }
        }
        return surprise
    }

    /// The difference between the data and a chain of `steps` steps that starts there, and how many ratings the chain left as they were.
    func contrast(_ person: Person, steps: Int, key: Key, into slots: Slots) -> Double {
        let (levels, hidden) = (scale.count, hiddenCount), blank = person.input
        var chain = person
        for (i, v) in zip(person.items, person.levels) { add(told.row(i * levels + v), to: &chain.input) }
        let data = hiddenMeans(chain.input, rated: person.items.count)
        for step in 0 ..< steps { walk(&chain, from: blank, key: key.folding(step)) }
        let model = hiddenMeans(chain.input, rated: person.items.count)
        for m in person.items.indices {
            slots.pulls[m * levels + person.levels[m]] += 1
            slots.pulls[m * levels + chain.levels[m]] -= 1
            let (from, to) = (slots.weights + (m * levels + person.levels[m]) * hidden, slots.weights + (m * levels + chain.levels[m]) * hidden)
            for j in 0 ..< hidden { from[j] += data[j]; to[j] -= model[j] }
        }
        for j in 0 ..< hidden { slots.hidden[j] = data[j] - model[j] }
        return Double(zip(person.levels, chain.levels).count { $0 == $1 })
    }

    private func accumulate(_ row: UnsafePointer<Float>, _ sign: Float, _ input: inout [Float]) {
        for j in input.indices { input[j] += sign * row[j] }
    }
}
