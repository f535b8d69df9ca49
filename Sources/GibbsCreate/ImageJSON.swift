import GibbsData

extension ImageBlend.Frame {
    /// What a line says of the frame.
    package var json: JSONValue {
        .object([("from", .string(from)), ("to", .string(to)), ("alpha", .number(alpha)), ("energyFrom", .number(Double(energyFrom))),
                 ("energyTo", .number(Double(energyTo))), ("probabilityTo", .number(Double(probabilityTo))), ("likeliest", .string(likeliest)),
                 ("probability", .number(Double(probability))), ("sharpness", .number(Double(sharpness))), ("crossFadeSharpness", .number(Double(crossFadeSharpness)))])
    }
}

extension ImageRecall {
    /// What a line says of a restored image.
    package func json(_ row: Int) -> JSONValue {
        .object([("image", .int(row)), ("class", .string(classes[row])), ("memory", .int(memories[row])), ("weight", .number(Double(weights[row]))),
                 ("energyOfCue", .number(Double(energies[row].cue))), ("energy", .number(Double(energies[row].restored)))])
    }
}

extension ImageModel {
    /// What a line says of a scored image: its energy, and the likeliest of the classes.
    ///
    /// - Parameter probabilities: p(y | x) of every class.
    package func json(row: Int, energy: Float, probabilities: some RandomAccessCollection<Float>) -> JSONValue {
        let best = probabilities.enumerated().max { $0.element < $1.element } ?? (0, 1)
        return .object([("row", .int(row)), ("energy", .number(Double(energy), digits: 7)), ("class", .string(classes[best.offset].name)), ("probability", .number(Double(best.element)))])
    }
}

extension ImageDraws {
    /// The diagnostics of every class's chains.
    package var runsJSON: JSONValue {
        .array(runs.map { run in
            let energy = run.samples.energyDiagnostics()
            return .object([("class", .string(run.name)), ("acceptance", run.samples.acceptance.map { .number($0) } ?? .null), ("effectiveSampleSize", .number(energy.effectiveSampleSize)),
                            ("rHat", .number(energy.splitRHat)), ("draws", .int(run.samples.energies.count)), ("divergences", .int(run.samples.divergenceCount)),
                            ("swapRates", .array(run.samples.swapRates.map { .number($0) })), ("seconds", .number(run.samples.seconds))])
        })
    }
}
