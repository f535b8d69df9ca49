import CommandDriver
import Testing

/// The command beside the service.
@Suite(.apart) struct ServeTests {
    @Test func findsTheService() throws {
        let place = try Workplace(), help = try place.gibbs("serve", "--help")
        #expect(help.status == 0 && help.output.contains("USAGE: gibbs-serve [<options>] --models <folder>"), "\(help)")
        for option in ["--token-file", "--certificate", "--patience", "--journal-limit"] { #expect(help.output.contains(option), "\(option)") }
    }

    @Test func portTaken() throws {
        let service = try RealService(ServiceFolder("films")), outcome = try ServiceFolder("films").place.gibbs("serve", "--models", "models", "--port", "\(service.port)", "--quiet")
        #expect(outcome.status == 73 && outcome.errors.contains("port \(service.port) of 127.0.0.1 cannot be had") && outcome.errors.contains("--port"), "\(outcome)")
    }

    @Test func refusals() throws {
        let place = try Workplace()
        try place.file("token", "short\n")
        let cases: [(arguments: [String], status: Int32, words: String)] = [
            (["--models", "nosuch"], 66, "is no folder"), (["--models", ".", "--host", "0.0.0.0"], 64, "without a token"), (["--models", ".", "--token-file", "nosuch"], 66, "cannot be read"),
            (["--models", ".", "--token-file", "token"], 64, "a token of 5 bytes"), (["--models", ".", "--certificate", "c.pem"], 64, "needs its key"), (["--models", ".", "--patience", "0"], 64, "--patience"),
            (["--models", ".", "--port", "99999"], 64, "a port"), (["--models", ".", "--rate=-1"], 64, "a rate"), (["--models", ".", "--rate=nan"], 64, "a rate"), (["--models", ".", "--nosuch"], 64, "nosuch"),
        ]
        for (arguments, status, words) in cases {
            let outcome = try place.gibbs(["serve"] + arguments)
            #expect(outcome.status == status && outcome.errors.contains(words), "\(arguments): \(outcome)")
        }
    }
}
