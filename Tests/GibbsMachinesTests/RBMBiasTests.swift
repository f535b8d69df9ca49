import Foundation
import GibbsCore
import GibbsMachines
import GibbsNumerics
import GibbsTestSupport
import Testing

/// Biases set from data: the independent machine has the data's marginals.
@Suite struct RBMBiasTests {
    @Test func formulas() throws {
        let nan = Float.nan
        let data = Matrix([[0, 1, 1, 0.5, 1, 0], [0, 3, nan, 0.5, 1, 0], [2, nan, 1, 0.5, 1, 1], [nan, 5, 0, 0.5, nan, 0]])
        let machine = try RBM(visible: Small.mixed, hidden: 2, key: Key(1)).withBiases(from: data)
        // Real columns 1 and 3, binary ones 2 and 5; then the categories of columns 0 and 4. Each count has half a row more.
        let exact: [Double] = [3, 0.5, log(2.5 / 1.5), log(1.5 / 3.5), log(2.5 / 4.5), log(0.5 / 4.5), log(1.5 / 4.5), log(0.5 / 4.0), log(3.5 / 4.0)]
        for (found, exact) in zip(machine.visibleBias, exact) { #expect(abs(Double(found) - exact) < 1e-5) }
        // The variance of 1, 3, 5 is 8/3; a constant column gets the floor of a standardised one.
        #expect(abs(Double(machine.logVariance[0]) - log(8.0 / 3)) < 1e-5 && abs(Double(machine.logVariance[1]) - log(1e-4)) < 1e-4)
        #expect(checkRefusal([.shapeMismatch], "columns") { _ = try machine.withBiases(from: Matrix(rows: 1, columns: 2)) } == [])
    }

    @Test func columnsWithoutValues() throws {
        let machine = try RBM(visible: Small.mixed, hidden: 2, key: Key(1)).withBiases(from: Matrix(rows: 2, columns: 6, repeating: .nan))
        #expect(machine.visibleBias.allSatisfy(\.isFinite) && machine.logVariance == [0, 0])
    }
}
