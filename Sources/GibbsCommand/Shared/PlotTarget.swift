import Foundation
import Gibbs

/// Where a plot goes: the file named, or one beside nothing, called after the model and what is shown.
struct PlotTarget {
    /// The file.
    let path: String

    /// - Parameters:
    ///   - given: What `--out` says.
    ///   - source: The model's file, whose name the default begins with.
    ///   - what: How the default goes on.
    ///   - ending: svg for plots, png for pictures.
    /// - Throws: `GibbsError` with code `.usage` for another ending, `.cannotWrite` for a file that cannot be written.
    init(_ given: String?, source: String, what: String, ending: String) throws {
        let name = URL(fileURLWithPath: source).deletingPathExtension().lastPathComponent
        path = given ?? (name.isEmpty ? what : name + "-" + what) + "." + ending
        guard path.hasSuffix("." + ending), path.count > ending.count + 1 else {
            throw GibbsError(.usage, "'\(path)' is no name that ends with .\(ending), and plot \(what) writes no other kind of file", advice: ending == "svg"
                ? "end the name with .svg, which every browser shows; rsvg-convert makes a PNG of it" : "end the name with .png, for they are pixels")
        }
        // An output that cannot be written should fail before the work, not after.
        try OutputFile(path: path).discard()
    }
}
