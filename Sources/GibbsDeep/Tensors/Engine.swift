import CTorch
import GibbsNumerics

/// libtorch, as this program has it.
///
/// Errors that come from there are `GibbsError`s: `.shapeMismatch` for operands that an operation refuses, `.limitExceeded` where
/// memory runs out, `.usage` where the program was built without it.
public enum Engine {
    /// The version of libtorch, such as `2.11.0`; `nil` in a program that was built without the trait `Deep`.
    public static var version: String? { ct_version().map { String(cString: $0) } }

    /// Threads that an operation on the processor is spread over; as many as processors unless set. Sums over a long axis may come out
    /// differently rounded on another number of threads.
    public static var threads: Int {
        get { Int(ct_threads()) }
        set { _ = ct_set_threads(Int32(clamping: newValue)) }
    }
}

/// Where tensors are kept and operations run.
public enum Device: String, Sendable, Hashable, CaseIterable {
    /// The processor.
    case processor
    /// The first graphics card of NVIDIA.
    case cuda
    /// The graphics part of a Mac.
    case metal

    /// Whether tensors can be put there.
    public var isAvailable: Bool { Engine.version != nil && ct_has_device(code) != 0 }

    var code: ct_device {
        switch self {
        case .processor: CT_CPU
        case .cuda: CT_CUDA
        case .metal: CT_MPS
        }
    }

    init(_ code: ct_device) { self = code == CT_CUDA ? .cuda : code == CT_MPS ? .metal : .processor }
}

// MARK: - Calls

extension Engine {
    /// Throws unless libtorch was built in.
    static func require() throws { if version == nil { try check(CT_ABSENT) { "" } } }

    /// Turns a status into an error; `what` is asked only then.
    static func check(_ status: ct_status, _ what: () -> String) throws {
        switch status {
        case CT_FINE: return
        case CT_ABSENT:
            throw GibbsError(.usage, "this program was built without deep energies",
                             advice: "run scripts/setup --deep, then scripts/deep build")
        case CT_OUT_OF_MEMORY:
            throw GibbsError(.limitExceeded, "\(what()): memory ran out", advice: "use fewer rows at a time, or a smaller network")
        default:
            throw GibbsError(.shapeMismatch, "\(what()): \(reason)")
        }
    }

    /// What libtorch said last, its first line.
    private static var reason: String {
        let text = String(cString: ct_message())
        return String(text.prefix { $0 != "\n" })
    }

    /// A new tensor from what `body` puts in its place.
    static func made(name: String, _ shape: [Int],
                     _ body: (UnsafePointer<Int64>?, Int32, UnsafeMutablePointer<OpaquePointer?>) -> ct_status) throws -> Tensor {
        precondition(shape.allSatisfy { $0 >= 0 }, "a tensor of the shape \(shape)")
        var handle: OpaquePointer?
        let extents = shape.map(Int64.init)
        try check(body(extents, Int32(extents.count), &handle)) { "\(name) of the shape \(shape)" }
        return Tensor(storage: TensorStorage(handle!))
    }

    static func tensor<Value>(_ values: [Value], _ element: Tensor.Element, _ shape: [Int]) throws -> Tensor {
        precondition(shape.reduce(1, *) == values.count, "\(values.count) values for the shape \(shape)")
        return try values.withUnsafeBytes { bytes in
            try made(name: "a tensor", shape) { extents, rank, out in ct_from(bytes.baseAddress, element.code, extents, rank, out) }
        }
    }

    static func values<Value>(of tensor: Tensor, _ element: Tensor.Element, zero: Value) throws -> [Value] {
        var result = [Value](repeating: zero, count: tensor.count)
        let status = result.withUnsafeMutableBytes { ct_to(tensor.storage.handle, $0.baseAddress, element.code, Int64(tensor.count)) }
        try check(status) { "reading \(tensor.shape)" }
        return result
    }

    /// The result of an operation, named in its errors as in the code that called it.
    static func apply(_ operation: ct_op, _ operands: [Tensor], integers: [Int] = [], numbers: [Double] = [], name: String) throws -> Tensor {
        var result: OpaquePointer?
        let status = withExtendedLifetime(operands) {
            ct_apply(operation, operands.map { $0.storage.handle }, Int32(operands.count), integers.map(Int64.init), Int32(integers.count),
                     numbers, Int32(numbers.count), &result)
        }
        try check(status) {
            let settings = integers.isEmpty ? "" : " with \(integers)"
            return "\(name) of \(operands.map { "\($0.shape)" }.joined(separator: " and "))\(settings)"
        }
        return Tensor(storage: TensorStorage(result!))
    }
}

extension Device {
    /// Throws unless tensors can be put there.
    func require() throws {
        try Engine.require()
        guard isAvailable else { throw GibbsError(.usage, "there is no device '\(rawValue)' here", advice: "leave the device out to compute on the processor") }
    }
}
