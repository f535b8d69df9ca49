import Foundation
import GibbsData
import GibbsNumerics

/// Images and their labels as people keep them.
public struct LabelledImages: Sendable {
    /// Shape `[images, shape.pixels]`, pixels 0...1.
    public let images: Matrix
    /// Height and width.
    public let shape: ImageShape
    /// A name an image; `nil` without labels.
    public let labels: [String]?
    /// The value that counts as white, where the file does not tell by being IDX; all pixels are divided by it.
    public let white: Float?
    /// SHA-256 of the images' file.
    public let digest: String?
    /// Each image's number in the file, from 0; `nil` where they are all there.
    public let numbers: [Int]?

    /// Reads images.
    ///
    /// - Parameters:
    ///   - path: An IDX file of images; or any table (NPY, NPZ, CSV, …) with an image a row and a number a pixel. An NPY array of `[images, height, width]`, with an axis of
    ///     one channel or without, says how large its images are.
    ///   - labelsPath: A file of labels in the same order: IDX, or a table whose first column they are, with a header or without.
    ///   - labelColumn: A column of the table at `path` that holds the labels.
    ///   - white: The value of a white pixel in a table. Unless told it is 1 where no pixel is above 1.02, and 255 where one is above 127: what lies between is refused. Pixels up to 2 %
    ///     above white count as white, as resampling makes them.
    ///   - shape: Height and width of a table's images, a square unless told; what an IDX file's images must have.
    ///   - options: How a table is read.
    /// - Throws: `GibbsError` as the readers; with code `.unsuitableData` for columns that are not numbers, missing pixels, pixels that
    ///   are negative or brighter than white, and for rows that make no square; `.shapeMismatch` for another number of labels than of images, or images of another size.
    public init(path: String, labelsPath: String? = nil, labelColumn: String? = nil, shape: ImageShape? = nil, white: Float? = nil,
                options: TableOptions = TableOptions()) throws {
        var labels: [String]?
        do {
            if TableReader.format(of: path, options) == .idx {
                let size = try IDX.size(path)
                guard shape.map({ $0 == ImageShape(height: size.height, width: size.width) }) ?? true else {
                    throw GibbsError(.shapeMismatch, "images of \(size.height) × \(size.width) pixels where \(shape!.height) × \(shape!.width) are wanted", advice: "give images of that size")
                }
                (self.shape, self.white) = (ImageShape(height: size.height, width: size.width), nil)
                (images, digest) = try IDX.imagesAndDigest(path)
            } else {
                var table = try TableReader(path: path, options: options).readAll()
                if let name = labelColumn ?? (table["y"] != nil ? "y" : nil) {
                    let column = try table.column(name)
                    labels = try (0 ..< table.rowCount).map { row in
                        guard let text = column.text(row) else { throw GibbsError(.unsuitableData, "row \(row + 1) has no label", at: .init(field: name), advice: "leave such rows out") }
                        return Self.plain(text)
                    }
                    table = table.dropping(columns: [name])
                }
                self.shape = try shape ?? Self.shape(inside: path, options) ?? Self.square(table.columns.count)
                (images, self.white) = try Self.pixels(table, self.shape, white: white)
                digest = table.digest
            }
        } catch let error as GibbsError { throw error.located(at: .init(file: path)) }
        if let labelsPath { labels = try Self.labels(labelsPath, options, images: images.rows) }
        if let labels, labels.count != images.rows {
            throw GibbsError(.shapeMismatch, "\(labels.count) labels for \(images.rows) images", at: .init(file: labelsPath ?? path), advice: "give one label an image, in the same order")
        }
        (self.labels, numbers) = (labels, nil)
    }

    private init(images: Matrix, shape: ImageShape, labels: [String]?, white: Float?, digest: String?, numbers: [Int]?) {
        (self.images, self.shape, self.labels, self.white, self.digest, self.numbers) = (images, shape, labels, white, digest, numbers)
    }

    /// The named images, in the order given.
    public func selecting(_ rows: [Int]) -> LabelledImages {
        LabelledImages(images: images.selecting(rows: rows), shape: shape, labels: labels.map { labels in rows.map { labels[$0] } }, white: white, digest: digest,
                       numbers: rows.map { numbers?[$0] ?? $0 })
    }

    /// Height and width as an array's axes tell them; `nil` for rows of numbers.
    private static func shape(inside path: String, _ options: TableOptions) throws -> ImageShape? {
        guard TableReader.format(of: path, options) == .npy, path != "-" else { return nil }
        var sides = Array(try NPY.shape(path).dropFirst())
        if sides.count == 3 { if sides[0] == 1 { sides.removeFirst() } else if sides[2] == 1 { sides.removeLast() } }
        guard sides.count != 3 else {
            throw GibbsError(.unsuitableData, "images of \(sides.map(String.init).joined(separator: " × ")) numbers, in several channels", advice: "give one channel, for instance the mean of red, green and blue")
        }
        return sides.count == 2 ? ImageShape(height: sides[0], width: sides[1]) : nil
    }

    private static func square(_ pixels: Int) throws -> ImageShape {
        let side = Int(Double(pixels).squareRoot().rounded())
        guard side > 0, side * side == pixels else {
            throw GibbsError(.unsuitableData, "\(pixels) pixels a row make no square", advice: "give --size HEIGHTxWIDTH; if one of the columns holds labels, name it with --label")
        }
        return ImageShape(height: side, width: side)
    }

    private static func pixels(_ table: Table, _ shape: ImageShape, white: Float?) throws -> (Matrix, white: Float) {
        guard table.columns.count == shape.pixels else {
            throw GibbsError(.unsuitableData, "\(table.columns.count) columns for images of \(shape.height) × \(shape.width) pixels", advice: "give images of that size, with a number a pixel and no other column; fit images and evaluate name one of labels by --label")
        }
        // A column of 0 and 1 may have been read as boolean.
        var result = Matrix(rows: table.rowCount, columns: shape.pixels)
        for (index, column) in table.columns.enumerated() {
            for row in 0 ..< table.rowCount {
                let text: Float? = switch column.storage {
                case .numbers(let values): Float(values[row])
                default: column.text(row).flatMap { $0 == "true" ? 1 : $0 == "false" ? 0 : Float($0) }
                }
                guard let value = text, value >= 0, value <= 1.02 * (white ?? 255) else {
                    throw GibbsError(.unsuitableData, "the pixel \(column.text(row) ?? "(missing)") is no brightness", at: .init(line: table.lines[row], field: column.name),
                                     advice: "pixels are numbers from 0 to \(white.map { String(format: "%g", $0) } ?? "1, or from 0 to 255")")
                }
                result[row, index] = value
            }
        }
        let found = try white ?? Self.white(of: result)
        result.values = result.values.map { min(1, $0 / found) }
        return (result, found)
    }

    private static func white(of images: Matrix) throws -> Float {
        let brightest = images.values.max() ?? 0
        if brightest <= 1.02 { return 1 }
        guard brightest > 127 else {
            throw GibbsError(.unsuitableData, String(format: "the brightest pixel is %g, which says not what white is", brightest), advice: "say it when fitting, for instance --white 16 or --white 255, or divide the pixels by it")
        }
        return 255
    }

    /// A list of texts may begin with a header or not: one line more than there are images begins with one, unless that line is a label of others too.
    private static func labels(_ path: String, _ options: TableOptions, images: Int) throws -> [String] {
        let format = TableReader.format(of: path, options)
        if TableReader.format(of: path, TableOptions()) == .idx { return try IDX.labels(path).map(String.init) }
        do {
            var plain = options
            if format == nil { plain.format = .csv }
            if [nil, .csv, .tsv].contains(format) { plain.hasHeader = false }
            let table = try TableReader(path: path, options: plain).readAll(), column = table.columns[0]
            let names = (0 ..< table.rowCount).map { Self.plain(column.text($0) ?? "") }
            guard !plain.hasHeader, let first = names.first, names.count != images, !names.dropFirst().contains(first) else { return names }
            if names.count == images + 1 { return Array(names.dropFirst()) }
            throw GibbsError(.shapeMismatch, "\(names.count) labels for \(images) images, or \(names.count - 1) below the header '\(first.prefix(40))'", advice: "give one label an image, in the same order; a header above them is no label")
        } catch let error as GibbsError { throw error.located(at: .init(file: path)) }
    }

    /// `4.0` as `4`.
    private static func plain(_ text: String) -> String {
        if let value = Double(text), value == value.rounded(), abs(value) < 1e15 { return String(Int(value)) }
        return text
    }
}

extension TableReader {
    fileprivate static func format(of path: String, _ options: TableOptions) -> TableFormat? { options.format ?? TableFormat(path: path) }
}
