import Foundation
import Gibbs

let arguments = Array(CommandLine.arguments.dropFirst())

/// The value after an option, or the default.
func option(_ name: String, _ fallback: String) -> String {
    guard let index = arguments.firstIndex(of: name), index + 1 < arguments.count else { return fallback }
    return arguments[index + 1]
}

switch arguments.first {
case "machines": try MachineThroughput.run(mnist: option("--mnist", "../../shared/data/mnist"))
case "outliers":
    try Outliers.run(folder: option("--data", "../../shared/data/adbench"), keys: Int(option("--keys", "5"))!,
                     only: Set(option("--tables", "").split(separator: ",").map(String.init)))
case "coverage": try Coverage.run(folder: option("--data", "../../shared/data/adbench"), keys: Int(option("--keys", "1"))!)
case "culprit":
    try Culprit.run(folder: option("--data", "../../shared/data/nsl-kdd"), trials: Int(option("--trials", "200"))!, keys: Int(option("--keys", "3"))!)
case "nsl-kdd": try Intrusions.run(folder: option("--data", "../../shared/data/nsl-kdd"), keys: Int(option("--keys", "3"))!)
case "csv": try CSVThroughput.run(megabytes: Int(option("--megabytes", "300"))!)
case "density":
    try Density.run(option("--name", "nltcs"), folder: option("--data", "../../shared/data"), recipe: .init(option), key: UInt64(option("--key", "1"))!)
case "samplers": try Samplers.run(machinePath: option("--machine", NSTemporaryDirectory() + "/gibbs-sampled.safetensors"), only: option("--only", "").isEmpty ? nil : option("--only", ""))
case "ais": try Annealing.run(machinePath: option("--machine", NSTemporaryDirectory() + "/gibbs-annealed.safetensors"))
case "sessions":
    var options = SessionOptions()
    options.falseAlarmRate = 0.001
    options.history = Int(option("--history", "\(options.history)"))!
    options.hidden = Int(option("--hidden", "\(options.hidden)"))!
    options.epochs = Int(option("--epochs", ""))
    options.seed = UInt64(option("--key", "1"))!
    try Sessions.run(folder: option("--data", "../../shared/data"), options: options, keys: Int(option("--keys", "8"))!)
case "traces":
    var options = SessionOptions()
    options.seed = UInt64(option("--key", "1"))!
    try Traces.run(folder: option("--data", "../../shared/data"), options: options)
case "logins":
    var options = StreamOptions()
    options.history = Int(option("--history", "\(options.history)"))!
    options.hidden = Int(option("--hidden", "\(options.hidden)"))!
    options.epochs = Int(option("--epochs", ""))
    options.temperature = Float(option("--temperature", "2"))!
    options.seed = UInt64(option("--key", "1"))!
    options.falseAlarmRate = Double(option("--false-alarms", ""))
    options.subject = "user"
    try Logins.run(users: Int(option("--users", "10000"))!, options: options, campaigns: Int(option("--campaigns", "20"))!)
case "authlog":
    var options = StreamOptions()
    options.history = Int(option("--history", "\(options.history)"))!
    options.hidden = Int(option("--hidden", "\(options.hidden)"))!
    options.epochs = Int(option("--epochs", "10"))
    options.seed = UInt64(option("--key", "1"))!
    try AuthLog.run(path: option("--data", "../../shared/data/auth-logs") + "/elastic_auth.log", trusted: option("--trusted", AuthLog.trusted), options: options,
                    fold: .init(rawValue: option("--by", "day"))!, folds: Int(option("--folds", "5"))!, shown: Int(option("--shown", "20"))!)
case "streams":
    try Streams.run(events: Int(option("--events", "500000"))!, entities: Int(option("--entities", "10000"))!, hasGap: arguments.contains("--gap"),
                    only: Set(option("--only", "").split(separator: ",").map(String.init)))
case "recommend", "recommend-lists":
    let sources = Recommending.sources(data: option("--data", "../../shared/data"), movielens: option("--movielens", "ml-100k.inter")).filter { option("--name", $0.name) == $0.name }
    let folder = option("--folder", NSTemporaryDirectory() + "/gibbs-recommend"), keys = Int(option("--keys", "3"))!
    switch arguments[0] {
    case "recommend": try Recommending.run(sources, folder: folder, keys: keys, tuningKeys: min(keys, 2))
    default: try Recommending.lists(sources, folder: folder, keys: keys)
    }
case "recommend-scale": try Recommending.scale(share: Double(option("--share", "0.01"))!, factors: Int(option("--factors", "32"))!, iterations: Int(option("--iterations", "3"))!)
case "music":
    var plan = Music.Plan()
    plan.options.history = Int(option("--history", "\(plan.options.history)"))!
    plan.options.hidden = Int(option("--hidden", "\(plan.options.hidden)"))!
    plan.options.epochs = Int(option("--epochs", "\(plan.options.epochs)"))!
    plan.options.steps = Int(option("--cd", "\(plan.options.steps)"))!
    plan.options.rate = Float(option("--rate", "\(plan.options.rate)"))!
    plan.options.weightDecay = Float(option("--decay", "\(plan.options.weightDecay)"))!
    plan.options.seed = UInt64(option("--key", "1"))!
    (plan.chains, plan.steps) = (Int(option("--chains", "\(plan.chains)"))!, Int(option("--steps", "\(plan.steps)"))!)
    plan.subset = Int(option("--subset", "\(plan.subset)"))!
    plan.lengths = option("--lengths", "500,1500,5000").split(separator: ",").map { Int($0)! }
    plan.part = option("--part", plan.part)
    try Music.run(folder: option("--data", "../../shared/data"), plan: plan)
case "memories": try Memories.run(mnist: option("--data", "../../shared/data") + "/mnist", picture: option("--picture", "").isEmpty ? nil : option("--picture", ""), largest: Int(option("--largest", "200000"))!)
case "text": try TextThroughput.run(folder: option("--model", ""), sentences: option("--sentences", ""), out: option("--out", ""))
case "ratings":
    func path(_ name: String) -> String? { option(name, "").isEmpty ? nil : option(name, "") }
    var plan = RatingErrors.Plan(movieLens: path("--movielens"), filmTrust: path("--filmtrust"))
    plan.folds = Int(option("--folds", "\(plan.folds)"))!
    plan.folder = option("--folder", plan.folder)
    plan.seesDivergence = !arguments.contains("--no-divergence")
    try RatingErrors.run(plan)
default: print("usage: GibbsBench machines | outliers | nsl-kdd | coverage | culprit | csv | density | samplers | ais | sessions | traces | logins | authlog | streams | music | recommend | recommend-lists | recommend-scale | ratings | memories | text [--data DIR] [--keys N] [--tables A,B] [--trials N] [--megabytes N]")
}
