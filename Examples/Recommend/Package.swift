// swift-tools-version: 6.1
import PackageDescription

let package = Package(
    name: "Recommend",
    platforms: [.macOS(.v14)],
    dependencies: [.package(name: "Gibbs", path: "../..")],
    targets: [.executableTarget(name: "RecommendExample", dependencies: [.product(name: "Gibbs", package: "Gibbs")])]
)
