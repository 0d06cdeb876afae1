import Directory
import Foundation
import Mail
import Testing

/// `/u/{token}`: asks on GET, unsubscribes on POST, and answers nobody who made a token up.
@Suite(.timeLimit(.minutes(5))) struct UnsubscribeRouteTests {
    private static func unsubscription(_ email: String = "ann@b.example", tenant: Int32 = 1) throws -> Unsubscription {
        let copy = try #require(OutboxID("018f0000-0000-7000-8000-000000000001"))
        return Unsubscription(tenantID: tenant, copy: copy, email: email)
    }

    private static func path(_ unsubscription: Unsubscription) -> String {
        "/u/\(TestDirectory.unsubscribeKey.token(of: unsubscription))"
    }

    private static let form = ["Content-Type": "application/x-www-form-urlencoded"]
    private static let oneClick = "List-Unsubscribe=One-Click"

    @Test func aPostUnsubscribesWithoutKeyOrCookie() async throws {
        try await TestGateway.run { gateway in
            let unsubscription = try Self.unsubscription()
            for _ in 0..<2 {
                let answer = try await gateway.request(
                    "POST",
                    Self.path(unsubscription),
                    key: nil,
                    headers: Self.form,
                    body: Self.oneClick
                )
                #expect(answer.status == 200)
                #expect(answer.headers["content-type"] == "text/html; charset=utf-8")
                #expect(answer.headers["set-cookie"] == nil && answer.headers["cache-control"] == "no-store")
                #expect(!answer.body.contains("ann@"))
            }
            let entry = TestUnsubscribes.Entry(email: "ann@b.example", copy: unsubscription.copy, tenantID: 1)
            #expect(gateway.unsubscribes.taken == [entry, entry])
        }
    }

    @Test func mailProgramsPostInSeveralWays() async throws {
        try await TestGateway.run { gateway in
            let parts = "--x\r\nContent-Disposition: form-data; name=\"List-Unsubscribe\"\r\n\r\nOne-Click\r\n--x--\r\n"
            let path = try Self.path(Self.unsubscription())
            let multipart = try await gateway.request(
                "POST",
                path,
                key: nil,
                headers: ["Content-Type": "multipart/form-data; boundary=x"],
                body: parts
            )
            #expect(multipart.status == 200)
            #expect(try await gateway.request("POST", path, key: nil).status == 200)
            // With a key of whoever, too: it is nobody's business.
            #expect(try await gateway.request("POST", path, key: "nonsense", body: Self.oneClick).status == 200)
            let huge = String(repeating: "x", count: 20_000)
            #expect(try await gateway.request("POST", path, key: nil, body: huge).status == 413)
            #expect(gateway.unsubscribes.taken.count == 3)
        }
    }

    @Test func aGetOnlyAsks() async throws {
        try await TestGateway.run { gateway in
            let path = try Self.path(Self.unsubscription())
            let answer = try await gateway.request("GET", path, key: nil)
            #expect(answer.status == 200 && answer.body.contains("<form method=\"post\">"))
            #expect(answer.body.contains("apa") && !answer.body.contains("ann@") && !answer.body.contains("<script"))
            #expect(answer.headers["content-security-policy"]?.contains("default-src 'none'") == true)
            #expect(answer.headers["referrer-policy"] == "no-referrer")
            for method in ["PUT", "DELETE", "OPTIONS"] {
                let refused = try await gateway.request(method, path, key: nil)
                #expect(refused.status == 405 && refused.headers["allow"] == "GET, HEAD, POST")
                #expect(!refused.body.contains(path), "a link is in no answer")
            }
            #expect(gateway.unsubscribes.taken.isEmpty)
        }
    }

    @Test func madeUpTokensAreNothing() async throws {
        try await TestGateway.run { gateway in
            let token = TestDirectory.unsubscribeKey.token(of: try Self.unsubscription())
            let foreign = UnsubscribeKey(Array(repeating: 8, count: 32)).token(of: try Self.unsubscription())
            let gone = TestDirectory.unsubscribeKey.token(of: try Self.unsubscription(tenant: 99))
            let cut = String(token.dropLast())
            var answers: Set<String> = []
            for text in [foreign, gone, cut, "x", "%2e%2e%2f", String(repeating: "A", count: 4000)] {
                for method in ["GET", "POST"] {
                    let answer = try await gateway.request(method, "/u/\(text)", key: nil)
                    #expect(answer.status == 404, "\(method) \(text)")
                    answers.insert(answer.body)
                }
            }
            #expect(answers.count == 1, "no answer tells what was wrong")
            #expect(gateway.unsubscribes.taken.isEmpty)
        }
    }

    @Test func withoutADirectoryItIsSaidToTryAgain() async throws {
        try await TestGateway.run(isLoaded: false) { gateway in
            let answer = try await gateway.request("POST", try Self.path(Self.unsubscription()), key: nil)
            #expect(answer.status == 503 && answer.headers["retry-after"] != nil)
        }
    }

    @Test func aNodeWithoutTheTenantAPIServesItToo() async throws {
        try await TestGateway.run(isTenantAPI: false) { gateway in
            let answer = try await gateway.request("POST", try Self.path(Self.unsubscription()), key: nil)
            #expect(answer.status == 200)
        }
    }
}
