import Gateway
import Logging
import ServiceLifecycle
import Telemetry
import Testing

/// Health on both listeners, and the metrics of the operator's.
@Suite(.timeLimit(.minutes(5))) struct OperatorTests {
    @Test func saysThatItLives() async throws {
        try await TestGateway.run { gateway in
            for path in ["/livez", "/healthz"] {
                let answer = try await gateway.request("GET", path, key: nil)
                #expect(answer.status == 200)
                #expect(answer.body == #"{"status":"alive"}"#)
                #expect(try await gateway.request("GET", path + "?verbose", key: nil).body == "alive\n")
            }
        }
    }

    @Test func saysWhetherItIsReady() async throws {
        try await TestGateway.run { gateway in
            #expect(try await gateway.request("GET", "/readyz", key: nil).body == #"{"status":"ready"}"#)
            gateway.readiness.set("database", .failing("no connection"))
            let failing = try await gateway.request("GET", "/readyz", key: nil)
            #expect(failing.status == 503)
            #expect(failing.code == "database_unavailable")
            #expect(failing.headers["retry-after"] == "2")
            #expect(try await gateway.request("GET", "/livez", key: nil).status == 200)
            let verbose = try await gateway.request("GET", "/readyz?verbose", key: nil)
            #expect(verbose.status == 503)
            #expect(verbose.headers["content-type"] == "text/plain; charset=utf-8")
            #expect(verbose.headers["retry-after"] == "1")
            #expect(verbose.body == "phase: ready\ndatabase: no connection\n")
            gateway.readiness.advance(to: .draining)
            #expect(try await gateway.request("GET", "/readyz", key: nil).code == "draining")
        }
    }

    @Test func showsMetricsAndNothingOfTenants() async throws {
        var configuration = GatewayConfiguration()
        configuration.operatorAddress = ListenAddress(host: "127.0.0.1", port: 0)
        let readiness = Readiness()
        let metrics = PrometheusMetrics(declarations: GatewayConfiguration.metricDeclarations)
        let logger = Logger(label: "test") { _ in SwiftLogNoOpLogHandler() }
        let (ports, continuation) = AsyncStream<Int>.makeStream()
        let server = OperatorServer(
            configuration: configuration,
            readiness: readiness,
            metrics: metrics,
            logger: logger,
            onBound: { continuation.yield($0) }
        )
        let group = ServiceGroup(configuration: .init(services: [server], logger: logger))
        try await withThrowingTaskGroup(of: Void.self) { tasks in
            tasks.addTask {
                defer { continuation.finish() }
                try await group.run()
            }
            let port = try #require(await ports.first { _ in true })
            func get(_ path: String) async throws -> TestAnswer {
                try await TestConnection.with(port: port) { connection in
                    try await connection.write("GET \(path) HTTP/1.1\r\nHost: localhost\r\n\r\n".utf8)
                    return try await connection.answer()
                }
            }
            #expect(try await get("/readyz").code == "starting")
            readiness.advance(to: .ready)
            readiness.set("database", .passing)
            #expect(try await get("/readyz").status == 200)
            #expect(try await get("/messages/x").status == 404)
            let answer = try await get("/metrics")
            #expect(answer.status == 200)
            #expect(answer.headers["content-type"] == PrometheusMetrics.contentType)
            #expect(
                answer.body.contains(
                    #"sluice_http_requests_total{listener="operator",method="GET",route="/readyz",status="503"} 1"#
                )
            )
            #expect(answer.body.contains(#"route="none",status="404"} 1"#))
            #expect(answer.body.contains("sluice_http_request_duration_seconds_bucket"))
            await group.triggerGracefulShutdown()
            try await tasks.waitForAll()
        }
    }
}
