import Foundation
import HTTPTypes
import Testing

@testable import Gateway

/// Who gets into the operator's dashboard, and what a session may do.
@Suite(.timeLimit(.minutes(5))) struct DashboardAccessTests {
    static let pages = [
        "/dashboard", "/dashboard/accounts/main", "/dashboard/queue", "/dashboard/messages", "/dashboard/webhooks",
        "/dashboard/reputation", "/dashboard/feedback", "/dashboard/tenants", "/dashboard/nodes", "/dashboard/audit",
    ]

    /// Signs in; returns the cookie and the token of the pages.
    private static func signIn(_ node: TestOperator, key: String = TestDirectory.adminKey) async throws -> (
        cookie: String, csrf: String
    ) {
        let answer = try await node.dashboard(
            "POST",
            "/dashboard/sign-in",
            ["Sec-Fetch-Site": "same-origin", "Content-Type": "application/x-www-form-urlencoded"],
            "key=\(key)&next=%2Fdashboard%2Fqueue"
        )
        #expect(answer.status == 303 && answer.headers["location"] == "/dashboard/queue")
        let set = try #require(answer.headers["set-cookie"])
        #expect(set.contains("HttpOnly") && set.contains("SameSite=Strict") && set.contains("Path=/"))
        let cookie = String(set.prefix { $0 != ";" })
        let page = try await node.dashboard("GET", "/dashboard", ["Cookie": cookie])
        let csrf = try #require(page.body.firstMatch(of: #/name="csrf-token" content="([0-9a-f]{64})"/#))
        return (cookie, String(csrf.output.1))
    }

    @Test func nobodySeesAPageWithoutASession() async throws {
        try await TestOperator.run { node in
            for path in Self.pages {
                let answer = try await node.dashboard("GET", path, ["Accept": "text/html"])
                #expect(answer.status == 303, "\(path)")
                let location = try #require(answer.headers["location"])
                #expect(location.hasPrefix("/dashboard/sign-in?next="), "\(location)")
                let forged = try await node.dashboard("GET", path, ["Cookie": "sluice_admin=forged"])
                #expect(forged.status == 303)
            }
            for path in ["/dashboard/session", "/dashboard/live/overview", "/dashboard/live/accounts/main"] {
                let answer = try await node.dashboard("GET", path, ["Accept": "text/event-stream"])
                #expect(answer.status == 401, "\(path)")
            }
        }
    }

    @Test func everyPageIsShownAndShielded() async throws {
        try await TestOperator.run { node in
            let (cookie, _) = try await Self.signIn(node)
            for path in Self.pages {
                let answer = try await node.dashboard("GET", path, ["Cookie": cookie])
                #expect(answer.status == 200, "\(path): \(answer.body.prefix(300))")
                #expect(answer.headers["content-type"] == "text/html; charset=utf-8")
                #expect(answer.headers["cache-control"] == "no-store")
                let policy = try #require(answer.headers["content-security-policy"])
                #expect(
                    policy.hasPrefix("default-src 'none'; script-src 'self'")
                        && policy.contains("frame-ancestors 'none'")
                )
                #expect(answer.headers["x-content-type-options"] == "nosniff")
                #expect(answer.headers["referrer-policy"] == "same-origin")
                #expect(answer.body.firstMatch(of: #/<script(?![^>]*src=)/#) == nil && !answer.body.contains(" style="))
            }
            #expect(try await node.dashboard("GET", "/dashboard/session", ["Cookie": cookie]).status == 204)
            let none = try await node.dashboard(
                "GET",
                "/dashboard/accounts/none",
                ["Cookie": cookie, "Accept": "text/html"]
            )
            #expect(none.status == 404 && none.body.contains("<main"))
        }
    }

    @Test func partsOfSharesAreNamedByTheirPaths() async throws {
        try await TestOperator.run { node in
            let (cookie, _) = try await Self.signIn(node)
            let page = try await node.dashboard("GET", "/dashboard/accounts/main", ["Cookie": cookie]).body
            let paths = page.matches(of: #/data-path="([^"]+)"/#).map { String($0.output.1) }
            #expect(!paths.isEmpty)
            for path in paths {
                #expect(page.contains("id=\"figures/\(path)\"") && page.contains("id=\"rate/\(path)\""))
            }
        }
    }

    @Test func whoseSessionHasEndedReadsThatAtTheSignIn() async throws {
        try await TestOperator.run { node in
            let ended = try await node.dashboard("GET", "/dashboard/sign-in?ended=1&next=%2Fdashboard%2Fqueue", [:])
            #expect(ended.body.contains("Your session has ended") && ended.body.contains("value=\"/dashboard/queue\""))
            #expect(!(try await node.dashboard("GET", "/dashboard/sign-in", [:])).body.contains("has ended"))
        }
    }

    @Test func aKeyThatIsNoAdminsGetsNobodyIn() async throws {
        try await TestOperator.run { node in
            for key in [TestDirectory.apaKey, "sa_unknown", "", TestDirectory.expiredKey] {
                let answer = try await node.dashboard(
                    "POST",
                    "/dashboard/sign-in",
                    ["Sec-Fetch-Site": "same-origin"],
                    "key=\(key)"
                )
                #expect([401, 403].contains(answer.status), "\(key)")
                #expect(answer.headers["set-cookie"] == nil && answer.body.contains("role=\"alert\""))
                #expect(key.isEmpty || !answer.body.contains(key))
            }
            #expect(node.sessions.count == 0)
        }
    }

    @Test func guessingIsLimitedAndKeepsNobodyOut() async throws {
        try await TestOperator.run { node in
            var statuses: [Int] = []
            for _ in 0..<12 {
                let answer = try await node.dashboard(
                    "POST",
                    "/dashboard/sign-in",
                    ["Sec-Fetch-Site": "same-origin"],
                    "key=sa_guess"
                )
                statuses.append(answer.status)
            }
            #expect(statuses.prefix(10).allSatisfy { $0 == 401 })
            #expect(statuses.suffix(2) == [429, 429])
            // Who has a key is let in, from the same address; ten times in the minute.
            for _ in 0..<10 { _ = try await Self.signIn(node) }
            let surplus = try await node.dashboard(
                "POST",
                "/dashboard/sign-in",
                ["Sec-Fetch-Site": "same-origin"],
                "key=\(TestDirectory.adminKey)"
            )
            #expect(surplus.status == 429 && node.sessions.count == 10)
        }
    }

    @Test func noOtherSiteSignsAnybodyIn() async throws {
        try await TestOperator.run { node in
            for headers in [
                ["Sec-Fetch-Site": "cross-site"], ["Sec-Fetch-Site": "same-site"], ["Origin": "https://evil.example"],
                ["Origin": "null"], [:],
            ] {
                let answer = try await node.dashboard(
                    "POST",
                    "/dashboard/sign-in",
                    headers,
                    "key=\(TestDirectory.adminKey)"
                )
                #expect(answer.status == 403, "\(headers)")
            }
            let own = try await node.dashboard(
                "POST",
                "/dashboard/sign-in",
                ["Origin": "http://localhost"],
                "key=\(TestDirectory.adminKey)"
            )
            #expect(own.status == 303)
        }
    }

    @Test func nobodyIsLedElsewhere() {
        for path in [
            "https://evil.example", "//evil.example", "/\\evil.example", "/admin", "/dashboardx", "/dashboard/\r\nX: y",
            "/dashboard/sign-in?next=x", "javascript:alert(1)", "",
        ] {
            #expect(SignInRoutes.local(path) == "/dashboard", "\(path)")
        }
        #expect(SignInRoutes.local("/dashboard/accounts/main?x=1") == "/dashboard/accounts/main?x=1")
    }

    @Test func aSessionReadsTheAPIAndChangesItFromOurPagesOnly() async throws {
        try await TestOperator.run { node in
            let (cookie, csrf) = try await Self.signIn(node)
            let read = try await node.dashboard("GET", "/admin/accounts", ["Cookie": cookie])
            #expect(read.status == 200)
            let path = "/admin/accounts/main/pause"
            let refused: [[String: String]] = [
                ["Cookie": cookie],
                ["Cookie": cookie, "Sec-Fetch-Site": "same-origin"],
                ["Cookie": cookie, "X-CSRF-Token": csrf],
                ["Cookie": cookie, "X-CSRF-Token": csrf, "Sec-Fetch-Site": "cross-site"],
                ["Cookie": cookie, "X-CSRF-Token": csrf, "Origin": "https://evil.example"],
                ["Cookie": cookie, "X-CSRF-Token": String(csrf.reversed()), "Sec-Fetch-Site": "same-origin"],
            ]
            for headers in refused {
                let answer = try await node.dashboard("POST", path, headers)
                #expect(answer.status == 403 && answer.code == "missing_scope", "\(headers)")
            }
            #expect(node.administration.calls.isEmpty)
            let changed = try await node.dashboard(
                "POST",
                path,
                ["Cookie": cookie, "X-CSRF-Token": csrf, "Sec-Fetch-Site": "same-origin"]
            )
            #expect(changed.status == 200, "\(changed.body)")
        }
    }

    @Test func signingOutEndsItAndNeedsThePage() async throws {
        try await TestOperator.run { node in
            let (cookie, csrf) = try await Self.signIn(node)
            let foreign = try await node.dashboard(
                "POST",
                "/dashboard/sign-out",
                ["Cookie": cookie, "Sec-Fetch-Site": "same-origin"],
                "csrf=wrong"
            )
            #expect(foreign.status == 403 && node.sessions.count == 1)
            let out = try await node.dashboard(
                "POST",
                "/dashboard/sign-out",
                ["Cookie": cookie, "Sec-Fetch-Site": "same-origin"],
                "csrf=\(csrf)"
            )
            #expect(out.status == 303 && out.headers["set-cookie"]?.contains("Max-Age=0") == true)
            #expect(node.sessions.count == 0)
            #expect(try await node.dashboard("GET", "/admin/accounts", ["Cookie": cookie]).status == 401)
        }
    }

    @Test func aLinkOfAnotherSiteIsFollowedOnceMore() async throws {
        try await TestOperator.run { node in
            let answer = try await node.dashboard("GET", "/dashboard/queue", ["Sec-Fetch-Site": "cross-site"])
            #expect(
                answer.status == 200
                    && answer.body.contains("http-equiv=\"refresh\" content=\"0;url=/dashboard/queue\"")
            )
        }
    }

    @Test func cookiesAreSecureWhereBrowsersComeByHTTPS() {
        let plain = SessionCookie(.admins, isSecure: false)
        let secure = SessionCookie(.admins, isSecure: true)
        #expect(plain.set("t").hasPrefix("sluice_admin=t; ") && !plain.set("t").contains("Secure"))
        #expect(secure.set("t").hasPrefix("__Host-sluice_admin=t; Path=/; ") && secure.set("t").hasSuffix("; Secure"))
        #expect(plain.token(in: [.cookie: "a=b; sluice_admin=t"]) == "t")
        #expect(secure.token(in: [.cookie: "sluice_admin=t"]) == nil)
        #expect(plain.token(in: [.cookie: "sluice_admin=t; sluice_admin=u"]) == nil)
        #expect(plain.token(in: [.cookie: "sluice_tenant=t"]) == nil)
    }

    @Test func filesAreKeptForGood() async throws {
        try await TestOperator.run { node in
            let page = try await node.dashboard("GET", "/dashboard/sign-in", [:])
            let paths = page.body.matches(of: #/(?:href|src)="(\/dashboard\/assets\/[^"]+)"/#).map {
                String($0.output.1)
            }
            #expect(paths.count == 3)
            for path in paths {
                let answer = try await node.dashboard("GET", path, [:])
                #expect(
                    answer.status == 200 && answer.headers["cache-control"] == "public, max-age=31536000, immutable"
                )
            }
            #expect(try await node.dashboard("GET", "/dashboard/assets/none.css", [:]).status == 404)
        }
    }

    @Test(arguments: [true, false])
    func newsComeAndEndWithTheSessionOrItsKey(isSession: Bool) async throws {
        try await TestOperator.run { node in
            let (cookie, _) = try await Self.signIn(node)
            try await TestConnection.with(port: node.port) { connection in
                let head =
                    "GET /dashboard/live/nodes HTTP/1.1\r\nHost: localhost\r\nCookie: \(cookie)\r\nAccept: text/event-stream\r\n\r\n"
                try await connection.write(head.utf8)
                let first = try await connection.text(until: "event: beat\n\n\r\n")
                #expect(first.contains("200 OK") && first.contains("text/event-stream"))
                #expect(first.contains(#/data: \d\d:\d\d:\d\d\nevent: beat/#))
                #expect(first.contains("retry: 2000") && first.contains("event: part\ndata: {\"id\":\"nodes\""))
                if isSession { node.sessions.clear() } else { node.administration.set { $0.keys = [] } }
                let rest = try await connection.text(until: "0\r\n\r\n")
                #expect(rest.hasSuffix("0\r\n\r\n"))
            }
        }
    }
}
