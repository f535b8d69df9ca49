/// What a model is made of on disk, apart from any file format: named tensors and named strings.
///
/// Models write themselves into an archive and read themselves from one; `ModelFile` (room Data) turns it into safetensors.
public struct Archive: Sendable, Hashable {
    /// A dense tensor in single precision, row-major: the only element type that model files hold.
    public struct Tensor: Sendable, Hashable {
        /// Extents, outermost first; no extents for a single number.
        public var shape: [Int]
        /// The shape's product of values, row-major.
        public var values: [Float]

        /// A tensor of this shape. Traps unless the shape's product is the number of values.
        public init(shape: [Int], values: [Float]) {
            precondition(shape.reduce(1, *) == values.count, "\(values.count) values for the shape \(shape)")
            self.shape = shape
            self.values = values
        }

        /// A vector.
        public init(_ values: [Float]) { self.init(shape: [values.count], values: values) }
        /// A matrix, shape `[rows, columns]`.
        public init(_ matrix: Matrix) { self.init(shape: [matrix.rows, matrix.columns], values: matrix.values) }
    }

    /// Tensors by name; nested models have a prefix and a dot before theirs.
    public var tensors: [String: Tensor]
    /// Strings that describe the model; structured ones hold JSON.
    public var metadata: [String: String]

    /// An archive of these entries.
    public init(tensors: [String: Tensor] = [:], metadata: [String: String] = [:]) {
        self.tensors = tensors
        self.metadata = metadata
    }

    /// The part of this archive whose names start with `prefix.`, with the prefix removed.
    public func nested(_ prefix: String) -> Archive {
        func strip<Value>(_ dictionary: [String: Value]) -> [String: Value] {
            var result = [String: Value]()
            for (name, value) in dictionary where name.hasPrefix(prefix + ".") {
                result[String(name.dropFirst(prefix.count + 1))] = value
            }
            return result
        }
        return Archive(tensors: strip(tensors), metadata: strip(metadata))
    }

    /// Adds every entry of `other` under `prefix.`, replacing entries of the same name.
    public mutating func nest(_ other: Archive, under prefix: String) {
        for (name, tensor) in other.tensors { tensors["\(prefix).\(name)"] = tensor }
        for (name, text) in other.metadata { metadata["\(prefix).\(name)"] = text }
    }

    /// The values of a tensor that must exist and hold `count` finite values.
    ///
    /// - Throws: `GibbsError` with code `.unsuitableModel`, naming the tensor, when it is absent, of another size or not finite.
    public func vector(_ name: String, count: Int? = nil) throws -> [Float] {
        guard let tensor = tensors[name] else {
            throw GibbsError(.unsuitableModel, "the tensor '\(name)' is missing", advice: "the file is damaged or of another kind")
        }
        if let count, tensor.values.count != count {
            throw GibbsError(.unsuitableModel, "the tensor '\(name)' holds \(tensor.values.count) values where \(count) are needed")
        }
        guard tensor.values.allSatisfy(\.isFinite) else {
            throw GibbsError(.unsuitableModel, "the tensor '\(name)' holds a value that is not finite",
                             advice: "the training diverged or the file is damaged")
        }
        return tensor.values
    }

    /// A matrix that must exist with finite values; `rows` and `columns` are checked where given.
    ///
    /// - Throws: As `vector(_:count:)`, and when the tensor has another shape or not two extents.
    public func matrix(_ name: String, rows: Int? = nil, columns: Int? = nil) throws -> Matrix {
        let values = try vector(name)
        let shape = tensors[name]!.shape
        guard shape.count == 2, rows == nil || shape[0] == rows!, columns == nil || shape[1] == columns! else {
            let wanted = "[\(rows.map(String.init) ?? "any"), \(columns.map(String.init) ?? "any")]"
            throw GibbsError(.unsuitableModel, "the tensor '\(name)' has the shape \(shape) where \(wanted) is needed")
        }
        return Matrix(rows: shape[0], columns: shape[1], values: values)
    }

    /// A metadata string that must exist.
    ///
    /// - Throws: `GibbsError` with code `.unsuitableModel`, naming the entry.
    public func text(_ name: String) throws -> String {
        guard let value = metadata[name] else {
            throw GibbsError(.unsuitableModel, "the entry '\(name)' is missing", advice: "the file is damaged or of another kind")
        }
        return value
    }
}
