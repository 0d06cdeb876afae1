import Testing

extension RealProcesses.OneByOne {
    /// A person's way through the operator's dashboard, in Debian's Chromium, from what `./run` starts.
    @Suite(
        "the dashboard",
        .enabled(if: Moto.folder != nil, "SLUICE_REFEREES names no virtual environment"),
        .enabled(if: Chromium.path != nil, "there is no /usr/bin/chromium")
    )
    struct DashboardTests {
        @Test(
            "Somebody signs in, watches, drags, undoes, finds, repeats; and axe has nothing to say",
            .timeLimit(.minutes(10))
        )
        func operators() async throws {
            try await DevNode.with { node in
                let output = try await node.drive("dashboard.py")
                #expect(output.status == 0, "\(output.text)\(output.errors.suffix(6000))")
                for step in [
                    "signed in", "the line followed", "undone", "found a bounced message", "sent a dead letter again",
                    "replayed a webhook", "nothing serious", "under the focus", "the page said so, and went on",
                    "made another", "a day ahead", "led back", "its own change only", "tree of shares changed",
                    "which were not sent",
                    "tenants on their pages", "nothing to complain of",
                ] { #expect(output.text.contains(step), "\(step)") }
            }
        }
    }
}
