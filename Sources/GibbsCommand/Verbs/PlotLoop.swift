import ArgumentParser
import Foundation
import Gibbs

struct PlotLoop: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "loop", abstract: "A diffusion's work around closed paths, which comes back to nothing where it is a landscape.",
        discussion: "Circles around an image with noise, as wide as the noise is: one line a time. The asymmetry of the score's Jacobian is printed beside.")

    @Argument(help: "Model file, fitted with --model diffusion.")
    var model: String

    @Option(help: "Plot to write, .svg; MODEL-loop.svg unless told.")
    var out: String?

    @Option(name: [.customLong("class"), .customLong("given")], help: "Class to look at; the first unless told.")
    var name: String?

    @Option(help: ArgumentHelp("Times to look at, 0 for data to 1 for noise.", valueName: "time,…"))
    var times = "0.1,0.3,0.5,0.7,0.9"

    @Option(help: "Number from which all randomness is derived.")
    var key: UInt64 = 1

    @Flag(help: "Print the figures as JSON lines.")
    var json = false

    func run() throws {
        Interruption.watch()
        let target = try PlotTarget(out, source: model, what: "loop", ending: "svg"), images = try ImageArgument.read(model), part = try name.map { try images.class($0) } ?? images.classes[0]
        let found = try times.split(separator: ",").map { text -> ImageLoop in
            guard let time = Double(text), (0 ... 1).contains(time) else { throw GibbsError(.usage, "the time '\(text)'", advice: "give numbers from 0 to 1, such as 0.1,0.5") }
            return try part.loop(at: time, key: Key(key))
        }
        try ImageLoop.plot(found).write(to: target.path)
        for loop in found {
            print(json ? JSONValue.object([("time", .number(loop.time)), ("loop", .number(loop.check.loop)), ("loopShare", .number(loop.check.loopShare)), ("asymmetry", .number(loop.check.asymmetry))]).text
                : String(format: "time %.2f: around a circle %.2g nats, %.1e of the work on the way; Jacobian asymmetric by %.1e", loop.time, loop.check.loop, loop.check.loopShare, loop.check.asymmetry))
        }
        if !json { print("wrote \(target.path)") }
    }
}
