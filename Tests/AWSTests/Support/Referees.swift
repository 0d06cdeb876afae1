import Testing

/// Starts a referee for a whole suite; its tests find it at ``RefereeScope/url``.
struct RefereeTrait: SuiteTrait, TestScoping {
    enum Program { case moto, ministack }

    let program: Program
    var environment: [String: String] = [:]

    func provideScope(
        for test: Test,
        testCase: Test.Case?,
        performing function: @concurrent @Sendable () async throws -> Void
    ) async throws {
        guard RefereeProcess.folder != nil else { return try await function() }
        switch program {
        case .moto:
            try await RefereeProcess.run(
                "moto_server",
                arguments: { ["-H", "127.0.0.1", "-p", "\($0)"] },
                ready: "/moto-api/",
                { referee in try await RefereeScope.$url.withValue(referee.url) { try await function() } }
            )
        case .ministack:
            try await RefereeProcess.run(
                "ministack",
                environment: { port in
                    [
                        "BIND_HOST": "127.0.0.1", "IOT_MTLS_ENABLED": "0", "GATEWAY_PORT": "\(port)",
                        "MINISTACK_HOST": "127.0.0.1",
                    ].merging(environment) { $1 }
                },
                ready: "/_ministack/health",
                { referee in try await RefereeScope.$url.withValue(referee.url) { try await function() } }
            )
        }
    }
}

enum RefereeScope {
    /// Where the suite's referee listens.
    @TaskLocal static var url = ""
}
