import Foundation
import Testing

extension RealProcesses.OneByOne {
    /// A person's way through a tenant's dashboard, in Debian's Chromium, from what `./run` starts.
    @Suite(
        "a tenant's dashboard",
        .enabled(if: Moto.folder != nil, "SLUICE_REFEREES names no virtual environment"),
        .enabled(if: Chromium.path != nil, "there is no /usr/bin/chromium")
    )
    struct TenantDashboardTests {
        private static let script = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
            .deletingLastPathComponent().appending(path: "referees/tenant_dashboard.py")

        private struct Settings: Encodable {
            let `public`: String
            let `operator`: String
            let keys: [String: String]
            let chromium: String
            /// Where pictures of the pages go; nil: nowhere.
            let screenshots: String?
        }

        @Test(
            "Somebody finds mail, reads it, exports, suppresses, makes a key and is signed out",
            .timeLimit(.minutes(10))
        )
        func tenants() async throws {
            let referees = try #require(Moto.folder)
            let chromium = try #require(Chromium.path)
            try await DevNode.with { node in
                let settings = Settings(
                    public: node.publicURL,
                    operator: node.operatorURL,
                    keys: try node.keys(),
                    chromium: chromium,
                    screenshots: ProcessInfo.processInfo.environment["SLUICE_SCREENSHOTS"]
                )
                let output = try await Program(
                    path: referees + "/bin/python3",
                    arguments: [
                        Self.script.path(), String(decoding: try JSONEncoder().encode(settings), as: UTF8.self),
                    ],
                    environment: [
                        "PATH": "/usr/local/bin:/usr/bin:/bin", "HOME": node.folder.path(),
                        "PYTHONDONTWRITEBYTECODE": "1",
                    ],
                    folder: node.folder.path()
                ).run()
                #expect(output.status == 0, "\(output.text)\(output.errors.suffix(6000))")
                #expect(output.text.contains(": 0 problems"))
            }
        }
    }
}
