import CTorch
import GibbsNumerics

extension Tensor {
    /// The same numbers as a variable: what is computed from them remembers how, so that `gradients(of:)` finds its slopes.
    ///
    ///     let x = try rows.variable()
    ///     let slopes = try x.squared().sum().gradients(of: [x])
    public func variable() throws -> Tensor { try Engine.apply(CT_LEAF, [self], name: "variable") }

    /// The same numbers as constants: no gradient flows through them.
    public func constant() throws -> Tensor { try Engine.apply(CT_DETACH, [self], name: "constant") }

    /// The same numbers in memory of their own, as constants.
    func copy() throws -> Tensor { try Engine.apply(CT_COPY, [self], name: "copy") }

    /// ∂ Σ self / ∂ input of every input, of its shape; zeros where this does not depend on one.
    ///
    /// - Parameters:
    ///   - inputs: Variables, or what was computed from variables on the way here.
    ///   - differentiable: Whether the gradients can be differentiated again, which takes more memory.
    /// - Throws: `GibbsError` with code `.shapeMismatch` for an input that is no variable.
    /// - Complexity: Two to three times the computation of this tensor.
    public func gradients(of inputs: [Tensor], differentiable: Bool = false) throws -> [Tensor] {
        if inputs.isEmpty { return [] }
        var handles = [OpaquePointer?](repeating: nil, count: inputs.count)
        let status = withExtendedLifetime(inputs) {
            ct_gradients(storage.handle, inputs.map { $0.storage.handle }, Int32(inputs.count), differentiable ? 1 : 0, &handles)
        }
        try Engine.check(status) { "the gradient of \(shape) in \(inputs.map { "\($0.shape)" }.joined(separator: " and "))" }
        return handles.map { Tensor(storage: TensorStorage($0!)) }
    }
}
