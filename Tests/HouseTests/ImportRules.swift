/// Who may import whom. The direction: the executable, then Gateway, then Dispatching, Feedback, Webhooks and Simulator, then
/// Outbox, Directory, SES and Capacity, then Mail; below them what knows nothing of mail.
enum ImportRules {
    struct Module {
        var name: String
        var folder: String
        /// The modules of ours, C modules included, that it may import.
        var ours: Set<String>
        /// All else that it may import; nil: whatever Package.swift gives it.
        var others: Set<String>?

        init(_ name: String, _ ours: Set<String> = [], others: Set<String>? = nil, folder: String? = nil) {
            self.name = name
            self.ours = ours
            self.others = others
            self.folder = folder ?? "Sources/\(name)"
        }
    }

    static let modules: [Module] = [
        Module("Postgres", ["CLibPQ"]),
        Module("Outbound", ["CCurl", "CUnbound"]),
        Module("Signing", ["COpenSSL"]),
        Module(
            "Telemetry",
            others: [
                "CoreMetrics", "Dispatch", "Foundation", "FoundationEssentials", "Glibc", "Logging", "Metrics",
                "Synchronization",
            ]
        ),
        Module("Coding", others: ["Foundation", "FoundationEssentials"]),
        Module("DevDatabase"),
        Module("Schema", others: [], folder: "sql"),
        Module("APIText", others: [], folder: "api"),
        Module("AWS", ["Outbound", "Signing"]),
        // Pure: no I/O, so nothing that could do any but Foundation, which Mail has for dates and Base64.
        Module("Mail", others: ["Foundation", "FoundationEssentials"]),
        Module("Capacity", others: []),
        // The same of what a terminal shows.
        Module("Top", others: ["Foundation"]),
        Module("Sealing", ["Postgres", "AWS", "Outbound", "Signing"]),
        // Of Outbound it has the notation of networks.
        Module("Directory", ["Postgres", "Outbound", "Mail", "Capacity", "Signing", "Sealing", "Coding"]),
        Module("Outbox", ["Postgres", "Mail", "Signing", "Sealing", "Coding", "Telemetry"]),
        Module("SES", ["AWS", "Outbound", "Mail", "Coding"]),
        Module("Reputation", ["Outbox", "Directory", "Postgres"]),
        Module("Reports", ["Dashboard", "Outbox", "Directory", "Postgres", "Mail"]),
        Module(
            "Dispatching",
            [
                "Capacity", "Outbox", "SES", "AWS", "Outbound", "Directory", "Postgres", "Mail", "Sealing",
                "Telemetry",
            ]
        ),
        Module(
            "Feedback",
            [
                "Outbox", "Directory", "SES", "AWS", "Outbound", "Signing", "Postgres", "Mail", "Coding",
                "Telemetry",
            ]
        ),
        Module("Identities", ["Directory", "SES", "Outbound", "Postgres", "Mail"]),
        Module("Webhooks", ["Outbox", "Directory", "Outbound", "Signing", "Sealing", "Postgres", "Mail", "Telemetry"]),
        // Pages out of values: no I/O, and no clock.
        Module(
            "Dashboard",
            ["Webhooks", "Reputation", "Identities", "Outbox", "Directory", "Mail"],
            others: ["Foundation", "FoundationEssentials"]
        ),
        Module(
            "Gateway",
            [
                "Dashboard", "APIText", "Webhooks", "Reputation", "Identities", "Outbox", "Directory", "Mail",
                "Telemetry", "Coding",
            ]
        ),
        Module("Simulator", ["AWS", "Outbound", "Signing", "Coding"]),
        Module(
            "sluice",
            [
                "Postgres", "Outbound", "Signing", "Telemetry", "Coding", "DevDatabase", "Schema", "AWS", "Mail",
                "Capacity", "Directory", "Outbox", "SES", "Reputation", "Dispatching", "Feedback", "Webhooks",
                "Identities",
                "Gateway", "Simulator", "Sealing", "Dashboard", "Reports", "Top",
            ]
        ),
    ]

    /// Each C module and its only importer.
    static let importers = ["CLibPQ": "Postgres", "CCurl": "Outbound", "CUnbound": "Outbound", "COpenSSL": "Signing"]

    /// Who may import Hummingbird.
    static let hummingbird: Set<String> = ["Gateway", "Simulator"]

    private static let ours = Set(modules.map(\.name)).union(importers.keys)

    /// What `file`, of `module`, imports against the rules.
    static func findings(in file: SourceFile, of module: Module) -> [Finding] {
        imports(file.tokens).compactMap { token in
            let name = token.text
            let what: String? =
                if ours.contains(name) {
                    module.ours.contains(name) ? nil : "\(module.name) must not import \(name)"
                } else if name.hasPrefix("Hummingbird"), !hummingbird.contains(module.name) {
                    "only Gateway and Simulator import Hummingbird"
                } else if let others = module.others, !others.contains(name) {
                    "\(module.name) must not import \(name)"
                } else {
                    nil
                }
            return what.map { Finding(path: file.path, line: token.line, what: $0) }
        }
    }

    /// The names of the modules that the code imports, submodules and single declarations cut to the module.
    static func imports(_ tokens: [SwiftToken]) -> [SwiftToken] {
        let kinds: Set<String> = ["struct", "class", "enum", "protocol", "func", "var", "let", "typealias"]
        return tokens.indices.compactMap { index in
            guard tokens[index].text == "import" else { return nil }
            var next = index + 1
            if next < tokens.count, kinds.contains(tokens[next].text) { next += 1 }
            return next < tokens.count ? tokens[next] : nil
        }
    }

    /// The names of the Swift targets in a manifest, tests left out: every `module("X"`, `.target(name: "X"`.
    static func modules(manifest: String) -> [String] {
        let expression = #/(?:\bmodule\(|\.(?:executableTarget|target)\(\s*name:)\s*"(?<name>\w+)"/#
        return manifest.matches(of: expression).map { String($0.output.name) }
    }
}
