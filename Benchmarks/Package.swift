// swift-tools-version: 6.1
import PackageDescription

let package = Package(
    name: "Benchmarks",
    platforms: [.macOS(.v14)],
    dependencies: [.package(name: "Gibbs", path: "..")],
    targets: [.executableTarget(name: "GibbsBench", dependencies: [.product(name: "Gibbs", package: "Gibbs")])]
)
