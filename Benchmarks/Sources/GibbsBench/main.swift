import Foundation

let arguments = Array(CommandLine.arguments.dropFirst())

/// The value after an option, or the default.
func option(_ name: String, _ fallback: String) -> String {
    guard let index = arguments.firstIndex(of: name), index + 1 < arguments.count else { return fallback }
    return arguments[index + 1]
}

switch arguments.first {
case "machines": try MachineThroughput.run()
case "outliers":
    try Outliers.run(folder: option("--data", "../../shared/data/adbench"), keys: Int(option("--keys", "5"))!,
                     only: Set(option("--tables", "").split(separator: ",").map(String.init)))
default: print("usage: GibbsBench machines | outliers [--data DIR] [--keys N] [--tables A,B]")
}
