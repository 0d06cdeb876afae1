import Directory
import Testing

/// Paths that a proxy, a router and a reader may each take for another one.
@Suite(.timeLimit(.minutes(5))) struct PathTrickTests {
    /// Each would be `/keys` or `/admin/tenants` to somebody.
    private static let tricks = [
        "/messages/../keys", "/messages/%2e%2e/keys", "/messages/..%2fkeys", "/messages/%2fkeys", "/messages/..%5ckeys",
        "/messages/..;/keys", "/messages\\..\\keys", "/messages//keys", "/messages/.%2e/keys",
        "/messages/%252e%252e/keys",
        "//keys", "///keys", "/./keys", "/keys/", "/keys/.", "/keys?", "/keys#x", "/keys;x=1", "/keys%00", "/keys%20",
        "/keys%3f", "/keys%2f", "/KEYS", "/%6beys", "/%2fkeys", "/u/../keys", "/livez/../keys", "/docs/../keys",
        "/docs/%2e%2e/keys", "/docs/..%2fkeys", "/docs/problems/..%2f..%2fkeys", "/%2e%2e/admin/tenants",
        "/docs/../admin/tenants", "/messages/..%2f..%2fadmin%2ftenants", "/admin%2ftenants", "/%61dmin/tenants",
    ]

    @Test(arguments: tricks) func leadsNowhereThatTheKeyMayNotGo(_ path: String) async throws {
        try await TestGateway.run { gateway in
            // So that there is something to be reached.
            #expect(try await gateway.request("GET", "/keys", key: TestDirectory.onlyKey(.keys)).status == 200)
            let read = try await gateway.request("GET", path, key: TestDirectory.onlyKey(.read))
            #expect(read.status == 403 || read.status == 404, "\(read.status) \(read.body)")
            let nobody = try await gateway.request("GET", path, key: nil)
            #expect(nobody.status == 401 || nobody.status == 404, "\(nobody.status) \(nobody.body)")
        }
    }

    /// There is no folder behind a path.
    @Test(arguments: [
        "/docs/..%2f..%2f..%2fetc%2fpasswd", "/docs/%2e%2e%2f%2e%2e%2fetc%2fpasswd", "/docs/....//etc/passwd",
        "/docs/style.css%00.html", "/docs//etc/passwd", "/docs/problems/..%2fstyle.css", "/docs/C:%5cwindows%5cwin.ini",
        "/u/..%2f..%2fetc%2fpasswd", "/templates/..%2f..%2fetc%2fpasswd",
        "/templates/..%2f..%2fetc%2fpasswd/versions/1",
        "/suppressions/..%2f..%2fetc%2fpasswd", "/domains/..%2fetc", "/erasures/..%2fetc",
        "/webhooks/..%2fetc/deliveries",
    ])
    func noFileIsRead(_ path: String) async throws {
        try await TestGateway.run { gateway in
            let answer = try await gateway.request("GET", path)
            #expect(answer.status == 404, "\(answer.status) \(answer.body)")
            #expect(!answer.body.contains("root:"))
        }
    }
}
