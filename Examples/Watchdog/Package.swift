// swift-tools-version: 6.1
import PackageDescription

let package = Package(
    name: "Watchdog",
    platforms: [.macOS(.v14)],
    dependencies: [.package(name: "Gibbs", path: "../..")],
    targets: [.executableTarget(name: "Watchdog", dependencies: [.product(name: "Gibbs", package: "Gibbs")])]
)
