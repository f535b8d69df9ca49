import CTorch

// Element by element. Two operands broadcast as in NumPy: axes are aligned at the end, and an extent of 1 is repeated.

extension Tensor {
    /// x + y, element by element.
    public static func + (x: Tensor, y: Tensor) throws -> Tensor { try Engine.apply(CT_ADD, [x, y], name: "+") }
    /// x − y, element by element.
    public static func - (x: Tensor, y: Tensor) throws -> Tensor { try Engine.apply(CT_SUBTRACT, [x, y], name: "-") }
    /// x · y, element by element; `matmul` is the product of matrices.
    public static func * (x: Tensor, y: Tensor) throws -> Tensor { try Engine.apply(CT_MULTIPLY, [x, y], name: "*") }
    /// x / y, element by element.
    public static func / (x: Tensor, y: Tensor) throws -> Tensor { try Engine.apply(CT_DIVIDE, [x, y], name: "/") }
    /// −x.
    public static prefix func - (x: Tensor) throws -> Tensor { try Engine.apply(CT_NEGATE, [x], name: "-") }

    /// x + b.
    public static func + (x: Tensor, b: Double) throws -> Tensor { try x.affine(1, b) }
    /// a + x.
    public static func + (a: Double, x: Tensor) throws -> Tensor { try x.affine(1, a) }
    /// x − b.
    public static func - (x: Tensor, b: Double) throws -> Tensor { try x.affine(1, -b) }
    /// a − x.
    public static func - (a: Double, x: Tensor) throws -> Tensor { try x.affine(-1, a) }
    /// a · x.
    public static func * (a: Double, x: Tensor) throws -> Tensor { try x.affine(a, 0) }
    /// x · a.
    public static func * (x: Tensor, a: Double) throws -> Tensor { try x.affine(a, 0) }
    /// x / b.
    public static func / (x: Tensor, b: Double) throws -> Tensor { try x.affine(1 / b, 0) }

    /// a · x + b.
    private func affine(_ a: Double, _ b: Double) throws -> Tensor { try Engine.apply(CT_AFFINE, [self], numbers: [a, b], name: "a x + b") }
}

extension Tensor {
    private func mapped(_ operation: ct_op, _ numbers: Double..., name: String = #function) throws -> Tensor {
        try Engine.apply(operation, [self], numbers: numbers, name: name)
    }

    /// eˣ.
    public func exp() throws -> Tensor { try mapped(CT_EXP) }
    /// ln x.
    public func log() throws -> Tensor { try mapped(CT_LOG) }
    /// x².
    public func squared() throws -> Tensor { try mapped(CT_SQUARE) }
    /// √x.
    public func squareRoot() throws -> Tensor { try mapped(CT_SQUARE_ROOT) }
    /// xᵃ.
    public func power(_ exponent: Double) throws -> Tensor { try mapped(CT_POWER, exponent) }
    /// |x|.
    public func magnitude() throws -> Tensor { try mapped(CT_ABSOLUTE) }
    /// x, or the nearer bound; its gradient is 0 outside.
    public func clamped(_ lowest: Double, _ highest: Double) throws -> Tensor { try mapped(CT_CLAMP, lowest, highest) }
    /// 1 / (1 + e⁻ˣ).
    public func sigmoid() throws -> Tensor { try mapped(CT_SIGMOID) }
    /// The hyperbolic tangent.
    public func tanh() throws -> Tensor { try mapped(CT_TANH) }
    /// max(0, x). Its second derivative is zero.
    public func relu() throws -> Tensor { try mapped(CT_RELU) }
    /// x · sigmoid(x), also called swish.
    public func silu() throws -> Tensor { try mapped(CT_SILU) }
    /// x · Φ(x), with the distribution function of the normal.
    public func gelu() throws -> Tensor { try mapped(CT_GELU) }
    /// ln(1 + eˣ).
    public func softplus() throws -> Tensor { try mapped(CT_SOFTPLUS) }
    /// x above zero, eˣ − 1 below.
    public func elu() throws -> Tensor { try mapped(CT_ELU) }
    /// x above zero, `slope` · x below.
    public func leakyRelu(slope: Double = 0.01) throws -> Tensor { try mapped(CT_LEAKY_RELU, slope) }

    /// The larger of two, element by element.
    public static func maximum(_ x: Tensor, _ y: Tensor) throws -> Tensor { try Engine.apply(CT_MAXIMUM, [x, y], name: "maximum") }
    /// 1 where x > y, else 0; a constant to gradients.
    public static func isGreater(_ x: Tensor, _ y: Tensor) throws -> Tensor { try Engine.apply(CT_GREATER, [x, y], name: "isGreater") }
    /// x where the condition is not 0, else y.
    public static func choose(_ condition: Tensor, _ x: Tensor, _ y: Tensor) throws -> Tensor {
        try Engine.apply(CT_WHERE, [condition, x, y], name: "choose")
    }
}
