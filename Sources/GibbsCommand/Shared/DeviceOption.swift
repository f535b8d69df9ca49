import ArgumentParser
import Gibbs
import GibbsDeep

/// Where networks compute; shared by the verbs that run them.
struct DeviceOption: ParsableArguments {
    @Option(help: "Where a network computes: cpu, cuda or metal; cpu unless told.")
    var device: Device?

    /// The device, which is there.
    ///
    /// - Throws: `GibbsError` with code `.usage` where it is not.
    func checked() throws -> Device {
        let device = device ?? .processor
        guard device == .processor || device.isAvailable else {
            throw GibbsError(.usage, "there is no device '\(device.word)' here", advice: "leave --device out to compute on the processor")
        }
        return device
    }

    /// The model, with its network there.
    ///
    /// - Throws: As `checked()`; `GibbsError` with code `.usage` for a model without a network that could be moved.
    func placing(_ model: ImageModel) throws -> ImageModel {
        if device == nil { return model }
        return try model.moved(to: checked())
    }

    /// Refuses the option for models that are no images.
    func refuse(_ what: String) throws {
        if device != nil { throw GibbsError(.usage, "--device with \(what)", advice: "leave it out; networks of images have one") }
    }
}

extension Device: ExpressibleByArgument {
    public init?(argument: String) {
        guard let found = Self.allCases.first(where: { $0.word == argument.lowercased() }) else { return nil }
        self = found
    }

    public static var allValueStrings: [String] { allCases.map(\.word) }

    /// As people write it.
    var word: String { self == .processor ? "cpu" : rawValue }
}
