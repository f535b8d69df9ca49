// swift-tools-version: 6.1
import PackageDescription

// A package of one's own with deep energies: scripts/setup --deep once, then in this folder ../../scripts/deep run landscape
let package = Package(
    name: "Deep",
    platforms: [.macOS(.v14)],
    dependencies: [.package(name: "Gibbs", path: "../..", traits: ["Deep"])],
    targets: [
        .executableTarget(name: "landscape", dependencies: [.product(name: "GibbsDeep", package: "Gibbs"), .product(name: "Gibbs", package: "Gibbs")]),
    ]
)
