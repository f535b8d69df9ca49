import ArgumentParser
import Foundation
import Gibbs

/// What is fitted to images: an energy of some kind, or an encoder.
enum ImageFitKind: ExpressibleByArgument {
    case energy(ImageOptions.Model), contrastive

    init?(argument: String) {
        if argument == Self.contrastive.word { self = .contrastive } else {
            guard let model = ImageOptions.Model(rawValue: argument) else { return nil }
            self = .energy(model)
        }
    }

    /// The energy; `nil` for an encoder.
    var energy: ImageOptions.Model? { if case .energy(let model) = self { model } else { nil } }

    /// As people write it.
    var word: String { energy?.rawValue ?? "contrastive" }

    var defaultValueDescription: String { word }

    static var allValueStrings: [String] { ImageOptions.Model.allCases.map(\.rawValue) + [Self.contrastive.word] }
}

extension FitImages {
    /// Fits an encoder by views of the images; labels play no part.
    func fitEncoder(_ read: LabelledImages, since begin: Date) throws {
        // With --classes they choose the images.
        if labels != nil, classes.list.isEmpty { Console.note("gibbs: --labels plays no part, since an encoder is fitted without labels; gibbs embed --labels judges it by them") }
        var options = encoder.options()
        options.passes = epochs ?? options.passes
        (options.seed, options.device) = try (key, device.checked())
        let fitted = try GibbsError.naming(data) {
            try ContrastiveEncoder.fitted(toImages: read.images, shape: read.shape, options: options, digest: read.digest) { try EncoderText.progress($0, $1, $2, since: begin) }
        }
        Console.clearProgress()
        try fitted.write(to: out)
        print(json ? fitted.json(file: out).text : EncoderText.fitted(fitted, path: out, seconds: Date().timeIntervalSince(begin)).printable)
    }
}
