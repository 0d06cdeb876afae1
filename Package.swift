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

/// Products of other packages, by the name that targets use.
enum External {
    static let argumentParser = Target.Dependency.product(name: "ArgumentParser", package: "swift-argument-parser")
    static let hummingbird = Target.Dependency.product(name: "Hummingbird", package: "hummingbird")
    static let httpTypes = Target.Dependency.product(name: "HTTPTypes", package: "swift-http-types")
    static let logging = Target.Dependency.product(name: "Logging", package: "swift-log")
    static let metrics = Target.Dependency.product(name: "Metrics", package: "swift-metrics")
    static let coreMetrics = Target.Dependency.product(name: "CoreMetrics", package: "swift-metrics")
    static let nioCore = Target.Dependency.product(name: "NIOCore", package: "swift-nio")
    static let nioHTTP1 = Target.Dependency.product(name: "NIOHTTP1", package: "swift-nio")
    static let nioHTTPTypes = Target.Dependency.product(name: "NIOHTTPTypes", package: "swift-nio-extras")
    static let nioHTTPTypesHTTP1 = Target.Dependency.product(name: "NIOHTTPTypesHTTP1", package: "swift-nio-extras")
    static let nioPosix = Target.Dependency.product(name: "NIOPosix", package: "swift-nio")
    static let serviceLifecycle = Target.Dependency.product(
        name: "ServiceLifecycle",
        package: "swift-service-lifecycle"
    )
    static let unixSignals = Target.Dependency.product(name: "UnixSignals", package: "swift-service-lifecycle")
    static let yams = Target.Dependency.product(name: "Yams", package: "Yams")
}

/// Optimised in debug builds, too: the simulations of the scheduler send millions of messages.
let optimised = settings + [.unsafeFlags(["-O"])]

func module(_ name: String, _ dependencies: [Target.Dependency] = [], settings: [SwiftSetting] = settings) -> Target {
    .target(name: name, dependencies: dependencies, swiftSettings: settings)
}

func tests(
    _ name: String,
    _ dependencies: [Target.Dependency],
    resources: [Resource] = [],
    settings: [SwiftSetting] = settings
) -> Target {
    .testTarget(name: name, dependencies: dependencies, resources: resources, swiftSettings: settings)
}

let package = Package(
    name: "sluice",
    platforms: [.macOS(.v15)],
    products: [.executable(name: "sluice", targets: ["sluice"])],
    dependencies: [
        .package(url: "https://github.com/apple/swift-argument-parser", from: "1.8.2"),
        .package(url: "https://github.com/apple/swift-http-types", from: "1.8.0"),
        .package(url: "https://github.com/apple/swift-log", from: "1.16.2"),
        .package(url: "https://github.com/apple/swift-metrics", from: "2.13.0"),
        .package(url: "https://github.com/apple/swift-nio", from: "2.101.2"),
        .package(url: "https://github.com/apple/swift-nio-extras", from: "1.35.2"),
        .package(url: "https://github.com/hummingbird-project/hummingbird", from: "2.28.1", traits: []),
        .package(url: "https://github.com/swift-server/swift-service-lifecycle", from: "2.13.0"),
        .package(url: "https://github.com/jpsim/Yams", from: "6.2.2"),
    ],
    targets: [
        // The C libraries. Each has exactly one importer, named beside it.
        .systemLibrary(name: "CLibPQ", pkgConfig: "libpq", providers: [.apt(["libpq-dev"])]),  // Postgres
        .systemLibrary(name: "CCurl", pkgConfig: "libcurl", providers: [.apt(["libcurl4-openssl-dev"])]),  // Outbound
        // Without pkg-config: Debian's libunbound.pc wants libevent's, which the package does not bring.
        .systemLibrary(name: "CUnbound", providers: [.apt(["libunbound-dev"])]),  // Outbound
        .systemLibrary(name: "COpenSSL", pkgConfig: "libcrypto", providers: [.apt(["libssl-dev"])]),  // Signing

        // Know nothing of mail.
        module(
            "Postgres",
            ["CLibPQ", External.nioCore, External.nioPosix, External.logging, External.serviceLifecycle]
        ),
        module("Outbound", ["CCurl", "CUnbound", External.logging]),
        module("Signing", ["COpenSSL"]),
        module("Telemetry", [External.logging, External.metrics, External.coreMetrics]),
        module("AWS", ["Outbound", "Signing", External.logging]),

        // Pure: no I/O, no clock of their own.
        module("Coding"),
        module("Mail"),
        module("Capacity", settings: optimised),
        module("Top"),

        // The product.
        .target(
            name: "Schema",
            path: "sql",
            exclude: ["README.md"],
            resources: [
                .embedInCode("0001_directory.sql"),
                .embedInCode("0002_cluster.sql"),
                .embedInCode("0003_outbox.sql"),
                .embedInCode("0004_credits.sql"),
                .embedInCode("0005_removal.sql"),
                .embedInCode("0006_events.sql"),
                .embedInCode("0007_feedback.sql"),
                .embedInCode("0008_webhooks.sql"),
                .embedInCode("0009_idempotency.sql"),
                .embedInCode("0010_templates.sql"),
                .embedInCode("0011_storage.sql"),
                .embedInCode("0012_timeline.sql"),
                .embedInCode("0013_analyze.sql"),
                .embedInCode("0014_keys.sql"),
                .embedInCode("0015_limits.sql"),
                .embedInCode("0016_lists.sql"),
                .embedInCode("0017_audit.sql"),
                .embedInCode("0018_reputation.sql"),
                .embedInCode("0019_identities.sql"),
                .embedInCode("0020_privacy.sql"),
                .embedInCode("0021_walls.sql"),
                .embedInCode("0022_dashboard.sql"),
                .embedInCode("0023_reports.sql"),
                .embedInCode("0024_traces.sql"),
            ],
            swiftSettings: settings
        ),
        module(
            "Sealing",
            ["Postgres", "AWS", "Outbound", "Signing", External.logging, External.serviceLifecycle]
        ),
        module(
            "Directory",
            [
                "Postgres", "Outbound", "Mail", "Capacity", "Signing", "Sealing", "Coding", External.logging,
                External.serviceLifecycle,
            ]
        ),
        module(
            "Outbox",
            [
                "Postgres", "Mail", "Signing", "Sealing", "Coding", "Telemetry", External.logging,
                External.metrics,
                External.serviceLifecycle,
            ]
        ),
        module("SES", ["AWS", "Outbound", "Mail", "Coding", External.logging]),
        module(
            "Reputation",
            [
                "Outbox", "Directory", "Postgres", External.logging, External.metrics, External.serviceLifecycle,
            ]
        ),
        module(
            "Reports",
            [
                "Dashboard", "Outbox", "Directory", "Postgres", "Mail", External.logging, External.serviceLifecycle,
            ]
        ),
        module(
            "Dispatching",
            [
                "Capacity", "Outbox", "SES", "AWS", "Outbound", "Directory", "Postgres", "Mail", "Sealing",
                "Telemetry",
                External.logging,
                External.metrics, External.serviceLifecycle,
            ]
        ),
        module(
            "Feedback",
            [
                "Outbox", "Directory", "SES", "AWS", "Outbound", "Signing", "Postgres", "Mail", "Coding",
                "Telemetry",
                External.logging, External.metrics, External.serviceLifecycle,
            ]
        ),
        module(
            "Identities",
            [
                "Directory", "SES", "Outbound", "Postgres", "Mail", External.logging, External.metrics,
                External.serviceLifecycle,
            ]
        ),
        module(
            "Webhooks",
            [
                "Outbox", "Directory", "Outbound", "Signing", "Sealing", "Postgres", "Mail", "Telemetry",
                External.logging,
                External.metrics, External.serviceLifecycle,
            ]
        ),
        .target(
            name: "APIText",
            path: "api",
            exclude: ["README.md"],
            resources: [
                .embedInCode("admin.yaml"),
                .embedInCode("admin_accounts.yaml"),
                .embedInCode("admin_audit.yaml"),
                .embedInCode("admin_cluster.yaml"),
                .embedInCode("admin_domains.yaml"),
                .embedInCode("admin_feedback.yaml"),
                .embedInCode("admin_keys.yaml"),
                .embedInCode("admin_privacy.yaml"),
                .embedInCode("admin_reputation.yaml"),
                .embedInCode("admin_tenants.yaml"),
                .embedInCode("admin_trouble.yaml"),
                .embedInCode("common.yaml"),
                .embedInCode("documentation.css"),
                .embedInCode("domains.yaml"),
                .embedInCode("erasures.yaml"),
                .embedInCode("events.yaml"),
                .embedInCode("feedback.yaml"),
                .embedInCode("health.yaml"),
                .embedInCode("keys.yaml"),
                .embedInCode("lists.yaml"),
                .embedInCode("messages.yaml"),
                .embedInCode("metrics.yaml"),
                .embedInCode("objects.yaml"),
                .embedInCode("payloads.yaml"),
                .embedInCode("problems.yaml"),
                .embedInCode("reputation.yaml"),
                .embedInCode("sending.yaml"),
                .embedInCode("suppressions.yaml"),
                .embedInCode("templates.yaml"),
                .embedInCode("tenant.yaml"),
                .embedInCode("webhooks.yaml"),
            ],
            swiftSettings: settings
        ),
        .target(
            name: "Dashboard",
            dependencies: ["Webhooks", "Reputation", "Identities", "Outbox", "Directory", "Mail"],
            resources: [
                .embedInCode("Assets/actions.js"),
                .embedInCode("Assets/dashboard.css"),
                .embedInCode("Assets/favicon.svg"),
                .embedInCode("Assets/live.js"),
                .embedInCode("Assets/shares.js"),
                .embedInCode("Assets/tenant.css"),
                .embedInCode("Assets/tenant.js"),
            ],
            swiftSettings: settings
        ),
        module(
            "Gateway",
            [
                "Dashboard", "APIText", "Webhooks", "Reputation", "Identities", "Outbox", "Directory", "Mail", "Coding",
                "Telemetry",
                External.hummingbird, External.httpTypes, External.logging, External.metrics, External.nioCore,
                External.nioHTTP1, External.nioHTTPTypes, External.nioHTTPTypesHTTP1, External.serviceLifecycle,
                External.yams,
            ]
        ),
        module(
            "Simulator",
            [
                "AWS", "Outbound", "Signing", "Coding",
                External.hummingbird, External.httpTypes, External.logging, External.nioCore, External.serviceLifecycle,
                External.yams,
            ]
        ),
        module("DevDatabase", [External.logging]),
        .executableTarget(
            name: "sluice",
            dependencies: [
                "Postgres", "Outbound", "Signing", "Telemetry", "AWS", "Mail", "Capacity", "Schema", "Directory",
                "Outbox", "SES", "Reputation", "Dispatching", "Feedback", "Webhooks", "Identities", "Gateway",
                "Simulator", "Dashboard", "Reports", "Top",
                "DevDatabase", "Coding", "Sealing",
                External.argumentParser, External.nioCore, External.nioPosix,
                External.logging, External.metrics, External.serviceLifecycle, External.unixSignals, External.yams,
            ],
            swiftSettings: settings
        ),

        // <Module>Tests need no server but what they start on loopback; DatabaseTests start a private PostgreSQL.
        tests("HouseTests", []),
        tests(
            "PostgresTests",
            [
                "Postgres", "DevDatabase", External.logging, External.nioCore, External.nioPosix,
                External.serviceLifecycle,
            ]
        ),
        tests("OutboundTests", ["Outbound", "CCurl"]),
        tests("SigningTests", ["Signing"]),
        tests("SealingTests", ["Sealing", "Signing", "Postgres", "AWS", "Outbound", External.logging]),
        tests("TelemetryTests", ["Telemetry", External.logging, External.coreMetrics]),
        tests("AWSTests", ["AWS", "Outbound", "Signing", External.logging]),
        tests("CodingTests", ["Coding"]),
        tests("TopTests", ["Top"]),
        tests("MailTests", ["Mail"], resources: [.embedInCode("Templates/handlebars.json")]),
        tests("CapacityTests", ["Capacity"], settings: optimised),
        tests("DirectoryTests", ["Directory", "Capacity", "Coding", "Mail", External.yams]),
        tests("DashboardTests", ["Dashboard", "Webhooks", "Reputation", "Directory", "Outbox", "Mail"]),
        tests(
            "GatewayTests",
            [
                "APIText", "Dashboard", "Gateway", "Webhooks", "Reputation", "Identities", "Outbox", "Directory",
                "Mail", "Postgres",
                "Telemetry",
                External.httpTypes, External.hummingbird, External.logging, External.nioCore, External.nioPosix,
                External.serviceLifecycle,
            ]
        ),
        tests("ReputationTests", ["Reputation", "Directory"]),
        tests("DevDatabaseTests", ["DevDatabase", External.logging]),
        tests("DispatchingTests", ["Dispatching", "Capacity", "Outbox", "Directory", "SES", "Mail", "Postgres"]),
        tests(
            "FeedbackTests",
            [
                "Feedback", "Outbox", "Directory", "SES", "AWS", "Outbound", "Signing", "Mail", External.logging,
                External.serviceLifecycle,
            ]
        ),
        tests(
            "WebhooksTests",
            [
                "Webhooks", "Outbox", "Outbound", "Signing", "Mail", "Postgres", External.logging, External.nioCore,
                External.nioPosix,
            ]
        ),
        tests("IdentitiesTests", ["Identities", "Directory", "SES", "Mail", "Outbound"]),
        tests("SESTests", ["SES", "AWS", "Outbound", "Mail", "Signing", External.logging]),
        tests(
            "SimulatorTests",
            [
                "Simulator", "Outbound", "Signing", External.logging, External.nioCore, External.nioPosix,
                External.serviceLifecycle,
            ]
        ),
        tests(
            "DatabaseTests",
            [
                "Postgres", "DevDatabase", "Schema", "Signing", "Capacity", "Directory", "Outbox", "Dispatching",
                "Feedback", "Webhooks", "Reputation", "Reports", "Identities", "SES", "Outbound", "Mail", "Sealing",
                "AWS", "Telemetry",
                External.logging, External.serviceLifecycle, External.yams,
            ]
        ),
        tests(
            "ClusterTests",
            [
                "sluice", "DevDatabase", "Postgres", "Outbound", "Mail", External.logging, External.nioCore,
                External.nioPosix,
            ]
        ),
    ],
    cLanguageStandard: .gnu17
)
