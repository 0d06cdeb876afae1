import Testing

extension RealProcesses.OneByOne {
    /// A person's way through a tenant's dashboard, in Debian's Chromium, from what `./run` starts.
    @Suite(
        "a tenant's dashboard",
        .enabled(if: Moto.folder != nil, "SLUICE_REFEREES names no virtual environment"),
        .enabled(if: Chromium.path != nil, "there is no /usr/bin/chromium")
    )
    struct TenantDashboardTests {
        @Test(
            "Somebody finds mail, reads it, exports, suppresses, makes a key and is signed out",
            .timeLimit(.minutes(10))
        )
        func tenants() async throws {
            try await DevNode.with { node in
                let output = try await node.drive("tenant_dashboard.py")
                #expect(output.status == 0, "\(output.text)\(output.errors.suffix(6000))")
                #expect(output.text.contains(": 0 problems"))
            }
        }
    }
}
