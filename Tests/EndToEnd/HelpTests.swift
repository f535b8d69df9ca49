import CommandDriver
import Testing

@Suite struct HelpTests {
    let place: Workplace

    init() throws { place = try Workplace() }

    @Test(arguments: [[], ["fit"], ["fit", "table"], ["calibrate"], ["score"], ["evaluate"], ["inspect"], ["watch"], ["rank"], ["parse"], ["verify"], ["simulate"], ["simulate", "connections"], ["simulate", "logins"], ["fit", "images"], ["fit", "events"], ["sample"], ["blend"],
                      ["recall"], ["complete"], ["ood"], ["fit", "ratings"], ["fit", "frames"], ["recommend"], ["similar"], ["plot", "temperatures"], ["partition"], ["plot"], ["plot", "energies"], ["plot", "chains"], ["plot", "filters"], ["plot", "landscape"]])
    func help(verb: [String]) throws {
        let outcome = try place.gibbs(verb + ["--help"])
        #expect(outcome.status == 0 && outcome.errors == "", "\(outcome)")
        #expect(outcome.output.contains("USAGE: gibbs" + verb.map { " " + $0 }.joined()), "\(outcome)")
        // Every option says what it is for.
        let options = outcome.lines.drop { !$0.hasPrefix("OPTIONS") }.dropFirst().prefix { $0.hasPrefix(" ") }
        for line in options where line.hasPrefix("  -") && line.count < 26 && !line.contains("--help") {
            let next = options.drop { $0 != line }.dropFirst().first ?? ""
            #expect(next.hasPrefix("        ") || line.split(separator: " ").count > 1, "'\(line)' has no text")
        }
        #expect(try place.gibbs(verb + ["-h"]).output == outcome.output)
    }

    /// Only records need a column of times for alerts a day.
    @Test func alertsADay() throws {
        let help = try place.gibbs("calibrate", "--help").output.split { $0 == " " || $0 == "\n" }.joined(separator: " ")
        #expect(help.contains("records need --time for it, a log of events has its own"), "\(help)")
    }

    /// The overview shows every step of a watchdog.
    @Test func overview() throws {
        let help = try place.gibbs("--help").output
        for verb in ["fit table", "calibrate", "score", "evaluate", "inspect", "fit events"] { #expect(help.contains("  gibbs \(verb) "), "\(verb)") }
    }

    @Test func version() throws {
        let outcome = try place.gibbs("--version")
        #expect(outcome.status == 0 && outcome.output.wholeMatch(of: /\d+\.\d+\.\d+\n/) != nil, "\(outcome)")
    }

    /// The exit codes that scripts rely on.
    @Test func exitCodes() throws {
        try place.file("bad.csv", "a,b\n1\n")
        try place.file("good.csv", "a,b\n" + (0 ..< 50).map { "\($0 * 7 % 13),\($0 % 3)\n" }.joined())
        #expect(try place.gibbs("fit", "table", "good.csv", "--out", "m.gibbs").status == 0)
        #expect(try place.gibbs("fit", "table", "good.csv").status == 64, "an option is absent")
        #expect(try place.gibbs("fit", "table", "bad.csv", "--out", "n.gibbs").status == 65, "data")
        #expect(try place.gibbs("fit", "table", "nosuch.csv", "--out", "n.gibbs").status == 66, "no input")
        #expect(try place.gibbs("fit", "table", "good.csv", "--out", "nosuch/n.gibbs").status == 73, "no output")
    }
}
