/// A path cut at its last slash. Foundation's own cut traps on a path of one letter (Swift 6.3 on Linux).
struct PathParts {
    /// What stands before the last slash; empty where there is none, and the slash itself for a file of the root.
    let directory: String
    /// What stands after it.
    let name: String

    init(_ path: String) {
        guard let slash = path.utf8.lastIndex(of: UInt8(ascii: "/")) else { (directory, name) = ("", path); return }
        directory = slash == path.startIndex ? "/" : String(path[..<slash])
        name = String(path[path.index(after: slash)...])
    }

    /// A path in the same directory.
    func sibling(_ name: String) -> String {
        directory.isEmpty ? name : directory.hasSuffix("/") ? directory + name : directory + "/" + name
    }
}
