import Foundation
import Outbound
import Testing

extension RealProcesses.OneByOne {
    /// One message through the house, as an OpenTelemetry collector sees it.
    @Suite("Traces", .enabled(if: Moto.folder != nil, "SLUICE_REFEREES is not set")) struct TraceTests {
        private static let trace = "0af7651916cd43dd8448eb211c80319c"
        private static let caller = "b7ad6b7169203331"

        /// Nodes whose configuration sends traces to `collector`, and whose secrets have its key.
        private func plan(_ collector: Collector, sample: Double, in folder: URL) throws -> ClusterPlan {
            let file = folder.appending(path: "sluice.yaml")
            try Data("tracing: {endpoint: \"\(collector.url)/v1/traces\", sample: \(sample)}\n".utf8)
                .write(to: file)
            try Data("Authorization: Basic b3Rs\n".utf8).write(to: folder.appending(path: "otlp_headers"))
            var plan = ClusterPlan()
            plan.environment = ["SLUICE_CONFIG": file.path(), "CREDENTIALS_DIRECTORY": folder.path()]
            return plan
        }

        private func withPlan(sample: Double, _ body: (Collector, ClusterPlan) async throws -> Void)
            async throws
        {
            let folder = FileManager.default.temporaryDirectory.appending(
                path: "sluice-traces-\(UUID().uuidString)"
            )
            try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
            defer { try? FileManager.default.removeItem(at: folder) }
            try await Collector.with { collector in
                try await body(collector, try plan(collector, sample: sample, in: folder))
            }
        }

        private func send(_ api: TenantAPI, traceparent: String?) async throws -> String {
            var headers: HeaderFields = [
                "Authorization": "Bearer \(api.key)", "Content-Type": "application/json",
            ]
            if let traceparent { headers.append(name: "traceparent", value: traceparent) }
            let body = Array(try JSONEncoder().encode(Submission()))
            let answer = try await LocalHTTP.send(.post, api.url + "/send", headers: headers, body: body)
            try #require(answer.status == 202)
            return try JSONDecoder().decode(Acceptance.self, from: Data(answer.body)).id
        }

        @Test(
            "What a caller records links its request, our acceptance and the call to SES",
            .timeLimit(.minutes(5))
        )
        func asked() async throws {
            try await withPlan(sample: 0) { collector, plan in
                try await Cluster.with(plan) { cluster in
                    let node = try await cluster.startNode()
                    let api = try cluster.api(at: node)
                    let traced = try await send(api, traceparent: "00-\(Self.trace)-\(Self.caller)-01")
                    let others = [
                        try await send(api, traceparent: nil),
                        try await send(api, traceparent: "00-\(Self.trace)-\(Self.caller)-00"),
                        try await send(api, traceparent: "00-nonsense"),
                    ]
                    _ = try await api.ended([traced] + others)
                    try await eventually("both spans arrive") { try collector.spans().count >= 2 }
                    let spans = try collector.spans()
                    #expect(spans.count == 2)
                    #expect(spans.allSatisfy { $0.trace == Self.trace && $0.service == "sluice" })
                    #expect(spans.allSatisfy { $0.authorization == "Basic b3Rs" })
                    let accept = try #require(spans.first { $0.name == "POST /send" })
                    #expect(accept.parent == Self.caller && accept.kind == 2)
                    #expect(accept.attributes?["sluice.tenant"] == "apa")
                    #expect(accept.attributes?["sluice.message_id"] == traced)
                    #expect(accept.attributes?["http.response.status_code"] == "202")
                    let call = try #require(spans.first { $0.name == "SES SendEmail" })
                    #expect(call.parent == accept.span && call.kind == 3)
                    #expect(call.attributes?["sluice.message_id"] == traced)
                    #expect(call.attributes?["sluice.outcome"] == "sent")
                    #expect(call.attributes?["sluice.lane"] == "main/AT/apa/transactional")
                    // Nothing of a mail but its ids.
                    let text = "\(spans)"
                    #expect(!text.contains("@") && !text.contains(api.key))
                    // The log's lines of the same request have the same ids, and the others' have none.
                    let lines = node.process.lines().filter { $0.contains(#""route":"/send""#) }
                    #expect(lines.count == 4)
                    let own = lines.filter { $0.contains(#""trace_id":"\#(Self.trace)""#) }
                    #expect(own.count == 1)
                    #expect(
                        own.allSatisfy {
                            $0.contains(#""span_id":"\#(accept.span ?? "")""#) && $0.contains(traced)
                        }
                    )
                    #expect(
                        lines.allSatisfy { $0.contains(#""request_id":""#) && $0.contains(#""tenant":"apa""#) }
                    )
                    #expect(lines.allSatisfy { $0.contains(#""node":"\#(node.name ?? "?")""#) })
                    // Only that row has it.
                    #expect(
                        try await cluster.text("SELECT count(*)::text FROM message WHERE trace IS NOT NULL")
                            == "1"
                    )
                }
            }
        }

        @Test(
            "A part of the requests is recorded; a collector that is gone holds nobody up",
            .timeLimit(.minutes(5))
        )
        func sampled() async throws {
            try await withPlan(sample: 1) { collector, plan in
                try await Cluster.with(plan) { cluster in
                    let node = try await cluster.startNode()
                    let api = try cluster.api(at: node)
                    let ids = try await concurrently(Array(0..<20)) { _ in try await api.send(Submission()).id
                    }
                    try await eventually("every message has its two spans") {
                        let spans = try collector.spans()
                        return ids.allSatisfy { id in
                            let own = spans.filter { $0.attributes?["sluice.message_id"] == id }
                            guard let accept = own.first(where: { $0.name == "POST /send" }) else { return false }
                            return accept.parent == ""
                                && own.contains { $0.name == "SES SendEmail" && $0.parent == accept.span }
                        }
                    }
                    #expect(
                        Set(try collector.spans().compactMap(\.span)).count == (try collector.spans().count)
                    )
                }
            }
            let gone = FileManager.default.temporaryDirectory.appending(
                path: "sluice-gone-\(UUID().uuidString).yaml"
            )
            let endpoint = "http://127.0.0.1:\(try await FreePort.next())/v1/traces"
            try Data("tracing: {endpoint: \"\(endpoint)\", sample: 1}\n".utf8).write(to: gone)
            defer { try? FileManager.default.removeItem(at: gone) }
            var plan = ClusterPlan()
            plan.environment = ["SLUICE_CONFIG": gone.path()]
            try await Cluster.with(plan) { cluster in
                let node = try await cluster.startNode()
                let api = try cluster.api(at: node)
                let ids = try await concurrently(Array(0..<20)) { _ in try await api.send(Submission()).id }
                let ended = try await api.ended(ids)
                #expect(ended.values.allSatisfy { $0.status == "sent" })
                try await eventually("what was not taken is counted") {
                    let answer = try await LocalHTTP.send(
                        .get,
                        "http://127.0.0.1:\(node.ports.operators)/metrics"
                    )
                    return String(decoding: answer.body, as: UTF8.self)
                        .contains(#/sluice_trace_spans_total\{result="failed"\} [1-9]/#)
                }
            }
        }

        @Test(
            "Settings that cannot be used are refused by name",
            .timeLimit(.minutes(5)),
            arguments: [
                ("{endpoint: \"collector:4318\"}", "/tracing/endpoint"), ("{sample: 0.5}", "/tracing/endpoint"),
                ("{endpoint: \"http://c/v1/traces\", sample: 1.5}", "/tracing/sample"),
                ("{endpoint: \"http://c/v1/traces\", rate: 1}", "/tracing/rate"),
            ]
        )
        func refused(settings: String, pointer: String) async throws {
            let file = FileManager.default.temporaryDirectory.appending(path: "sluice-\(UUID().uuidString).yaml")
            try Data("tracing: \(settings)\n".utf8).write(to: file)
            defer { try? FileManager.default.removeItem(at: file) }
            let output = try await Program(
                path: try SluiceProgram.path(),
                arguments: ["serve", "--config", file.path(), "--database-url", "postgres://nobody@/nowhere"],
                environment: ["PATH": "/usr/bin:/bin"]
            ).run()
            #expect(output.status == 1)
            #expect(output.errors.contains(pointer), "\(output.errors)")
        }
    }
}
