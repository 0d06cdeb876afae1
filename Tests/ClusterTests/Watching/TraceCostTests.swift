import Foundation
import Outbound
import Testing

extension RealProcesses.OneByOne {
    /// What traces cost a node. Measures on demand and holds nothing against a bound: `SLUICE_MEASURE=1`.
    @Suite(
        "The cost of traces",
        .enabled(if: ProcessInfo.processInfo.environment["SLUICE_MEASURE"] != nil, "SLUICE_MEASURE is not set"),
        .enabled(if: Moto.folder != nil, "SLUICE_REFEREES is not set")
    )
    struct TraceCostTests {
        private static let messages = 3000

        private func processorSeconds(_ node: Node) async throws -> Double {
            let answer = try await LocalHTTP.send(.get, "http://127.0.0.1:\(node.ports.operators)/metrics")
            let line = String(decoding: answer.body, as: UTF8.self).split(separator: "\n")
                .first { $0.hasPrefix("process_cpu_seconds_total ") }
            return try #require(line?.split(separator: " ").last.flatMap { Double($0) })
        }

        @Test("Processor time of a message, by the part that is recorded", .timeLimit(.minutes(5)))
        func processorTime() async throws {
            try await Collector.with { collector in
                // The first of two runs of each warms caches that all share.
                for sample in [nil, nil, 0, 0.01, 1, nil, 0.01] as [Double?] {
                    let file = FileManager.default.temporaryDirectory.appending(
                        path: "sluice-\(UUID().uuidString).yaml"
                    )
                    let text = sample.map { "tracing: {endpoint: \"\(collector.url)/v1/traces\", sample: \($0)}\n" }
                    try Data((text ?? "{}\n").utf8).write(to: file)
                    defer { try? FileManager.default.removeItem(at: file) }
                    var plan = ClusterPlan()
                    plan.environment = ["SLUICE_CONFIG": file.path()]
                    try await Cluster.with(plan) { cluster in
                        let node = try await cluster.startNode()
                        let api = try cluster.api(at: node)
                        let warm = try await concurrently(0..<300) { _ in try await api.send(Submission()).id }
                        _ = try await api.ended(warm)
                        let before = try await processorSeconds(node)
                        let ids = try await concurrently(0..<Self.messages) { _ in try await api.send(Submission()).id }
                        try await eventually("all are sent") {
                            try await cluster.rows(in: "ses_id") == ids.count + warm.count
                        }
                        let spent = try await processorSeconds(node) - before
                        print(
                            "sample \(sample.map { "\($0)" } ?? "off"): \(Int(spent / Double(ids.count) * 1e6)) us a message"
                        )
                    }
                }
            }
        }
    }
}
