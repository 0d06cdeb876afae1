// swift-tools-version: 6.2

import Foundation
import PackageDescription

let settings: [SwiftSetting] = [
    .swiftLanguageMode(.v6),
    .enableUpcomingFeature("ExistentialAny"),
    .enableUpcomingFeature("InternalImportsByDefault"),
    .enableUpcomingFeature("MemberImportVisibility"),
    .enableUpcomingFeature("NonisolatedNonsendingByDefault"),
    .strictMemorySafety(),
    .treatAllWarnings(as: .error),
    // What is fuzzed is mostly internal.
    .unsafeFlags(["-enable-testing"]),
]

/// A module of the product, or those of its files that a parser needs: all of it would be minutes of building.
func part(_ name: String, _ dependencies: [Target.Dependency] = [], only files: [String]? = nil) -> Target {
    let folder = "Product/\(name)"
    // Else each file that is left out is warned of.
    let all = (try? FileManager.default.subpathsOfDirectory(atPath: "\(Context.packageDirectory)/\(folder)")) ?? []
    let left = all.filter { path in
        path.hasSuffix(".swift") && files?.contains { path == $0 || path.hasPrefix($0 + "/") } == false
    }
    return .target(
        name: name,
        dependencies: dependencies,
        path: folder,
        exclude: left,
        sources: files,
        swiftSettings: settings
    )
}

/// Apart from the main package: everything here is built with libFuzzer's instrumentation. `Product` is the folder of the sources.
let package = Package(
    name: "fuzz",
    platforms: [.macOS(.v15)],
    dependencies: [.package(url: "https://github.com/apple/swift-http-types", from: "1.8.0")],
    targets: [
        .systemLibrary(
            name: "COpenSSL",
            path: "Product/COpenSSL",
            pkgConfig: "libcrypto",
            providers: [.apt(["libssl-dev"])]
        ),
        part("Coding"),
        part("Mail"),
        part("Signing", ["COpenSSL"]),
        part("AWS", only: ["Call/AWSService.swift", "Profiles/INIDocument.swift", "STS/XMLElement.swift"]),
        part("SES", ["Coding"], only: ["Call/JSONWriter.swift", "Call/SESTag.swift"]),
        part("Directory", ["Mail", "Signing"], only: ["Unsubscribe"]),
        // Nothing of the real one but the type that ids go through.
        .target(name: "Postgres", swiftSettings: settings),
        part(
            "Outbox",
            ["Mail", "Postgres"],
            only: ["EntryID.swift", "EntryID+text.swift", "Evidence/Evidence.swift"]
        ),
        part(
            "Feedback",
            ["AWS", "Coding", "Mail", "Outbox", "SES", "Signing"],
            only: [
                "Events", "Intake/Notification.swift", "SNS/EnvelopeAge.swift", "SNS/MemberScanner.swift",
                "SNS/SNSEnvelope.swift", "SNS/SNSOrigin.swift", "SQS/QueueBody.swift", "SQS/QueueMessage.swift",
                "SQS/QueueURL.swift",
            ]
        ),
        part("Webhooks", only: ["Endpoints/EndpointURL.swift", "Delivery/RetryAfter.swift"]),
        part(
            "Simulator",
            ["Coding"],
            only: ["JSON", "Wire/EmailAddress.swift", "Wire/RawHeaders.swift", "Wire/ServiceFailure.swift"]
        ),
        part(
            "Gateway",
            ["Coding", "Mail", .product(name: "HTTPTypes", package: "swift-http-types")],
            only: [
                "JSON/CivilDate.swift", "JSON/JSONDocument.swift", "JSON/JSONElement.swift", "JSON/JSONFault.swift",
                "JSON/JSONNode.swift", "JSON/JSONParser.swift", "JSON/JSONValue.swift", "JSON/RFC3339.swift",
                "JSON/RepeatedMembers.swift", "Problems/Problem.swift", "Problems/Problem+Code.swift",
                "Problems/Problem+common.swift", "Query/PathText.swift", "Send/Base64Text.swift",
                "Send/IdempotencyKeyHeader.swift", "Send/SendAttachment.swift", "Send/SendOptions.swift",
                "Send/SendRequest.swift", "Send/SendRequest+draft.swift", "Templates/JSONElement+template.swift",
            ]
        ),
        .target(
            name: "Properties",
            dependencies: [
                "AWS", "Coding", "Directory", "Feedback", "Gateway", "Mail", "Outbox", "SES", "Signing", "Simulator",
                "Webhooks",
                .product(name: "HTTPTypes", package: "swift-http-types"),
            ],
            swiftSettings: settings
        ),
        .executableTarget(name: "fuzz", dependencies: ["Properties"], path: "Sources/Fuzz", swiftSettings: settings),
    ],
    cLanguageStandard: .gnu17
)
