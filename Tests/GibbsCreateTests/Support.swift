import Foundation
import GibbsCreate
import GibbsNumerics

/// Bars of 6 × 6 pixels with blurred edges and a little noise: `down` is a column somewhere in the middle, `across` a row.
enum Bars {
    static let shape = ImageShape(height: 6, width: 6)

    static func images(_ count: Int, key: Key) -> (images: Matrix, labels: [String]) {
        let place = key.folding(0).uniforms(count), noise = key.folding(1).uniforms(count * 36)
        var images = Matrix(rows: count, columns: 36), labels = [String]()
        for row in 0 ..< count {
            let isDown = row % 2 == 0, middle = 1.5 + 2 * place[row]
            labels.append(isDown ? "down" : "across")
            for pixel in 0 ..< 36 {
                let distance = abs(Float(isDown ? pixel % 6 : pixel / 6) - middle)
                images[row, pixel] = min(1, max(0, 1 - distance + 0.1 * noise[row * 36 + pixel] - 0.05))
            }
        }
        return (images, labels)
    }

    static func model(_ kind: ImageOptions.Model, count: Int = 400) throws -> ImageModel {
        let (images, labels) = images(count, key: Key(1))
        return try ImageModel.fitted(to: images, shape: shape, labels: labels, options: ImageOptions(model: kind, hidden: 16, memories: 60))
    }
}

/// Real data beside the repository, or `nil` where there is none.
func realData(_ name: String) -> String? {
    let path = URL(fileURLWithPath: #filePath).deletingLastPathComponent().deletingLastPathComponent().deletingLastPathComponent()
        .appendingPathComponent("../shared/data/" + name).standardizedFileURL.path
    return FileManager.default.fileExists(atPath: path) ? path : nil
}
