import Foundation
import Gibbs

/// What one command writes must replace nothing that it reads, or writes under another option.
enum DistinctFiles {
    /// - Parameters:
    ///   - output: The file that `option` names.
    ///   - others: Files read, or written by other options; `-` and what is not given are passed over.
    /// - Throws: `GibbsError` with code `.usage` where the output is one of them, links followed.
    static func check(_ output: String, option: String = "--out", apartFrom others: String?...) throws {
        guard output != "-" else { return }
        for other in others.compactMap(\.self) where other != "-" && place(other) == place(output) && !isDevice(output) {
            throw GibbsError(.usage, "\(option) would replace '\(other)', which the same command names for something else", advice: "give another name with \(option)")
        }
    }

    /// The path with links followed; where there is no file yet, with those of its folder followed.
    private static func place(_ path: String) -> String {
        if let resolved = resolved(path) { return resolved }
        let cut = path.lastIndex(of: "/"), folder = cut.map { $0 == path.startIndex ? "/" : String(path[..<$0]) } ?? "."
        return (resolved(folder) ?? folder) + "/" + (cut.map { String(path[path.index(after: $0)...]) } ?? path)
    }

    private static func resolved(_ path: String) -> String? {
        guard let found = realpath(path, nil) else { return nil }
        defer { free(found) }
        return String(cString: found)
    }

    /// Such as /dev/null, which nothing replaces.
    private static func isDevice(_ path: String) -> Bool {
        var status = stat()
        return stat(path, &status) == 0 && status.st_mode & S_IFMT != S_IFREG
    }
}
