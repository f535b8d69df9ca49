// swift-tools-version: 6.1
import PackageDescription

let package = Package(
    name: "Articles",
    platforms: [.macOS(.v14)],
    dependencies: [.package(name: "Gibbs", path: "../..")],
    targets: [.executableTarget(name: "Articles", dependencies: [.product(name: "Gibbs", package: "Gibbs"), .product(name: "GibbsTestSupport", package: "Gibbs")])]
)
