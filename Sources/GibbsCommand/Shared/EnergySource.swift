import Foundation
import Gibbs

/// The energies that a model of any kind gives its data, and what they mean: all that a histogram of them needs.
struct EnergySource {
    /// What is scored, in words: records, sessions, entity-days or frames.
    let unit: String
    /// What energies mean; `nil` until calibrated.
    var calibration: Calibration?
    /// Where its alerts begin.
    var threshold: (Calibration) -> Float = { $0.threshold }
    /// The energies of a file, in one sample, or in two where a label splits it.
    let samples: (String) throws -> [EnergySample]

    /// Of a model.
    ///
    /// - Throws: `GibbsError` with code `.unsuitableModel` for a recommender.
    init(_ found: AnyModel, path: String, labels: LabelOptions, texts: TextModelOption, frames: FrameInput, input: InputOptions) throws {
        if found.kind != Watchdog.kind { try texts.refuse("a model that is no watchdog on records") }
        switch found {
        case .records(let watchdog):
            (unit, calibration) = ("records", watchdog.calibration)
            samples = { data in
                let watchdog = try texts.reading(watchdog, model: path)
                Console.progress("reading \(data)")
                let table = try input.reader(data, for: watchdog).readAll()
                return try Self.split(try watchdog.energies(of: table), by: labels.normalFlags(of: table, file: data), labels, data)
            }
        case .events(let watchdog):
            try input.checkForSessions()
            (unit, calibration) = ("sessions", watchdog.calibration?.energy)
            samples = { data in
                let sessions = try LabelledSessions(data, label: labels.label)
                return try Self.split(try watchdog.scores(of: sessions.sessions).map(\.energy), by: sessions.normalFlags(by: labels), labels, data)
            }
        case .stream(let watchdog):
            try Self.refuse(labels, "a log of events")
            (unit, calibration, threshold) = ("entity-days", watchdog.calibration, { $0.tailThreshold })
            samples = { data in
                let log = try StreamLog.read(data, for: watchdog, input: input), past = try StreamState.known(of: watchdog, model: path)
                // The highest score of every entity-day, whatever the rate.
                return try Self.split(watchdog.calibrated(on: log, from: past, falseAlarmRate: 0.5).calibration?.energies ?? [], by: nil, labels, data)
            }
        case .frames(let model):
            try Self.refuse(labels, "frames")
            (unit, calibration) = ("frames", model.calibration)
            samples = { data in try Self.split(model.energies(of: frames.read(data, for: model, input: input)), by: nil, labels, data) }
        case .images(let model):
            try Self.refuse(labels, "images")
            (unit, calibration) = ("images", model.calibration)
            samples = { data in
                let read = try LabelledImages(path: data, shape: model.shape, white: model.training.white, options: input.options()).fitting(model.shape, file: data)
                return try Self.split(model.surprises(of: read.images), by: nil, labels, data)
            }
        case .ratings, .encoder: throw found.cannotWatch(path)
        }
    }

    private static func refuse(_ labels: LabelOptions, _ what: String) throws {
        if labels.label != nil || labels.normal != nil { throw GibbsError(.usage, "--label with \(what)", advice: "give each kind in a file of its own") }
    }

    /// Energies under the file's name, or those of normal ones and of others apart.
    private static func split(_ energies: [Float], by flags: [Bool]?, _ labels: LabelOptions, _ path: String) throws -> [EnergySample] {
        let name = path == "-" ? "standard input" : URL(fileURLWithPath: path).lastPathComponent
        guard let flags, let normal = labels.normal else { return [try checked(EnergySample(name, energies))] }
        let parts = [("\(normal), \(name)", true), ("others, \(name)", false)].map { title, isNormal in EnergySample(title, energies.indices.filter { flags[$0] == isNormal }.map { energies[$0] }) }
        return try parts.filter { !$0.energies.isEmpty }.map(checked)
    }

    private static func checked(_ sample: EnergySample) throws -> EnergySample {
        guard sample.energies.count >= 2 else { throw GibbsError(.unsuitableData, "\(sample.name): \(sample.energies.count) energies have no spread", advice: "give at least two records") }
        return sample
    }
}
