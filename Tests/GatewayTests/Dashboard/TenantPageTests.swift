import Directory
import Foundation
import Mail
import Testing

@testable import Gateway
@testable import Outbox

/// A tenant's pages on the public listener.
@Suite(.timeLimit(.minutes(5))) struct TenantPageTests {
    private static let id = "018f0000-0000-7abc-8000-000010000000"
    private static let pages = [
        "", "/messages", "/recipients", "/events", "/reports", "/reports/2026-W47", "/usage", "/webhooks",
        "/suppressions",
        "/templates", "/domains", "/keys",
    ].map { "/dashboard" + $0 }

    /// Signs in; returns the cookie and the token of the pages.
    private static func signIn(_ gateway: TestGateway, key: String) async throws -> (cookie: String, csrf: String) {
        let answer = try await gateway.request(
            "POST",
            "/dashboard/sign-in",
            key: nil,
            headers: ["Sec-Fetch-Site": "same-origin", "Content-Type": "application/x-www-form-urlencoded"],
            body: "key=\(key)"
        )
        let cookie = String(try #require(answer.headers["set-cookie"]).prefix { $0 != ";" })
        let page = try await gateway.request("GET", "/dashboard", key: nil, headers: ["Cookie": cookie])
        let csrf = try #require(page.body.firstMatch(of: #/name="csrf-token" content="([0-9a-f]{64})"/#))
        return (cookie, String(csrf.output.1))
    }

    private static func get(_ gateway: TestGateway, _ path: String, _ cookie: String) async throws -> TestAnswer {
        try await gateway.request("GET", path, key: nil, headers: ["Cookie": cookie, "Accept": "text/html"])
    }

    @Test func everyPageIsShownWithNothingYetAndShielded() async throws {
        try await TestGateway.run(isDashboard: true) { gateway in
            let (cookie, _) = try await Self.signIn(gateway, key: TestDirectory.apaKey)
            for path in Self.pages {
                let answer = try await Self.get(gateway, path, cookie)
                #expect(answer.status == 200, "\(path): \(answer.body.prefix(300))")
                #expect(answer.headers["cache-control"] == "no-store")
                #expect(
                    answer.headers["content-security-policy"]?.hasPrefix("default-src 'none'; script-src 'self'")
                        == true
                )
                #expect(answer.body.firstMatch(of: #/<script(?![^>]*src=)/#) == nil && !answer.body.contains(" style="))
                let nobody = try await gateway.request("GET", path, key: nil, headers: ["Accept": "text/html"])
                #expect(nobody.status == 303)
            }
            let stranger = try await Self.get(gateway, "/dashboard/messages/\(Self.id)", cookie)
            #expect(stranger.status == 404 && stranger.body.contains("<main"))
        }
    }

    @Test func aPageIsForKeysWithItsScope() async throws {
        try await TestGateway.run(isDashboard: true) { gateway in
            let scopes: [(KeyScope, [String])] = [
                (.read, ["/messages", "/recipients", "/events", "/reports", "/reports/last", "/usage", "/domains"]),
                (.webhooks, ["/webhooks"]), (.suppressions, ["/suppressions"]), (.templates, ["/templates"]),
                (.keys, ["/keys"]), (.content, ["/messages/\(Self.id)/content"]),
            ]
            for (scope, paths) in scopes {
                let (cookie, _) = try await Self.signIn(gateway, key: TestDirectory.withoutKey(scope))
                for path in paths {
                    let answer = try await Self.get(gateway, "/dashboard" + path, cookie)
                    #expect(answer.status == 403 && answer.body.contains("<code>\(scope.rawValue)</code>"), "\(path)")
                }
            }
            let (cookie, _) = try await Self.signIn(gateway, key: TestDirectory.withoutKey(.read))
            #expect(try await Self.get(gateway, "/dashboard", cookie).status == 200)
            #expect(try await Self.get(gateway, "/dashboard/live/events", cookie).status == 403)
            let (other, _) = try await Self.signIn(gateway, key: TestDirectory.withoutKey(.content))
            #expect(try await Self.get(gateway, "/dashboard/messages/\(Self.id)/content/html", other).status == 403)
        }
    }

    @Test func whatATenantWroteIsShownInAFrameOfNoOrigin() async throws {
        try await TestGateway.run(isDashboard: true) { gateway in
            let id = try #require(MessageID(Self.id))
            let html = "<script>parent.x = 1</script><p>H</p>"
            let simple = SimpleContent(from: "a@apa.example", to: "r@x.example", subject: "<b>S", text: "T", html: html)
            gateway.lists.set { $0.contents[1] = [id: .whole(.simple(simple))] }
            gateway.templates.set(
                "t",
                [TemplateSource(subject: "Hi {{name}}", text: "{{name}}!", html: "<b>{{name}}</b>")]
            )
            let (cookie, _) = try await Self.signIn(gateway, key: TestDirectory.onlyKey(.content))
            let page = try await Self.get(gateway, "/dashboard/messages/\(Self.id)/content", cookie)
            #expect(page.status == 200 && page.body.contains("&lt;b&gt;S") && !page.body.contains("parent.x"))
            #expect(page.headers["content-security-policy"]?.hasSuffix("frame-src 'self'") == true)
            let frame = try await Self.get(gateway, "/dashboard/messages/\(Self.id)/content/html", cookie)
            #expect(frame.body == html)
            Self.expectFrame(frame)

            let (templates, csrf) = try await Self.signIn(gateway, key: TestDirectory.onlyKey(.templates))
            let source = try await Self.get(gateway, "/dashboard/templates/t/preview", templates)
            #expect(source.body == "<b>{{name}}</b>")
            Self.expectFrame(source)
            func preview(_ form: String) async throws -> TestAnswer {
                try await gateway.request(
                    "POST",
                    "/dashboard/templates/t/preview",
                    key: nil,
                    headers: ["Cookie": templates, "Content-Type": "application/x-www-form-urlencoded"],
                    body: form
                )
            }
            let filled = try await preview("csrf=\(csrf)&version=1&part=html&data=%7B%22name%22%3A%22Ann%22%7D")
            #expect(filled.status == 200 && filled.body == "<b>Ann</b>")
            Self.expectFrame(filled)
            let text = try await preview("csrf=\(csrf)&part=text&data=%7B%22name%22%3A%22%3Ci%3E%22%7D")
            #expect(text.body.contains("Subject: Hi &lt;i&gt;"))
            #expect(try await preview("csrf=\(csrf)&data=%5B1").body.contains("no JSON object"))
            #expect(try await preview("csrf=0&data=%7B%7D").status == 403)
        }
    }

    private static func expectFrame(_ answer: TestAnswer) {
        let policy = answer.headers["content-security-policy"] ?? ""
        #expect(policy.hasPrefix("sandbox; default-src 'none';") && policy.hasSuffix("frame-ancestors 'self'"))
        #expect(!policy.contains("script-src") && !policy.contains("allow-"))
        #expect(
            answer.headers["x-frame-options"] == "SAMEORIGIN" && answer.headers["x-content-type-options"] == "nosniff"
        )
    }

    @Test func filtersThatAreWrongAreSaidOnThePage() async throws {
        try await TestGateway.run(isDashboard: true) { gateway in
            let (cookie, _) = try await Self.signIn(gateway, key: TestDirectory.apaKey)
            // As a browser sends a form of which one field is filled in.
            let empty = try await Self.get(gateway, "/dashboard/messages?to=&status=bounced&tag=&region=", cookie)
            #expect(empty.status == 200 && gateway.lists.asked.messageFilters.last?.status == .all(.bounced))
            for path in ["/messages?to=%3Cscript%3E", "/recipients?domain=a..b", "/suppressions?domain=a..b"] {
                let answer = try await Self.get(gateway, "/dashboard" + path, cookie)
                #expect(answer.status == 200 && answer.body.contains("role=\"alert\""), "\(path)")
                #expect(!answer.body.contains("<script>"))
            }
            _ = try await Self.get(gateway, "/dashboard/recipients", cookie)
            #expect(gateway.lists.asked.recipientFilters.last?.status == .bounced)
        }
    }

    @Test func pagesCountInTheTenantsRate() async throws {
        try await TestGateway.run(isDashboard: true) { gateway in
            let (cookie, _) = try await Self.signIn(gateway, key: TestDirectory.apaKey)
            gateway.directory.limit(TenantLimits(apiRate: 2))
            var refused: TestAnswer?
            // In the minute that the test may take, no more than 122 pass.
            for _ in 0..<400 where refused == nil {
                let answer = try await Self.get(gateway, "/dashboard/usage", cookie)
                if answer.status != 200 { refused = answer }
            }
            #expect(refused?.status == 429 && refused?.headers["retry-after"] == "1")
            let (other, _) = try await Self.signIn(gateway, key: TestDirectory.omvKey)
            #expect(try await Self.get(gateway, "/dashboard/usage", other).status == 200)
        }
    }

    @Test func pagesAndSearchesOfATenantWaitInOneLine() async throws {
        try await TestGateway.run(isDashboard: true, configure: { $0.maximumTenantSearches = 1 }) { gateway in
            let (cookie, _) = try await Self.signIn(gateway, key: TestDirectory.apaKey)
            let (other, _) = try await Self.signIn(gateway, key: TestDirectory.omvKey)
            let (gate, opener) = AsyncStream<Void>.makeStream()
            gateway.lists.set { $0.gates = [gate] }
            try await withThrowingTaskGroup(of: Int.self) { tasks in
                tasks.addTask { try await gateway.request("GET", "/messages").status }
                _ = await gateway.lists.searches.first { _ in true }
                tasks.addTask { try await Self.get(gateway, "/dashboard/messages", cookie).status }
                // Another tenant's do not, though they came later.
                #expect(try await Self.get(gateway, "/dashboard/messages", other).status == 200)
                #expect(gateway.lists.asked.messageFilters.count == 2)
                opener.finish()
                for try await status in tasks { #expect(status == 200) }
            }
            #expect(gateway.lists.asked.messageFilters.count == 3)
        }
    }
}
