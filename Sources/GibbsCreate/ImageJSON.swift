import GibbsCore
import GibbsData
import GibbsDeep

extension ImageBlend.Frame {
    /// What a line says of the frame.
    package var json: JSONValue {
        .object([("from", .string(from)), ("to", .string(to)), ("alpha", .number(alpha)), ("energyFrom", .number(Double(energyFrom))),
                 ("energyTo", .number(Double(energyTo))), ("probabilityTo", .number(Double(probabilityTo))), ("likeliest", .string(likeliest)),
                 ("probability", .number(Double(probability))), ("sharpness", .number(Double(sharpness))), ("crossFadeSharpness", .number(Double(crossFadeSharpness))),
                 ("acceptance", acceptance.map { .number($0) } ?? .null)])
    }
}

extension ImageRecall {
    /// What a line says of a restored image.
    ///
    /// - Parameter distance: From what was given; where told, the line also says which image of the fit's file the memory is.
    package func json(_ row: Int, distance: Double? = nil) -> JSONValue {
        var members: [(String, JSONValue)] = [("image", .int(row)), ("class", .string(classes[row])), ("memory", .int(memories[row])), ("weight", .number(Double(weights[row]))),
                                              ("energyOfCue", .number(Double(energies[row].cue))), ("energy", .number(Double(energies[row].restored)))]
        if let distance {
            members += [("source", sources.map { .int($0[row]) } ?? .null), ("distance", .number(distance, digits: 4)), ("isAnother", .bool(isAnother(at: distance)))]
        }
        return .object(members)
    }
}

extension ImageModel {
    /// What a line says of a scored image: its energy, what it means where the model is calibrated, and the likeliest of the classes.
    ///
    /// - Parameter probabilities: p(y | x) of every class.
    package func json(row: Int, energy: Float, probabilities: some RandomAccessCollection<Float>) -> JSONValue {
        let best = probabilities.enumerated().max { $0.element < $1.element } ?? (0, 1)
        return .object([("row", .int(row)), ("energy", .number(Double(energy), digits: 7)), ("pValue", calibration.map { .number($0.pValue(of: energy), digits: 4) } ?? .null),
                        ("alert", .bool(calibration?.alerts(on: energy) ?? false)), ("class", .string(classes[best.offset].name)), ("probability", .number(Double(best.element)))])
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
    /// What the corrections of every class's paths report; empty but for diffusions.
    package var pathsJSON: JSONValue {
        .array(paths.map { path in
            .object([("class", .string(path.name)), ("seconds", .number(path.draws.seconds)), ("acceptance", path.draws.acceptance.map { .number($0) } ?? .null),
                     ("corrections", .array(path.draws.corrections.map {
                         .object([("time", .number($0.time)), ("acceptance", $0.acceptance.map { .number($0) } ?? .null), ("stepSize", .number($0.stepSize)), ("diverged", .int($0.diverged))])
                     }))])
        })
    }
}
