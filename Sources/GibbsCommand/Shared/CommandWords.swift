import ArgumentParser
import Gibbs

/// The words that name a command, looked at before any option: after a slip in them the parser would blame the options.
enum CommandWords {
    /// - Throws: `GibbsError` with code `.usage`, saying which command may have been meant.
    static func check(_ arguments: [String]) throws { try check(arguments[...], of: GibbsCommand.self, path: "gibbs") }

    private static func check(_ arguments: ArraySlice<String>, of command: any ParsableCommand.Type, path: String) throws {
        let commands = command.configuration.subcommands
        guard let word = arguments.first, word != "help", !commands.isEmpty else { return }
        let names = commands.map(name)
        guard !word.hasPrefix("-") else {
            guard path != "gibbs", !["-h", "--help", "-help", "--version"].contains(word), !word.contains("-help") else { return }
            throw GibbsError(.usage, "\(path) needs a command before '\(word)'", advice: "did you mean '\(path) \(names[0]) \(word) …'?")
        }
        if let index = names.firstIndex(of: word) {
            return try check(arguments.dropFirst(), of: commands[index], path: path + " " + word)
        }
        let near = Spelling.nearest(to: word, among: names)
        // A file where a command should be: the command was left out, most likely the first.
        let guess = near.first.map { "\(path) \($0)" } ?? (path != "gibbs" && word.contains(".") ? "\(path) \(names[0]) \(word)" : nil)
        throw GibbsError(.usage, "\(path) has no command '\(word)'",
                         advice: guess.map { "did you mean '\($0)'?" } ?? "the commands are \(names.joined(separator: ", "))")
    }

    private static func name(_ command: any ParsableCommand.Type) -> String {
        command.configuration.commandName ?? String(describing: command).lowercased()
    }
}
