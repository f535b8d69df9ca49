import ArgumentParser
import Foundation
import Gibbs

struct Serve: ParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Serve the models of a folder over HTTP, with a live page.",
        discussion: """
            The service is a program of its own, gibbs-serve, beside this one; gibbs serve --help shows its options. Build it with: \
            swift build -c release --product gibbs-serve
            """, shouldDisplay: true, helpNames: [])

    @Argument(parsing: .captureForPassthrough, help: "Options of gibbs-serve, such as --models FOLDER.")
    var arguments: [String] = []

    func run() throws {
        let program = try Self.program()
        var words: [UnsafeMutablePointer<CChar>?] = ([program] + arguments).map { strdup($0) } + [nil]
        execv(program, &words)
        throw GibbsError(.cannotRead, "cannot be run (\(String(cString: strerror(errno))))", at: .init(file: program), advice: "build it again: swift build -c release --product gibbs-serve")
    }

    /// The program beside this one, links followed.
    private static func program() throws -> String {
        let own = Bundle.main.executablePath.map { URL(fileURLWithPath: $0).resolvingSymlinksInPath() }
        let path = own?.deletingLastPathComponent().appendingPathComponent("gibbs-serve").path ?? "gibbs-serve"
        guard FileManager.default.isExecutableFile(atPath: path) else {
            throw GibbsError(.cannotRead, "is not there, and serves", at: .init(file: path), advice: "build it: swift build -c release --product gibbs-serve")
        }
        return path
    }
}
