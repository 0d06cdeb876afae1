import Foundation
import Outbound
import Testing

extension RealProcesses.OneByOne {
    /// A cluster whose keys come, change and are missing.
    @Suite("Encryption") struct EncryptionTests {
        private static let words = "Your one-time code is 271828"

        private struct Use: Decodable, Equatable {
            let master_key: String
            let data_keys: Int
            let current: Bool
            let configured: Bool
        }

        /// A key file and a configuration that names it.
        private struct Keys {
            let file: URL
            let configuration: URL

            init(in folder: URL, _ lines: String..., mode: Int = 0o600) throws {
                let name = UUID().uuidString
                file = folder.appending(path: "keys-\(name)")
                configuration = folder.appending(path: "keys-\(name).yaml")
                try Data("encryption: {key_file: \(file.path())}\n".utf8).write(to: configuration)
                try Data(lines.joined().utf8).write(to: file)
                try FileManager.default.setAttributes([.posixPermissions: mode], ofItemAtPath: file.path())
            }

            var environment: [String: String] { ["SLUICE_CONFIG": configuration.path()] }

            static func line(_ name: String) -> String {
                let bytes = (0..<32).map { _ in UInt8.random(in: 0...255) }
                return "\(name) \(Data(bytes).base64EncodedString())\n"
            }
        }

        private static func run(_ program: Program, _ keys: Keys) async throws -> String {
            var program = program
            program.environment.merge(keys.environment) { $1 }
            return try await program.succeed()
        }

        private static func uses(_ cluster: Cluster, _ keys: Keys) async throws -> [Use] {
            let text = try await run(cluster.command("encryption", "--json"), keys)
            return try JSONDecoder().decode([Use].self, from: Data(text.utf8))
        }

        /// Ends a node as a deployment does and starts it again with other keys.
        private static func restart(_ node: Node, _ cluster: Cluster, _ keys: Keys) async throws -> Node {
            node.process.signal(SIGTERM)
            try await node.process.end()
            return try await cluster.startNode(on: node.ports, environment: keys.environment)
        }

        private static func clearBodies(_ cluster: Cluster) async throws -> Int {
            try await cluster.rows(
                in: "body WHERE kind < 16 OR position(convert_to('one-time', 'UTF8') IN content) > 0"
            )
        }

        private static func makeWebhook(_ api: TenantAPI) async throws {
            let answer = try await LocalHTTP.send(
                .post,
                api.url + "/webhooks",
                headers: ["Authorization": "Bearer \(api.key)", "Content-Type": "application/json"],
                body: Array(#"{"url": "https://hooks.example.com/sluice"}"#.utf8)
            )
            #expect(answer.status == 201, "\(String(decoding: answer.body, as: UTF8.self))")
        }

        @Test("Mail is unreadable at rest, is sent, and outlives a rotation on running nodes", .timeLimit(.minutes(10)))
        func rotation() async throws {
            try await Cluster.with { cluster in
                let (first, second) = (Keys.line("first"), Keys.line("second"))
                let old = try Keys(in: cluster.folder, first)
                var nodes: [Node] = []
                for _ in 0..<2 { nodes.append(try await cluster.startNode(environment: old.environment)) }
                let api = try cluster.api(at: nodes[0])
                try await Self.makeWebhook(api)
                var mail = Submission(text: Self.words)
                let sent = try await api.send(mail)
                mail.scheduledAt = Date().addingTimeInterval(86_400).rfc3339
                let waiting = try await api.send(mail)
                _ = try await api.ended([sent.id])
                #expect(try await cluster.rows(in: "body") == 2)
                #expect(try await Self.clearBodies(cluster) == 0)
                #expect(try await cluster.rows(in: "webhook_endpoint WHERE secret_sealed") == 1)
                let messages = try await LocalHTTP.send(.get, cluster.simulator.url + "/_simulator/messages?limit=5")
                #expect(String(decoding: messages.body, as: UTF8.self).contains(Self.words))
                #expect(
                    try await Self.uses(cluster, old)
                        == [Use(master_key: "file:first", data_keys: 1, current: true, configured: true)]
                )

                // Everybody knows the new key before anybody wraps under it.
                for keys in [
                    try Keys(in: cluster.folder, first, second), try Keys(in: cluster.folder, second, first),
                ] {
                    for index in nodes.indices {
                        nodes[index] = try await Self.restart(nodes[index], cluster, keys)
                        // Whoever has what keys, mail of each node is sent by any.
                        var ids: [String] = []
                        for node in nodes { ids.append(try await cluster.api(at: node).send(Submission()).id) }
                        _ = try await cluster.api(at: nodes[0]).ended(ids)
                    }
                }
                let both = try Keys(in: cluster.folder, second, first)
                #expect(try await Self.uses(cluster, both).map(\.data_keys) == [1, 1])
                async let flow = concurrently(0..<100, width: 4) { _ in try await api.send(Submission()).id }
                let report = try await Self.run(cluster.command("encryption", "rewrap"), both)
                _ = try await api.ended(try await flow)
                #expect(
                    report.contains("1 data keys wrapped anew, 1 webhook endpoints' secrets sealed anew"),
                    "\(report)"
                )
                #expect(try await Self.uses(cluster, both).map(\.data_keys) == [0, 2])
                let table = try await Self.run(cluster.command("encryption"), both)
                #expect(table.contains("needed no longer"), "\(table)")

                // The old one is gone, and what it sealed is there.
                let new = try Keys(in: cluster.folder, second)
                for index in nodes.indices { nodes[index] = try await Self.restart(nodes[index], cluster, new) }
                let export = try await Self.run(cluster.command("tenant", "export", "apa"), new)
                let bodies = export.split(separator: "\n").filter { $0.hasPrefix(#"{"table": "body""#) }
                #expect(bodies.count == 110)
                #expect(bodies.contains { $0.contains(waiting.id) })
                _ = try await cluster.text("UPDATE deferred SET due_at = now() RETURNING id::text")
                _ = try await cluster.api(at: nodes[1]).ended([waiting.id])
                #expect(try await Self.clearBodies(cluster) == 0)
                #expect(try await cluster.simulator.summary().duplicates == 0)
            }
        }

        @Test(
            "A node without the key, or with another of its name, says so and takes no mail; those that have it go on",
            .timeLimit(.minutes(10))
        )
        func missing() async throws {
            try await Cluster.with { cluster in
                let keys = try Keys(in: cluster.folder, Keys.line("first"))
                var node = try await cluster.startNode(environment: keys.environment)
                _ = try await cluster.api(at: node).send(Submission())
                let wrong = try Keys(in: cluster.folder, Keys.line("first"))
                for (environment, reason) in [
                    ([:], "the key 'file:first' is missing"),
                    (wrong.environment, "the key 'file:first' does not open data key"),
                ] {
                    let blind = try await cluster.startNode(environment: environment, getsReady: false)
                    try await eventually("the node says what is wrong") {
                        guard let answer = try? await LocalHTTP.send(.get, blind.url + "/readyz?verbose") else {
                            return false
                        }
                        #expect(answer.status == 503)
                        return String(decoding: answer.body, as: UTF8.self).contains(reason)
                    }
                    let before = try await cluster.rows(in: "message")
                    try await eventually("it knows the tenant") {
                        try await cluster.api(at: blind).post(Submission()).status == 503
                    }
                    #expect(try await cluster.rows(in: "message") == before)
                    // What the blind one claims it gives back, and the others send it.
                    var ids: [String] = []
                    for _ in 0..<10 { ids.append(try await cluster.api(at: node).send(Submission()).id) }
                    _ = try await cluster.api(at: node).ended(ids, within: .seconds(120))
                    // Alone it gets no share either, which it would keep from who comes back.
                    node = try await Self.restart(node, cluster, keys)
                    let late = try await cluster.api(at: node).send(Submission()).id
                    _ = try await cluster.api(at: node).ended([late], within: .seconds(120))
                    #expect(blind.process.isRunning && blind.process.lines().contains { $0.contains(reason) })
                    blind.process.signal(SIGTERM)
                    try await blind.process.end()
                }
                #expect(try await Self.clearBodies(cluster) == 0)
                #expect(try await cluster.simulator.summary().duplicates == 0)
            }
        }

        @Test(
            "A key file that cannot be read, or that others can read, is refused at the start",
            .timeLimit(.minutes(5))
        )
        func files() async throws {
            try await Cluster.with { cluster in
                let open = try Keys(in: cluster.folder, Keys.line("first"), mode: 0o644)
                let gone = try Keys(in: cluster.folder, Keys.line("first"))
                try FileManager.default.removeItem(at: gone.file)
                for (keys, reason) in [
                    (open, "can be read or changed by others (mode 644): chmod 640 it"), (gone, "cannot be read"),
                ] {
                    for arguments in [
                        ["serve"], ["encryption"], ["encryption", "rewrap"], ["tenant", "export", "apa"],
                    ] {
                        var program = cluster.command()
                        program.arguments = arguments
                        program.environment.merge(keys.environment) { $1 }
                        let output = try await program.run()
                        #expect(output.status != 0)
                        let said = output.text + output.errors
                        #expect(said.contains("the key file '\(keys.file.path())' \(reason)"), "\(said)")
                    }
                }
                #expect(try await cluster.rows(in: "data_key") == 0)
            }
        }
    }
}
