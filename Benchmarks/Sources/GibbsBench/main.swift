import Foundation

switch CommandLine.arguments.dropFirst().first {
case "machines": try MachineThroughput.run()
default: print("usage: GibbsBench machines")
}
