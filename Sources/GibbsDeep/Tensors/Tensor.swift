import CTorch
import GibbsNumerics

/// An array of numbers of any rank, on the processor or a graphics card, whose operations can be differentiated, twice and more.
///
/// A value: no public operation changes one. Operations throw where the shapes do not fit, with the operation and every shape in the
/// message; one `try` at the beginning of an expression covers it all:
///
///     let energy = try 0.5 * (x - mean).squared().sum(over: [1])
///
/// Views, such as `reshaped` and `slice`, share memory with what they were made from.
public struct Tensor: Sendable {
    /// What the elements are.
    public enum Element: Sendable, Hashable {
        /// Single precision; the type of models.
        case float
        /// Double precision, for checks.
        case double
        /// Indices.
        case integer
    }

    let storage: TensorStorage

    /// Extents, outermost first; none for a single number.
    public var shape: [Int] { storage.shape }
    /// What the elements are.
    public var element: Element { Element(ct_type_of(storage.handle)) }
    /// Where the elements are.
    public var device: Device { Device(ct_device_of(storage.handle)) }
    /// The number of elements.
    public var count: Int { shape.reduce(1, *) }
}

/// A handle of libtorch and the duty to release it.
///
/// Sendable, because a handle stays what it is: its reference counts are atomic and its elements are only read. The exceptions write
/// to tensors that nobody else has been given: a training's parameters (`NetworkTraining`) and a run's positions (`LangevinChains`).
final class TensorStorage: @unchecked Sendable {
    let handle: OpaquePointer
    let shape: [Int]

    init(_ handle: OpaquePointer) {
        self.handle = handle
        var extents = [Int64](repeating: 0, count: 8)
        var rank = Int(ct_shape(handle, &extents, Int32(extents.count)))
        if rank > extents.count {
            extents = [Int64](repeating: 0, count: rank)
            rank = Int(ct_shape(handle, &extents, Int32(rank)))
        }
        shape = extents.prefix(rank).map(Int.init)
    }

    deinit { ct_release(handle) }
}

// MARK: - In and out

extension Tensor {
    /// A tensor of these numbers, row-major. Traps unless the shape's product is their count.
    ///
    /// - Throws: `GibbsError` as `Engine` says; memory may run out.
    /// - Complexity: One copy.
    public init(_ values: [Float], shape: [Int]) throws { self = try Engine.tensor(values, .float, shape) }

    /// A tensor in double precision. Traps unless the shape's product is their count.
    ///
    /// - Throws: As `init(_:shape:)`.
    public init(_ values: [Double], shape: [Int]) throws { self = try Engine.tensor(values, .double, shape) }

    /// A tensor of indices. Traps unless the shape's product is their count.
    ///
    /// - Throws: As `init(_:shape:)`.
    public init(indices: [Int], shape: [Int]) throws { self = try Engine.tensor(indices.map(Int64.init), .integer, shape) }

    /// The rows of a batch, each with the shape `row`: `[rows] + row`, or `[rows, columns]` where none is given.
    ///
    /// - Throws: As `init(_:shape:)`, and `.shapeMismatch` where a row has another number of columns than `row` has elements.
    public init(_ batch: Matrix, row: [Int]? = nil) throws {
        let row = row ?? [batch.columns]
        guard row.reduce(1, *) == batch.columns else {
            throw GibbsError(.shapeMismatch, "the batch has \(batch.columns) columns where \(row) takes \(row.reduce(1, *))")
        }
        try self.init(batch.values, shape: [batch.rows] + row)
    }

    /// The same where a network's weights are.
    ///
    /// - Throws: As `init(_:row:)`, and where the device has no memory left.
    public init(_ batch: Matrix, row: [Int], on device: Device) throws {
        let rows = try Tensor(batch, row: row)
        self = device == .processor ? rows : try rows.moved(to: device)
    }

    /// A constant tensor.
    ///
    /// - Throws: As `init(_:shape:)`.
    public init(repeating value: Double, shape: [Int], element: Element = .float, on device: Device = .processor) throws {
        self = try Engine.made(name: "a constant", shape) { extents, rank, out in
            ct_full(value, element.code, extents, rank, device.code, out)
        }
    }

    /// Standard normal numbers; consumes `key`.
    ///
    /// On the processor those of `Key.normals`; elsewhere libtorch's own for a seed from the key: the same key gives the same bits on
    /// the same device.
    /// - Throws: As `init(_:shape:)`.
    public init(normal key: Key, shape: [Int], on device: Device = .processor) throws {
        if device == .processor {
            try self.init(key.normals(shape.reduce(1, *)), shape: shape)
            return
        }
        var generator = KeyedGenerator(key: key)
        let seed = generator.next()
        self = try Engine.made(name: "normal numbers", shape) { extents, rank, out in ct_normal(seed, CT_FLOAT, extents, rank, device.code, out) }
    }

    /// The numbers in single precision, row-major, copied.
    ///
    /// - Throws: `GibbsError` where the device fails.
    public func floats() throws -> [Float] { try Engine.values(of: self, .float, zero: 0) }

    /// The numbers in double precision, row-major, copied.
    ///
    /// - Throws: As `floats()`.
    public func doubles() throws -> [Double] { try Engine.values(of: self, .double, zero: 0) }

    /// The only element of a tensor that has one.
    ///
    /// - Throws: As `floats()`, and `.shapeMismatch` where there are more or fewer.
    public func number() throws -> Double {
        guard count == 1 else { throw GibbsError(.shapeMismatch, "one number is wanted of a tensor of the shape \(shape)", advice: "sum it") }
        return try doubles()[0]
    }

    /// The rows as a batch: the first axis counts rows, all others together columns.
    ///
    /// - Throws: As `floats()`, and `.shapeMismatch` for a single number, which has no rows.
    public func matrix() throws -> Matrix {
        guard let rows = shape.first else { throw GibbsError(.shapeMismatch, "a single number has no rows") }
        return Matrix(rows: rows, columns: shape.dropFirst().reduce(1, *), values: try floats())
    }
}

extension Tensor: CustomStringConvertible {
    /// The shape, and the elements where there are few.
    public var description: String {
        let values = count <= 16 ? (try? doubles()).map { " \($0)" } ?? "" : ""
        return "Tensor\(shape)\(values)"
    }
}

extension Tensor.Element {
    var code: ct_type {
        switch self {
        case .float: CT_FLOAT
        case .double: CT_DOUBLE
        case .integer: CT_INTEGER
        }
    }

    init(_ code: ct_type) { self = code == CT_DOUBLE ? .double : code == CT_INTEGER ? .integer : .float }
}
