import Foundation
import GibbsNumerics
import Testing
import GibbsData

/// Numbers in JSON are what `%g` gives, to the letter, whichever way they were written.
@Suite struct JSONNumberTests {
    @Test func asPrintf() {
        let key = Key(1), bits = key.uniforms(60_000)
        var wrong = [String]()
        func check(_ value: Double, _ digits: Int) {
            let wanted = value == value.rounded() && abs(value) < 1e15 ? String(Int(value)) : String(format: "%.\(digits)g", value), found = JSONValue.number(value, digits: digits).text
            if wanted != found { wrong.append("\(value) to \(digits) digits is \(found), not \(wanted)") }
        }
        for index in stride(from: 0, to: bits.count - 2, by: 3) {
            // Over twenty orders of magnitude, either sign, and as rounded floats too.
            let value = (Double(bits[index]) - 0.5) * pow(10, 20 * Double(bits[index + 1]) - 8), digits = 1 + Int(bits[index + 2] * 10)
            check(value, digits)
            check(Double(Float(value)), digits)
        }
        // Halves that are no halves in binary, nines that carry, and the ends of the plain form.
        for value in [0.5, 1.5, 2.5, 0.125, 0.0625, 1.005, 2.675, 9.9999996, 99999.996, 0.00099999996, 1e-4, 9.99999e-5, 123456.7, 999999.5, 1e6 + 0.25, 1e9 + 0.5, 0.1, 0.3, -0.0001234, 1e-300, 1e300, .leastNonzeroMagnitude] {
            for digits in 1 ... 12 { check(value, digits); check(-value, digits) }
        }
        #expect(wrong.isEmpty, "\(wrong.prefix(5))")
    }
}
