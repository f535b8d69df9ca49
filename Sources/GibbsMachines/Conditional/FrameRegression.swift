import Foundation
import GibbsCore
import GibbsNumerics

/// The least-squares regression of the real columns of frames on their contexts: coordinates in which a conditional machine learns well.
///
///     e = (v − R u − r) / s,   s² the variance of what is left
///
/// A machine of e is a machine of v with other parameters, exactly (`restored(_:)`), but in e its numbers are of size one however well
/// the context foretells the frame. With small weights it is the linear-Gaussian model of the frames.
public struct FrameRegression: Sendable {
    /// The widest context that is regressed on; wider ones give the columns' means and deviations alone.
    public static let contextLimit = 2_000

    /// R, shape `[context units, real columns]`, rows as the context's layout says.
    public let coefficients: Matrix
    /// r and s of the real columns, in order.
    public let constants: [Float], deviations: [Float]
    private let realColumns: [Int], contextLayout: UnitLayout

    /// Regresses; a ridge of 10⁻⁴ of the rows keeps collinear contexts apart, and s is at least 10⁻³.
    ///
    /// - Parameters:
    ///   - batch: Shape `[rows, variables.count]`, none missing; real columns roughly standardised.
    ///   - context: Shape `[rows, contextVariables.count]`, real and binary; `nan` adds nothing.
    ///   - model: Whose columns these are.
    /// - Throws: `GibbsError` with code `.shapeMismatch` or `.unsuitableData`.
    /// - Complexity: `rows × context²` and `context³`.
    public init(of batch: Matrix, on context: Matrix, for model: ConditionalRBM) throws {
        try batch.check(against: model.variables)
        try context.check(against: model.contextVariables)
        try model.check(rows: batch.rows, of: context)
        realColumns = model.machine.layout.realColumns
        contextLayout = model.contextLayout
        let real = realColumns.count, width = contextLayout.width
        let usesContext = real > 0 && contextLayout.groupCount == 0 && width <= Self.contextLimit
        // A constant last, for r.
        let units = usesContext ? contextLayout.realColumns + contextLayout.binaryColumns : []
        let inputs = Matrix(rows: batch.rows, columns: units.count + 1, values: (0 ..< batch.rows).flatMap { row in units.map { context[row, $0].isNaN ? 0 : context[row, $0] } + [1] })
        let columns = realColumns
        var residuals = Matrix(rows: batch.rows, columns: real, values: (0 ..< batch.rows).flatMap { row in columns.map { batch[row, $0] } })
        var gram = Matrix.product(inputs, inputs, transposeA: true).values.map(Double.init)
        for unit in units.indices { gram[unit * (units.count + 2)] += 1e-4 * Double(batch.rows) }
        var solved = Matrix(rows: units.count + 1, columns: real)
        if real > 0, let inverse = SymmetricMatrix(size: units.count + 1, values: gram).inverseAndLogDeterminant()?.inverse {
            let left = Matrix(rows: units.count + 1, columns: units.count + 1, values: inverse.values.map(Float.init))
            solved = Matrix.product(left, Matrix.product(inputs, residuals, transposeA: true))
        }
        Matrix.multiply(inputs, solved, alpha: -1, beta: 1, into: &residuals)
        var coefficients = Matrix(rows: width, columns: real)
        for row in units.indices { for unit in 0 ..< real { coefficients[row, unit] = solved[row, unit] } }
        self.coefficients = coefficients
        constants = Array(solved.row(units.count))
        deviations = (0 ..< real).map { unit in
            max(1e-3, Float((residuals.column(unit).reduce(0.0) { $0 + Double($1 * $1) } / Double(max(1, batch.rows))).squareRoot()))
        }
    }

    /// The frames with e in place of their real columns; shapes as when it was fitted.
    public func residuals(of batch: Matrix, given context: Matrix) -> Matrix {
        if realColumns.isEmpty { return batch }
        let foretold = VisibleStates(context, layout: contextLayout).product(coefficients, plus: constants)
        var result = batch
        for row in 0 ..< batch.rows {
            for (unit, column) in realColumns.enumerated() { result[row, column] = (batch[row, column] - foretold[row, unit]) / deviations[unit] }
        }
        return result
    }

    /// The machine of v that a machine of e is: p(v | u) = p(e | u) / Π s.
    public func restored(_ model: ConditionalRBM) -> ConditionalRBM {
        var result = model
        for (unit, s) in deviations.enumerated() {
            // (e / σ²) W h = (v / s²σ²) (s W) h − ((R u + r) / sσ²) W h
            let w = Array(model.machine.weights.row(unit)), share = exp(-model.machine.logVariance[unit]) / s
            result.machine.logVariance[unit] += 2 * log(s)
            result.machine.visibleBias[unit] = s * model.machine.visibleBias[unit] + constants[unit]
            for j in w.indices {
                result.machine.weights[unit, j] = s * w[j]
                result.machine.hiddenBias[j] -= constants[unit] * share * w[j]
            }
            for row in 0 ..< coefficients.rows {
                let r = coefficients[row, unit]
                result.visibleWeights[row, unit] = s * model.visibleWeights[row, unit] + r
                for j in w.indices { result.hiddenWeights[row, j] -= r * share * w[j] }
            }
        }
        return result
    }
}
