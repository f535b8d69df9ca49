import Foundation
import GibbsNumerics

extension Plot {
    /// One direction of a plot: what it shows, from where to where, evenly or by powers.
    public struct Axis: Sendable, Hashable, ExpressibleByStringLiteral {
        /// How numbers are laid along the axis.
        public enum Scale: Sendable, Hashable {
            /// Equal differences are equally long.
            case linear
            /// Equal ratios are equally long; every number has to be positive.
            case logarithmic
        }

        /// What is shown, with its unit: `energy (nats)`.
        public var label: String
        /// From where to where; nil for what the data cover, widened to whole ticks.
        public var range: ClosedRange<Double>?
        /// How numbers are laid along the axis.
        public var scale: Scale
        /// Beyond what no value can be, such as −1 and 1 of a cosine: an axis that is fitted to the data ends there. What rounding puts a hair beyond is cut off.
        public var limits: ClosedRange<Double>?
        /// From one tick of a linear axis to the next, such as 90 of degrees; a round number that suits the range unless told, or where that makes more than 1000 ticks.
        public var step: Double?

        /// An axis with a label, fitted to the data unless a range is given.
        public init(_ label: String = "", range: ClosedRange<Double>? = nil, scale: Scale = .linear, limits: ClosedRange<Double>? = nil, step: Double? = nil) {
            (self.label, self.range, self.scale, self.limits, self.step) = (label, range, scale, limits, step)
        }

        /// The axis of that label, fitted to the data.
        public init(stringLiteral value: String) { self.init(value) }

        /// The ticks of this axis.
        ///
        /// - Parameters:
        ///   - data: From where to where the data go.
        ///   - count: About how many ticks are wanted.
        ///   - isTight: End where the data end, as pictures do, instead of at the next tick.
        /// - Throws: `.unsuitableData` for a range that is empty or not finite, or not positive on a logarithmic scale.
        ///   Data beyond the limits are no error, and limits within which the axis would be empty are ignored.
        ///   Data that are one number, or as good as one, are no error and get some room on both sides.
        public func ticks(covering data: ClosedRange<Double>, count: Int = 6, isTight: Bool = false) throws -> Ticks {
            let wanted = range ?? data
            try check(wanted)
            if scale == .linear { return Ticks.linear(wanted, count: max(count, 2), step: step, keepsEnds: range != nil || isTight).within(limits) }
            return Ticks.logarithmic(wanted, count: max(count, 2), keepsEnds: range != nil || isTight).within(limits)
        }

        /// Refuses what this axis cannot show: its own range, or that of data.
        func check(_ wanted: ClosedRange<Double>) throws {
            // Beyond that, differences and powers would leave what numbers can hold; a little more than data may be, for room.
            guard abs(wanted.lowerBound) <= 1e301, abs(wanted.upperBound) <= 1e301,
                  wanted != range || wanted.lowerBound < wanted.upperBound else {
                throw GibbsError(.unsuitableData, "the axis '\(label)' cannot go from \(wanted.lowerBound) to \(wanted.upperBound)",
                                 advice: "give a range within ±1e300 that is not empty, or leave it out")
            }
            guard scale == .linear || wanted.lowerBound > 1e-300 else {
                throw GibbsError(.unsuitableData, "the logarithmic axis '\(label)' cannot show \(wanted.lowerBound)",
                                 advice: "use a linear scale, or leave out what is not positive")
            }
        }
    }

    /// Where an axis begins and ends, and the round numbers that are marked on it.
    public struct Ticks: Sendable, Hashable {
        /// From one end of the axis to the other.
        public let range: ClosedRange<Double>
        /// The marked numbers in order; all lie in `range`.
        public let values: [Double]
        /// What stands beside each of them.
        public let labels: [String]
        /// Factor that was taken out of all labels, such as `×10⁶`; empty for none.
        public let factor: String
        /// Marked without a label, on logarithmic axes.
        public let minor: [Double]

        /// Steps of 1, 2, 2.5 or 5 times a power of ten, unless told.
        static func linear(_ wanted: ClosedRange<Double>, count: Int, step told: Double? = nil, keepsEnds: Bool) -> Ticks {
            var (low, high) = (wanted.lowerBound, wanted.upperBound)
            // Labels that differ in their tenth digit cannot be read; let such data be one number.
            let largest = max(abs(low), abs(high))
            if high - low <= largest * 1e-9 || largest < 1e-290 {
                let room = largest < 1e-290 ? 1 : largest * 0.1
                (low, high) = (low - room, high + room)
            }
            let length = high - low, step: Double = told.flatMap { $0 > 0 && length / $0 <= 1000 ? $0 : nil } ?? roundStep(length / Double(count))
            // A hair of room, so that rounding does not cost or add a tick at the ends.
            let first = keepsEnds ? (low / step - 1e-9).rounded(.up) : (low / step + 1e-9).rounded(.down)
            let last = keepsEnds ? (high / step + 1e-9).rounded(.down) : (high / step - 1e-9).rounded(.up)
            let values = stride(from: first, through: last, by: 1).map { $0 * step }
            let range = keepsEnds ? low ... high : min(low, first * step) ... max(high, last * step)
            let (labels, factor) = TickText.linear(values, step: step)
            return Ticks(range: range, values: values.map { min(max($0, range.lowerBound), range.upperBound) },
                         labels: labels, factor: factor, minor: [])
        }

        /// The same ticks on a longer axis.
        func reaching(_ low: Double, _ high: Double) -> Ticks {
            Ticks(range: min(low, range.lowerBound) ... max(high, range.upperBound), values: values, labels: labels, factor: factor, minor: minor)
        }

        /// The same ticks on an axis that ends at these limits, where it goes beyond them.
        func within(_ limits: ClosedRange<Double>?) -> Ticks {
            guard let limits, max(range.lowerBound, limits.lowerBound) < min(range.upperBound, limits.upperBound) else { return self }
            let ends = range.clamped(to: limits), hair = 1e-9 * (ends.upperBound - ends.lowerBound)
            func isSeen(_ value: Double) -> Bool { value >= ends.lowerBound - hair && value <= ends.upperBound + hair }
            let kept = values.indices.filter { isSeen(values[$0]) }
            return Ticks(range: ends, values: kept.map { min(max(values[$0], ends.lowerBound), ends.upperBound) }, labels: kept.map { labels[$0] }, factor: factor, minor: minor.filter(isSeen))
        }

        private static func roundStep(_ step: Double) -> Double {
            let power = pow(10, log10(step).rounded(.down)), lead = step / power
            return power * (lead <= 1.0001 ? 1 : lead <= 2.0001 ? 2 : lead <= 2.5001 ? 2.5 : lead <= 5.0001 ? 5 : 10)
        }

        /// Powers of ten, or 1, 2 and 5 times them where fewer than three powers would be seen.
        static func logarithmic(_ wanted: ClosedRange<Double>, count: Int, keepsEnds: Bool) -> Ticks {
            var (low, high) = (wanted.lowerBound, wanted.upperBound)
            if high <= low * 1.0001 { (low, high) = (low / 2, high * 2) }
            if !keepsEnds { (low, high) = (rounded(low, upwards: false), rounded(high, upwards: true)) }
            let first = Int(log10(low).rounded(.down)), last = Int(log10(high).rounded(.up))
            func marks(_ leads: [Double], every: Int = 1) -> [Double] {
                var result = [Double]()
                for power in stride(from: first, through: last, by: every) {
                    result += leads.map { $0 * pow(10, Double(power)) }
                }
                let seen = result.filter { $0 >= low * (1 - 1e-9) && $0 <= high * (1 + 1e-9) }
                return seen.map { min(max($0, low), high) }
            }
            var values = marks([1], every: max(1, (last - first + count - 1) / count))
            if values.count < 3 { values = marks([1, 2, 5]) }
            if values.count < 2 { return linear(low ... high, count: count, keepsEnds: true) }
            return Ticks(range: low ... high, values: values, labels: values.map(TickText.power), factor: "",
                         minor: last - first <= 8 ? marks([2, 3, 4, 5, 6, 7, 8, 9]) : [])
        }

        /// The next 1, 2 or 5 times a power of ten.
        private static func rounded(_ value: Double, upwards: Bool) -> Double {
            let power = pow(10, log10(value).rounded(.down)), lead = value / power
            if upwards { return power * (lead <= 1.0001 ? 1 : lead <= 2.0001 ? 2 : lead <= 5.0001 ? 5 : 10) }
            return power * (lead >= 9.9999 ? 10 : lead >= 4.9999 ? 5 : lead >= 1.9999 ? 2 : 1)
        }
    }
}

/// How ticks are written.
enum TickText {
    /// Just the decimals that the step needs; a common power of ten is taken out of very large and very small numbers.
    static func linear(_ values: [Double], step: Double) -> (labels: [String], factor: String) {
        let largest = values.map { abs($0) }.max() ?? 0
        var power = 0
        if largest >= 1e6 || (largest > 0 && largest < 1e-3) { power = Int(log10(largest * 1.0000001).rounded(.down)) }
        let unit = pow(10, Double(power))
        var decimals = 0
        // The fewest that write the step without a remainder.
        while decimals < 15 {
            let digits = step / unit * pow(10, Double(decimals))
            if abs(digits.rounded() - digits) < digits * 1e-6 { break }
            decimals += 1
        }
        let labels = values.map { polished(String(format: "%.\(decimals)f", abs($0) < step * 1e-6 ? 0 : $0 / unit)) }
        return (labels, power == 0 ? "" : "×10" + superscript(power))
    }

    /// Plain from 0.001 to 9999, and as lead × 10ⁿ elsewhere.
    static func power(_ value: Double) -> String {
        if value >= 0.00099, value < 9999.5 { return polished(String(format: "%g", value)) }
        let power = Int((log10(value) + 1e-9).rounded(.down)), lead = (value / pow(10, Double(power))).rounded()
        return (lead == 1 ? "10" : "\(Int(lead))×10") + superscript(power)
    }

    /// A true minus sign, which is as wide as the digits, and a thin space before thousands from 10 000 on.
    private static func polished(_ text: String) -> String {
        var text = text.replacingOccurrences(of: "-", with: "−")
        let end = text.firstIndex(of: ".") ?? text.endIndex, digits = text[..<end].count { $0.isNumber }
        guard digits > 4 else { return text }
        for place in stride(from: 3, to: digits, by: 3) { text.insert("\u{2009}", at: text.index(end, offsetBy: -place)) }
        return text
    }

    private static func superscript(_ number: Int) -> String {
        String(String(number).map { $0 == "-" ? "⁻" : Array("⁰¹²³⁴⁵⁶⁷⁸⁹")[$0.wholeNumberValue!] })
    }
}
