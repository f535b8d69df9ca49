import GibbsNumerics

/// NumPy's format for one array, straight from and into a matrix.
public struct NPY {
    /// Rows × columns in single precision; a one-dimensional array becomes one column. Plain or gzip.
    ///
    /// - Throws: `.cannotRead`, `.malformedData`, `.unsuitableData` for values that are not numbers or more than four axes, of which all but the first are flattened.
    ///   Values that are not finite, or exceed single precision and become infinite, are no error.
    public static func matrix(_ path: String) throws -> Matrix {
        do {
            let source = try InputFile(path: path).open()
            let limits = TableOptions.Limits()
            let values = ArrayValues(header: try .numpy(source, limits: limits), source: source, limits: limits)
            let (rows, numbers) = try values.next(rows: .max)
            try values.checkEnd()
            return Matrix(rows: rows, columns: values.header.columns, values: numbers.map(Float.init))
        } catch let error as GibbsError {
            throw error.located(at: .init(file: path))
        }
    }

    /// The extents of the array in a file. Cost: its header.
    ///
    /// - Throws: As `matrix`.
    public static func shape(_ path: String) throws -> [Int] {
        do { return try ArrayHeader.numpy(try InputFile(path: path).open(), limits: .init()).shape } catch let error as GibbsError { throw error.located(at: .init(file: path)) }
    }

    /// Writes a matrix as a two-dimensional array of 32-bit floats in C order, complete or not at all.
    ///
    /// - Throws: `.cannotWrite`.
    public static func write(_ matrix: Matrix, to path: String) throws {
        var header = "{'descr': '<f4', 'fortran_order': False, 'shape': (\(matrix.rows), \(matrix.columns)), }"
        // NumPy pads so that the values begin at a multiple of 64 bytes.
        header += String(repeating: " ", count: (64 - (10 + header.utf8.count + 1) % 64) % 64) + "\n"
        let length = UInt16(header.utf8.count)
        let file = try OutputFile(path: path)
        try file.write([0x93] + Array("NUMPY".utf8) + [1, 0, UInt8(length & 0xFF), UInt8(length >> 8)])
        try file.write(header)
        try matrix.values.withUnsafeBytes { try file.write($0) }
        try file.commit()
    }
}
