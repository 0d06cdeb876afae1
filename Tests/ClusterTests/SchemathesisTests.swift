import Foundation
import Testing

extension RealProcesses.OneByOne {
    /// schemathesis reads the documents and asks a real node whatever they allow and much that they forbid: examples, bounds,
    /// random values, and chains of requests. A stage of its own in `./test`, because it takes minutes.
    @Suite(
        "schemathesis",
        .enabled(if: Moto.folder != nil, "SLUICE_REFEREES names no virtual environment"),
        .enabled(
            if: ProcessInfo.processInfo.environment["SLUICE_SCHEMATHESIS"] != nil,
            "SLUICE_SCHEMATHESIS is not set"
        )
    )
    struct SchemathesisTests {
        private static let settings = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
            .appending(path: "referees/schemathesis.toml")

        private struct CreatedKey: Decodable {
            let key: String
        }

        @Test("It finds nothing on the public listener", .timeLimit(.minutes(15)))
        func tenants() async throws {
            try await Cluster.with { cluster in
                let node = try await cluster.startNode(environment: Self.withoutWebhooks)
                let key = try cluster.api(at: node).key
                try await Self.judge(
                    node.url,
                    key: key,
                    environment: ["SLUICE_KEYS_URL": node.url + "/keys", "SLUICE_KEY": key],
                    cluster
                )
            }
        }

        @Test("It finds nothing on the operator listener", .timeLimit(.minutes(15)))
        func operators() async throws {
            try await Cluster.with { cluster in
                let node = try await cluster.startNode(environment: Self.withoutWebhooks)
                let text = try await cluster.command("key", "create", "--admin", "schemathesis", "--json").succeed()
                let key = try JSONDecoder().decode(CreatedKey.self, from: Data(text.utf8)).key
                try await Self.judge("http://127.0.0.1:\(node.ports.operators)", key: key, cluster)
            }
        }

        /// Nothing is to be posted to the hosts that it makes up.
        private static let withoutWebhooks = ["SLUICE_ROLES": "gateway,dispatch,feedback"]

        private static func judge(
            _ url: String,
            key: String,
            environment: [String: String] = [:],
            _ cluster: Cluster
        ) async throws {
            let referees = try #require(Moto.folder)
            let output = try await Program(
                path: referees + "/bin/python3",
                arguments: [
                    referees + "/bin/schemathesis", "--config-file", settings.path(), "run", url + "/openapi.json",
                    "--url", url, "--header", "Authorization: Bearer \(key)", "--no-color",
                ],
                environment: [
                    "PATH": "/usr/local/bin:/usr/bin:/bin", "HOME": cluster.folder.path(),
                    "PYTHONPATH": settings.deletingLastPathComponent().path(),
                ].merging(environment) { $1 },
                folder: cluster.folder.path()
            ).run()
            #expect(output.status == 0, "\(output.text.suffix(20_000))\(output.errors.suffix(2000))")
            // Else it might have done nothing.
            for phase in ["Examples", "Coverage", "Fuzzing", "Stateful"] { #expect(output.text.contains(phase)) }
        }
    }
}
