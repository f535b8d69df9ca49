import Foundation

/// Pieces of SVG: numbers without noise, text that cannot break out, and how wide letters are.
enum SVG {
    static let font = "Helvetica, Arial, 'Liberation Sans', 'DejaVu Sans', sans-serif"
    /// Axes, ticks and letters; a little softer than black.
    static let ink = "#222222"

    /// At most two decimals, without trailing zeros: a hundredth of a pixel is more than anybody sees.
    static func number(_ value: Double) -> String {
        let hundredths = Int((min(max(value, -1e9), 1e9) * 100).rounded())
        let (whole, rest) = hundredths.magnitude.quotientAndRemainder(dividingBy: 100)
        let sign = hundredths < 0 ? "-" : ""
        if rest == 0 { return "\(sign)\(whole)" }
        return rest % 10 == 0 ? "\(sign)\(whole).\(rest / 10)" : "\(sign)\(whole).\(rest < 10 ? "0" : "")\(rest)"
    }

    /// Text for the inside of an element or of an attribute. Control characters, which XML forbids, become spaces.
    static func escaped(_ text: String) -> String {
        var result = ""
        for scalar in text.unicodeScalars {
            switch scalar {
            case "&": result += "&amp;"
            case "<": result += "&lt;"
            case ">": result += "&gt;"
            case "\"": result += "&quot;"
            default:
                let isForbidden = scalar.value < 32 || scalar.value == 0xFFFE || scalar.value == 0xFFFF
                result.unicodeScalars.append(isForbidden ? " " : scalar)
            }
        }
        return result
    }

    /// A line of text. `anchor` is start, middle or end; `more` are further attributes.
    static func text(_ text: String, x: Double, y: Double, size: Double = 11, anchor: String = "start", more: String = "") -> String {
        "<text x=\"\(number(x))\" y=\"\(number(y))\" font-size=\"\(number(size))\" text-anchor=\"\(anchor)\"\(more)>"
            + "\(escaped(text))</text>\n"
    }

    static func line(_ x1: Double, _ y1: Double, _ x2: Double, _ y2: Double, stroke: String = ink, width: Double = 1,
                     more: String = "") -> String {
        "<path d=\"M\(number(x1)) \(number(y1))L\(number(x2)) \(number(y2))\" stroke=\"\(stroke)\" "
            + "stroke-width=\"\(number(width))\"\(more)/>\n"
    }

    static func rectangle(_ frame: Rectangle, more: String) -> String {
        "<rect x=\"\(number(frame.left))\" y=\"\(number(frame.top))\" width=\"\(number(frame.width))\" "
            + "height=\"\(number(frame.height))\"\(more)/>\n"
    }

    /// A picture stretched over a rectangle, inside the file as a PNG.
    static func image(_ picture: Picture, in frame: Rectangle, more: String = "") throws -> String {
        let data = try base64(picture.png())
        return "<image x=\"\(number(frame.left))\" y=\"\(number(frame.top))\" width=\"\(number(frame.width))\" "
            + "height=\"\(number(frame.height))\" preserveAspectRatio=\"none\"\(more) href=\"data:image/png;base64,\(data)\"/>\n"
    }

    /// The path through some points, `M … L …`, dropping those that fall on the one before.
    static func path(_ points: some Sequence<(x: Double, y: Double)>) -> String {
        var result = "", last = ""
        for point in points {
            let next = "\(number(point.x)) \(number(point.y))"
            if next != last { result += (result.isEmpty ? "M" : "L") + next }
            last = next
        }
        return result
    }

    /// About how wide a line is, rather more than less: fonts differ from viewer to viewer.
    static func width(of text: String, size: Double = 11) -> Double {
        var units = 0.0
        for character in text {
            switch character {
            case "i", "j", "l", "'", "|", ".", ",", ":", ";", "!", " ", "I", "f", "t", "(", ")", "[", "]", "/", "r", "-": units += 0.36
            case "m", "w", "M", "W", "@", "%": units += 0.95
            case "⁰", "¹", "²", "³", "⁴", "⁵", "⁶", "⁷", "⁸", "⁹", "⁻": units += 0.4
            case "A" ... "Z": units += 0.72
            case "\u{2009}": units += 0.25
            default: units += 0.61
            }
        }
        return units * size
    }

    /// A whole file around what was drawn.
    static func document(width: Double, height: Double, title: String, body: String) -> String {
        """
        <svg xmlns="http://www.w3.org/2000/svg" width="\(number(width))" height="\(number(height))" \
        viewBox="0 0 \(number(width)) \(number(height))" font-family="\(font)" fill="\(ink)" role="img">
        <title>\(escaped(title))</title>
        <rect width="100%" height="100%" fill="#ffffff"/>
        \(body)</svg>

        """
    }

    private static func base64(_ bytes: [UInt8]) -> String {
        Data(bytes).base64EncodedString()
    }
}

/// A rectangle on the page: y grows downwards.
struct Rectangle: Equatable {
    var left, top, width, height: Double
    var right: Double { left + width }
    var bottom: Double { top + height }
}
