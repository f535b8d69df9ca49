import Gibbs

/// Whole lines of events, with what a reader of their values needs behind the last.
package struct EventLines: Sendable {
    /// The lines, and `StreamSource.padding`.
    package let bytes: [UInt8]
    /// Bytes of the lines; the last of them is a line feed, added where it was missing.
    package let count: Int

    /// Lines as they came.
    package init(_ lines: consuming [UInt8]) {
        if let last = lines.last, last != 0x0A { lines.append(0x0A) }
        count = lines.count
        lines.append(contentsOf: StreamSource.padding)
        bytes = lines
    }

    /// How many lines.
    package var lines: Int { bytes[..<count].count { $0 == 0x0A } }
}
