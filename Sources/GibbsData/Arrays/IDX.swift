import GibbsNumerics

/// The files of MNIST and its relatives, straight into matrices; plain or gzip.
public struct IDX {
    /// Images as one row of pixels each.
    ///
    /// - Parameters:
    ///   - path: The file of images.
    ///   - scaled: Whether pixels become `0...1` (the default) or stay `0...255`.
    /// - Throws: `.cannotRead`, `.malformedData` for another format or a file that ends too early, `.limitExceeded`.
    public static func images(_ path: String, scaled: Bool = true) throws -> Matrix { try imagesAndDigest(path, scaled: scaled).images }

    /// The same with the SHA-256 of the file, as tables have it.
    package static func imagesAndDigest(_ path: String, scaled: Bool = true) throws -> (images: Matrix, digest: String) {
        let (header, bytes, digest) = try read(path)
        // A division keeps 255/255 exactly 1, which a product with 1/255 need not do.
        let values = (0 ... 255).map { scaled ? Float($0) / 255 : Float($0) }
        return (Matrix(rows: header.rows, columns: header.columns, values: bytes.map { values[Int($0)] }), digest)
    }

    /// Labels, one number an image.
    ///
    /// - Throws: As `images`; `.unsuitableData` when the file holds images.
    public static func labels(_ path: String) throws -> [Int] {
        let (header, bytes, _) = try read(path)
        guard header.shape.count == 1 else {
            throw GibbsError(.unsuitableData, "holds images of the shape \(header.shape), not labels", at: .init(file: path),
                             advice: "name the file of labels")
        }
        return bytes.map(Int.init)
    }

    /// Height and width of the images of a file. Cost: its header.
    public static func size(_ path: String) throws -> (height: Int, width: Int) {
        let shape = try ArrayHeader.idx(try InputFile(path: path).open(), limits: .init()).shape
        guard shape.count == 3 else {
            throw GibbsError(.unsuitableData, "has the shape \(shape), not images", at: .init(file: path),
                             advice: "name the file of images")
        }
        return (shape[1], shape[2])
    }

    private static func read(_ path: String) throws -> (ArrayHeader, [UInt8], digest: String) {
        do {
            let source = try InputFile(path: path).open()
            let header = try ArrayHeader.idx(source, limits: .init())
            let (total, overflow) = header.rows.multipliedReportingOverflow(by: header.columns)
            guard !overflow, total <= 1 << 33 else {
                throw GibbsError(.limitExceeded, "\(header.shape) values are more than one matrix may hold", advice: "split the file")
            }
            // Grows with what is there, whatever the header claims.
            var bytes = [UInt8]()
            while bytes.count < total {
                var part = [UInt8](repeating: 0, count: min(1 << 22, total - bytes.count))
                try part.withUnsafeMutableBytes { try source.readExactly($0, what: "the \(header.shape) values") }
                bytes.append(contentsOf: part)
            }
            var extra: UInt8 = 0
            if try withUnsafeMutableBytes(of: &extra, { try source.read(into: $0) }) > 0 {
                throw GibbsError(.malformedData, "goes on after the values its header speaks of", advice: "the header is damaged")
            }
            return (header, bytes, source.digest.hex)
        } catch let error as GibbsError {
            throw error.located(at: .init(file: path))
        }
    }
}
