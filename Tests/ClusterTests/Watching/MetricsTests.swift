import Foundation
import Outbound
import Testing

extension RealProcesses.OneByOne {
    /// `/metrics` of running nodes, held against its page and against what asks for it: alerts and the dashboard.
    @Suite("Metrics") struct MetricsTests {
        private struct Family {
            var help = ""
            var type = ""
            var series = 0
        }

        /// What the exposition says, by the metric's name.
        private func families(at node: Node) async throws -> [String: Family] {
            let answer = try await LocalHTTP.send(
                .get,
                "http://127.0.0.1:\(node.ports.operators)/metrics"
            )
            var families: [String: Family] = [:]
            var current = ""
            for line in String(decoding: answer.body, as: UTF8.self).split(separator: "\n") {
                let words = line.split(separator: " ", maxSplits: 3).map(String.init)
                if line.hasPrefix("# HELP ") {
                    current = words[2]
                    families[current, default: Family()].help = words.count > 3 ? words[3] : ""
                } else if line.hasPrefix("# TYPE ") {
                    families[words[2], default: Family()].type = words[3]
                } else {
                    families[current, default: Family()].series += 1
                }
            }
            return families
        }

        @Test(
            "Every metric stands in docs/metrics.md and every one there is exported, with a help text of its own",
            .timeLimit(.minutes(5))
        )
        func page() async throws {
            try await Cluster.with { cluster in
                let node = try await cluster.startNode()
                let api = try cluster.api(at: node)
                let sent = try await api.send(Submission())
                _ = try await api.ended([sent.id])
                let page = try MetricsPage()
                let families = try await families(at: node)
                #expect(families.count > 80)
                #expect(
                    families.keys.filter { page.entries[$0] == nil }.sorted() == [],
                    "not in docs/metrics.md"
                )
                #expect(page.entries.keys.filter { families[$0] == nil }.sorted() == [], "not exported")
                // What nobody declared has its label as its help text.
                let undeclared = families.filter {
                    $0.key.hasPrefix($0.value.help) || $0.value.help.count < 10
                }
                #expect(undeclared.keys.sorted() == [])
                // The leader's look comes ten seconds after its election at the latest.
                try await eventually("all unconditional metrics have series", within: .seconds(90)) {
                    let now = try await self.families(at: node)
                    return page.entries.values.allSatisfy {
                        $0.isConditional || (now[$0.name]?.series ?? 0) > 0
                    }
                }
                // One bounded set of labels: nothing names a tenant or a lane.
                let text = String(
                    decoding: try await LocalHTTP.send(
                        .get,
                        "http://127.0.0.1:\(node.ports.operators)/metrics"
                    ).body,
                    as: UTF8.self
                )
                #expect(
                    !text.contains("apa.example") && !text.contains("tenant=\"apa\"")
                        && !text.contains("lane=")
                )
            }
        }

        @Test(
            "A real Prometheus scrapes the nodes, reads every rule and every panel, and finds what they ask for",
            .enabled(if: Prometheus.program != nil, "Debian's package prometheus is not installed"),
            .timeLimit(.minutes(5))
        )
        func prometheus() async throws {
            try await Cluster.with { cluster in
                let nodes = [try await cluster.startNode(), try await cluster.startNode()]
                let api = try cluster.api(at: nodes[0])
                let ids = try await concurrently(Array(0..<20)) { _ in try await api.send(Submission()).id }
                _ = try await api.ended(ids)
                let ports = nodes.map(\.ports.operators)
                try await Prometheus.with(targets: ports, folder: cluster.folder) { prometheus in
                    try await eventually("both nodes are scraped, and the rules evaluated") {
                        let up = try await prometheus.query("up{job=\"sluice\"} == 1")
                        let looked = try await prometheus.query("sluice_queue_oldest_seconds")
                        let groups = try await prometheus.rules().groups
                        return up.count == 2 && !looked.isEmpty
                            && groups.allSatisfy { $0.rules.allSatisfy { $0.health != "unknown" } }
                    }
                    let rules = try await prometheus.rules().groups.flatMap(\.rules)
                    #expect(rules.count > 40)
                    #expect(
                        rules.filter { $0.health != "ok" }.map { "\($0.name): \($0.lastError ?? "")" } == []
                    )
                    let panels = try DashboardQueries().all
                    #expect(panels.count > 50)
                    // Of the recordings, what needs a minute's rate may have no series yet.
                    let recordings = Set(rules.map(\.name))
                    let page = try MetricsPage()
                    let names = try await prometheus.names()
                    for query in rules.map(\.query) + panels {
                        _ = try await prometheus.query(query)
                        for name in Self.names(in: query, without: recordings) where name != "up" {
                            let entry = try #require(page.metric(of: name), "\(name) is not exported: \(query)")
                            #expect(
                                names.contains(name) || entry.isConditional,
                                "\(name) has no series: \(query)"
                            )
                        }
                    }
                    // Nothing is wrong, so nothing that is for the night fires.
                    let firing = try await prometheus.query(
                        "ALERTS{alertstate=\"firing\", severity=\"critical\"}"
                    )
                    #expect(firing.compactMap { $0.metric["alertname"] } == [])
                }
            }
        }

        /// The metrics that a query names; those that rules record are none.
        private static func names(in query: String, without recordings: Set<String>) -> Set<String> {
            let query = recordings.reduce(query) { $0.replacing($1, with: "recording") }
            let expression = #/\b(sluice_[a-z_]+|process_[a-z_]+|metrics_[a-z_]+|up)\b(?!\s*=|\()/#
            let names = query.matches(of: expression).map { String($0.output.1) }
            return Set(names)
        }

        @Test(
            "Every node says who leads an account, also one that never led; of an account that was removed nobody says anything",
            .timeLimit(.minutes(5))
        )
        func removedAccount() async throws {
            try await Cluster.with { cluster in
                let nodes = [try await cluster.startNode(), try await cluster.startNode()]
                let spare = ClusterPlan.Account(name: "spare", shares: ["XX": 10], endpoint: "http://127.0.0.1:9")
                try await cluster.apply { $0.accounts.append(spare) }
                func epochs() async throws -> [Double] {
                    var epochs: [Double] = []
                    for node in nodes {
                        let lines = try await gauges(of: "spare", at: node)
                        for line in lines where line.hasPrefix("sluice_leader_epoch{") {
                            epochs += line.split(separator: " ").last.flatMap { Double($0) }.map { [$0] } ?? []
                        }
                    }
                    return epochs
                }
                try await eventually("one leads, and the other says that it does not", within: .seconds(60)) {
                    let found = try await epochs()
                    return found.count == 2 && found.min() == 0 && (found.max() ?? 0) > 0
                }
                try await cluster.apply(prune: true) { _ in }
                try await eventually("no gauge names the account", within: .seconds(30)) {
                    for node in nodes where try await !gauges(of: "spare", at: node).isEmpty { return false }
                    return true
                }
            }
        }

        /// The lines with that account that the nodes that dispatch for it keep.
        private func gauges(of account: String, at node: Node) async throws -> [String] {
            let answer = try await LocalHTTP.send(.get, "http://127.0.0.1:\(node.ports.operators)/metrics")
            let kinds = [
                "leader_epoch", "quota{", "quota_effective", "account_", "worker_", "queue_", "share_", "unknown_",
            ]
            return String(decoding: answer.body, as: UTF8.self).split(separator: "\n").map(String.init).filter { line in
                line.contains("account=\"\(account)\"") && kinds.contains { line.hasPrefix("sluice_\($0)") }
            }
        }

        @Test("The exposition of a running node pleases promtool", .timeLimit(.minutes(5)))
        func lint() async throws {
            let promtool = "/usr/bin/promtool"
            guard FileManager.default.isExecutableFile(atPath: promtool) else { return }
            try await Cluster.with { cluster in
                let node = try await cluster.startNode()
                let answer = try await LocalHTTP.send(
                    .get,
                    "http://127.0.0.1:\(node.ports.operators)/metrics"
                )
                let file = cluster.folder.appending(path: "metrics.txt")
                try Data(answer.body).write(to: file)
                let output = try await Program(
                    path: "/bin/sh",
                    arguments: ["-c", "exec \(promtool) check metrics <\(file.path())"],
                    environment: ["PATH": "/usr/bin:/bin"]
                ).run()
                #expect(output.status == 0, "\(output.text)\(output.errors)")
                #expect(output.text.isEmpty && output.errors.isEmpty, "\(output.text)\(output.errors)")
            }
        }
    }
}
