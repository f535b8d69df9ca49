// swift-tools-version: 6.1
import PackageDescription

// Apart from the other benchmarks, which build without libtorch; peers/deep_steps.py runs deep-steps, scripts/bench both.
let package = Package(
    name: "Deep",
    platforms: [.macOS(.v14)],
    dependencies: [.package(name: "Gibbs", path: "../..", traits: ["Deep"])],
    targets: [
        .executableTarget(name: "deep-steps", dependencies: [.product(name: "GibbsDeep", package: "Gibbs")]),
        .executableTarget(name: "diffusion", dependencies: [.product(name: "Gibbs", package: "Gibbs"), .product(name: "GibbsDeep", package: "Gibbs")]),
    ]
)
