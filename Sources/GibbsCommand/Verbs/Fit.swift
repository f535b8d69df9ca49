import ArgumentParser

struct Fit: ParsableCommand {
    static let configuration = CommandConfiguration(abstract: "Learn an energy from data.", subcommands: [FitTable.self, FitImages.self, FitEvents.self, FitFrames.self, FitRatings.self, FitPairs.self])
}
