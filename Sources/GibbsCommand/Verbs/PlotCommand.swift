import ArgumentParser
import Gibbs

struct PlotCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "plot", abstract: "Draw energies, chains, filters, a landscape, work around a loop, or lists from cold to hot.",
        discussion: "Plots are SVG, sheets of images PNG; without --out the file is called after the model, in the current folder.",
        subcommands: [PlotEnergies.self, PlotChains.self, PlotFilters.self, PlotLandscape.self, PlotLoop.self, PlotTemperatures.self])
}
