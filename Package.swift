// swift-tools-version: 6.1
import PackageDescription

let package = Package(
    name: "Gibbs",
    platforms: [.macOS(.v14)],
    products: [
        .library(name: "Gibbs", targets: ["Gibbs"]),
        .library(name: "GibbsTestSupport", targets: ["GibbsTestSupport"]),
        .library(name: "GibbsVerify", targets: ["GibbsVerify"]),
        .library(name: "GibbsDeep", targets: ["GibbsDeep"]),
        .library(name: "GibbsServer", targets: ["GibbsServer"]),
        .executable(name: "gibbs", targets: ["GibbsCommand"]),
        .executable(name: "gibbs-serve", targets: ["GibbsServe"]),
    ],
    traits: [
        .trait(name: "Deep", description: "Deep energies, by libtorch; scripts/setup --deep gets it, scripts/deep builds with it."),
    ],
    dependencies: [
        .package(url: "https://github.com/apple/swift-argument-parser", from: "1.8.2"),
        .package(url: "https://github.com/swiftlang/swift-docc-plugin", from: "1.5.0"),
        // Of the service alone; nothing else links them.
        .package(url: "https://github.com/hummingbird-project/hummingbird", from: "2.28.1", traits: ["FullFoundation"]),
        .package(url: "https://github.com/groue/GRDB.swift", from: "7.10.0"),
        .package(url: "https://github.com/apple/swift-log", from: "1.14.0"),
        .package(url: "https://github.com/apple/swift-metrics", from: "2.13.0"),
        .package(url: "https://github.com/swift-server/swift-service-lifecycle", from: "2.8.0"),
        .package(url: "https://github.com/apple/swift-nio", from: "2.101.0"),
        .package(url: "https://github.com/apple/swift-nio-ssl", from: "2.37.2"),
        .package(url: "https://github.com/apple/swift-nio-extras", from: "1.30.0"),
    ],
    targets: [
        // Engines: one header each, one Swift module that sees it.
        .target(name: "CKernels"),
        .systemLibrary(name: "CBLAS", providers: [.apt(["libopenblas-dev", "liblapacke-dev"]), .brew(["openblas"])]),
        .systemLibrary(name: "CZlib", providers: [.apt(["zlib1g-dev"]), .brew(["zlib"])]),
        .systemLibrary(name: "CPNG", pkgConfig: "libpng", providers: [.apt(["libpng-dev"]), .brew(["libpng"])]),
        .target(name: "CPictures", dependencies: ["CPNG"], linkerSettings: [.linkedLibrary("png")]),
        .systemLibrary(name: "CSQLite", providers: [.apt(["libsqlite3-dev"]), .brew(["sqlite"])]),
        // Without the trait CTorch says of every function that it is absent, so that GibbsDeep compiles and tests in every build.
        .systemLibrary(name: "CLibTorch", pkgConfig: "gibbs-torch"),
        .target(name: "CTorch", dependencies: [.target(name: "CLibTorch", condition: .when(traits: ["Deep"]))],
                cSettings: [.define("GIBBS_DEEP", .when(traits: ["Deep"]))], cxxSettings: [.define("GIBBS_DEEP", .when(traits: ["Deep"]))]),

        // Rooms, lowest first; arrows point down only.
        // Linked here, not by CBLAS's module map, which would put OpenBLAS before libtorch: that then called its sgemm_, on one thread.
        .target(name: "GibbsNumerics", dependencies: ["CKernels", "CBLAS"], linkerSettings: [.linkedLibrary("openblas"), .linkedLibrary("lapacke")]),
        .target(name: "GibbsCore", dependencies: ["GibbsNumerics", "CKernels"]),
        .target(name: "GibbsMachines", dependencies: ["GibbsCore", "CKernels"]),
        .target(name: "GibbsLandscapes", dependencies: ["GibbsCore", "CKernels"]),
        .target(name: "GibbsData", dependencies: ["GibbsNumerics", "CKernels", "CZlib", "CPictures", "CSQLite"]),
        .target(name: "GibbsSimulation", dependencies: ["GibbsNumerics", "GibbsData"]),
        .target(name: "GibbsLogs", dependencies: ["GibbsNumerics", "GibbsData"]),
        .target(name: "GibbsWatch", dependencies: ["GibbsCore", "GibbsMachines", "GibbsLandscapes", "GibbsData"]),
        .target(name: "GibbsCreate", dependencies: ["GibbsCore", "GibbsMachines", "GibbsLandscapes", "GibbsData", "GibbsDeep"]),
        .target(name: "GibbsEvents", dependencies: ["CKernels", "GibbsCore", "GibbsMachines", "GibbsLandscapes", "GibbsData", "GibbsLogs"]),
        .target(name: "GibbsDeep", dependencies: ["CTorch", "GibbsCore"]),
        .target(name: "GibbsRecommend", dependencies: ["CKernels", "GibbsCore", "GibbsData"]),
        .target(name: "GibbsText", dependencies: ["CKernels", "GibbsNumerics", "GibbsLandscapes", "GibbsData"]),
        .target(name: "GibbsContrast", dependencies: ["GibbsCore", "GibbsDeep", "GibbsCreate"]),
        .target(name: "Gibbs", dependencies: [
            "GibbsNumerics", "GibbsCore", "GibbsMachines", "GibbsLandscapes", "GibbsData", "GibbsLogs", "GibbsSimulation", "GibbsWatch", "GibbsCreate",
            "GibbsEvents", "GibbsRecommend", "GibbsText", "GibbsContrast",
        ]),
        .executableTarget(name: "GibbsCommand", dependencies: [
            "Gibbs", "GibbsDeep", "GibbsVerify", .product(name: "ArgumentParser", package: "swift-argument-parser"),
        ]),
        // The service: a room of its own and a program of its own, so that `gibbs` links no network.
        .target(name: "GibbsServer", dependencies: [
            "Gibbs", "CZlib", .product(name: "Hummingbird", package: "hummingbird"), .product(name: "HummingbirdCore", package: "hummingbird"), .product(name: "HummingbirdTLS", package: "hummingbird"),
            .product(name: "GRDB", package: "GRDB.swift"), .product(name: "Logging", package: "swift-log"), .product(name: "CoreMetrics", package: "swift-metrics"),
            .product(name: "ServiceLifecycle", package: "swift-service-lifecycle"), .product(name: "NIOCore", package: "swift-nio"), .product(name: "NIOSSL", package: "swift-nio-ssl"),
            .product(name: "NIOHTTPTypes", package: "swift-nio-extras"),
        ], resources: [
            .embedInCode("Page/page.html"), .embedInCode("Page/page.css"), .embedInCode("Page/page.js"), .embedInCode("Page/tools.js"), .embedInCode("Page/watch.js"),
            .embedInCode("Page/recommend.js"), .embedInCode("Page/create.js"), .embedInCode("Page/models.js"),
        ]),
        .executableTarget(name: "GibbsServe", dependencies: ["GibbsServer", .product(name: "ArgumentParser", package: "swift-argument-parser")]),
        .target(name: "GibbsTestSupport", dependencies: ["GibbsCore"]),
        .target(name: "GibbsVerify", dependencies: [
            "GibbsCore", "GibbsMachines", "GibbsLandscapes", "GibbsWatch", "GibbsDeep", "GibbsCreate", "GibbsEvents", "GibbsRecommend", "GibbsTestSupport",
        ]),

        .testTarget(name: "GibbsNumericsTests", dependencies: ["CBLAS", "CKernels", "GibbsNumerics", "GibbsTestSupport"]),
        .testTarget(name: "GibbsCoreTests", dependencies: ["GibbsCore", "GibbsTestSupport"]),
        .testTarget(name: "GibbsMachinesTests", dependencies: ["GibbsMachines", "GibbsTestSupport"]),
        .testTarget(name: "GibbsLandscapesTests", dependencies: ["GibbsLandscapes", "GibbsTestSupport"]),
        .testTarget(name: "GibbsDataTests", dependencies: ["GibbsData", "GibbsNumerics", "CSQLite"]),
        .testTarget(name: "GibbsSimulationTests", dependencies: ["GibbsSimulation", "GibbsData", "GibbsNumerics"]),
        .testTarget(name: "GibbsWatchTests", dependencies: ["GibbsWatch", "GibbsSimulation", "GibbsData", "GibbsNumerics", "GibbsTestSupport"]),
        .testTarget(name: "GibbsLogsTests", dependencies: ["GibbsLogs", "GibbsData", "GibbsNumerics"]),
        .testTarget(name: "GibbsVerifyTests", dependencies: ["GibbsVerify", "Gibbs", "GibbsDeep", "GibbsTestSupport"]),
        .testTarget(name: "GibbsCreateTests", dependencies: ["GibbsCreate", "GibbsDeep", "GibbsCore", "GibbsLandscapes", "GibbsMachines", "GibbsTestSupport"]),
        .testTarget(name: "GibbsEventsTests", dependencies: ["CKernels", "GibbsEvents", "GibbsData", "GibbsTestSupport"]),
        .testTarget(name: "GibbsRecommendTests", dependencies: ["GibbsRecommend", "GibbsData", "GibbsNumerics", "GibbsTestSupport"]),
        .testTarget(name: "GibbsServerTests", dependencies: ["GibbsServer", "GibbsServe", "GibbsCommand", "CommandDriver", .product(name: "HummingbirdTesting", package: "hummingbird"), .product(name: "NIOEmbedded", package: "swift-nio")]),
        .testTarget(name: "GibbsTextTests", dependencies: ["GibbsText", "GibbsLandscapes", "GibbsData", "GibbsNumerics", "GibbsTestSupport"]),
        .testTarget(name: "GibbsContrastTests", dependencies: ["GibbsContrast", "GibbsDeep", "GibbsCreate", "GibbsNumerics", "GibbsTestSupport"]),
        .testTarget(name: "GibbsDeepTests", dependencies: ["GibbsDeep", "GibbsLandscapes", "GibbsData", "GibbsTestSupport"]),

        // Built and run by the tests; a package of its own to copy from.
        .executableTarget(name: "RecommendExample", dependencies: ["Gibbs"], path: "Examples/Recommend/Sources/RecommendExample"),

        // The real binary, as a person runs it.
        .target(name: "CommandDriver", path: "Tests/CommandDriver"),
        .testTarget(name: "EndToEnd", dependencies: ["GibbsCommand", "RecommendExample", "CommandDriver", "GibbsData", "GibbsNumerics", "CSQLite", "CZlib"], path: "Tests/EndToEnd"),
        .testTarget(name: "Hostile", dependencies: ["GibbsCommand", "CommandDriver", "CZlib"], path: "Tests/Hostile"),
    ],
    cxxLanguageStandard: .cxx20
)
