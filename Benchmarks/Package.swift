// swift-tools-version: 6.2

import PackageDescription

let settings: [SwiftSetting] = [
    .swiftLanguageMode(.v6),
    .enableUpcomingFeature("ExistentialAny"),
    .enableUpcomingFeature("InternalImportsByDefault"),
    .enableUpcomingFeature("MemberImportVisibility"),
    .enableUpcomingFeature("NonisolatedNonsendingByDefault"),
    .strictMemorySafety(),
    .treatAllWarnings(as: .error),
]

/// Apart from the main package, whose built program it measures: nothing here is part of what is measured.
let package = Package(
    name: "benchmarks",
    platforms: [.macOS(.v15)],
    products: [.library(name: "TimerGuard", type: .dynamic, targets: ["TimerGuard"])],
    dependencies: [
        .package(url: "https://github.com/apple/swift-argument-parser", from: "1.8.2"),
        .package(url: "https://github.com/apple/swift-nio", from: "2.101.2"),
        .package(url: "https://github.com/swift-server/swift-service-lifecycle", from: "2.13.0"),
    ],
    targets: [
        // What is computed from timestamps, and how it is shown. No I/O.
        .target(name: "Measure", swiftSettings: settings),
        .executableTarget(
            name: "bench",
            dependencies: [
                "Measure",
                .product(name: "ArgumentParser", package: "swift-argument-parser"),
                .product(name: "NIOCore", package: "swift-nio"),
                .product(name: "NIOPosix", package: "swift-nio"),
                .product(name: "NIOHTTP1", package: "swift-nio"),
                .product(name: "UnixSignals", package: "swift-service-lifecycle"),
            ],
            path: "Sources/Bench",
            swiftSettings: settings
        ),
        // Nothing links it: it is preloaded.
        .target(name: "TimerGuard"),
        .testTarget(name: "MeasureTests", dependencies: ["Measure"], swiftSettings: settings),
    ]
)
