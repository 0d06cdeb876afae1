import APIText
import Dashboard
import Foundation
import Testing

@testable import Gateway

/// The pages that people read.
@Suite(.timeLimit(.minutes(5))) struct PageTests {
    private static let attack = #"<script>alert('x')</script>" onload="x&y"#

    @Test func interpolatedTextIsNoMarkup() {
        let html: HTML = "<td title=\"\(Self.attack)\">\(Self.attack)</td>"
        let escaped = "&lt;script&gt;alert(&#39;x&#39;)&lt;/script&gt;&quot; onload=&quot;x&amp;y"
        #expect(html.text == "<td title=\"\(escaped)\">\(escaped)</td>")
        let outer: HTML = "<tr>\(html)\([html, html])\(7)</tr>"
        #expect(outer.text == "<tr>\(html.text)\(html.text)\(html.text)7</tr>")
    }

    @Test(
        arguments: [
            ("One `<b>` and\ntwo.\n\nThree", "<p>One <code>&lt;b&gt;</code> and two.</p><p>Three</p>"),
            ("Of:\n- a\n- b\n  more\n\nEnd", "<p>Of:</p><ul><li>a</li><li>b more</li></ul><p>End</p>"),
            ("[All](/docs) [x](javascript:alert(1))", "<p><a href=\"/docs\">All</a> [x](javascript:alert(1))</p>"),
            ("a [b] `c", "<p>a [b] `c</p>"),
            ("[<i>](https://x.example/\"a\")", "<p><a href=\"https://x.example/&quot;a&quot;\">&lt;i&gt;</a></p>"),
        ]
    )
    func proseIsALittleMarkdown(text: String, html: String) {
        #expect(Prose.html(text).text == html)
    }

    /// Nothing of a tenant's is on these pages today; were it, it would be text.
    @Test func aDocumentOfAnEvilAuthorHasNoScript() throws {
        let attack = JSONValue.string(Self.attack)
        let operation = JSONValue.object([
            ("id", attack), ("access", attack), ("summary", attack), ("description", attack),
            ("parameters", .array([.object([("name", attack), ("in", attack), ("description", attack)])])),
            (
                "body",
                .object([
                    ("schema", .object([("properties", .object([(Self.attack, .object([("description", attack)]))]))])),
                    ("examples", .object([(Self.attack, attack)])),
                ])
            ),
            ("answers", .object([(Self.attack, .object([("description", attack)]))])),
        ])
        let evil = JSONValue.object([
            ("info", .object([("title", attack), ("description", attack)])),
            ("tag", .object([("name", attack), ("x-page", attack), ("description", attack)])),
            ("paths", .object([(Self.attack, .object([("get", operation)]))])),
            ("schemas", .object([(Self.attack, .object([("enum", .array([attack]))]))])),
        ])
        let files = Fragments.tenant.filter { $0.name == "problems" }
        let problems = try files.map { (name: $0.name, json: try YAMLText.value($0.yaml)) }
        let pages = DocumentationPages(try APIDocument(fragments: problems + [(name: "evil", json: evil)])).pages
        #expect(pages.count > 40)
        for (path, page) in pages {
            #expect(!page.text.contains("<script") && !page.text.contains("\" onload"), "\(path)")
        }
        #expect(pages["/docs/objects"]?.text.contains("&lt;script&gt;") == true)
    }

    @Test func everyProblemLeadsToItsPage() async throws {
        try await TestGateway.run { gateway in
            for code in Problem.Code.all {
                let type = Problem(code, "x").json()["type"]?.asString ?? ""
                let page = try await gateway.request("GET", type, key: nil)
                #expect(page.status == 200 && page.body.contains(code.name), "\(type)")
            }
            let problem = try await gateway.request("GET", "/messages/x")
            let page = try await gateway.request("GET", try #require(problem.json["type"] as? String), key: nil)
            #expect(page.status == 200 && page.body.contains("not_found"))
        }
    }

    @Test func pagesComeWithAStrictPolicyAndWithoutAKey() async throws {
        try await TestGateway.run { gateway in
            for (path, type) in [
                ("/docs", "text/html; charset=utf-8"), ("/docs/sending", "text/html; charset=utf-8"),
                ("/docs/problems", "text/html; charset=utf-8"), ("/docs/style.css", "text/css; charset=utf-8"),
                ("/openapi.json", "application/json"),
            ] {
                let answer = try await gateway.request("GET", path, key: nil)
                #expect(answer.status == 200, "\(path)")
                #expect(answer.headers["content-type"] == type)
                #expect(answer.headers["x-content-type-options"] == "nosniff")
                #expect(answer.headers["referrer-policy"] == "no-referrer")
                let policy = try #require(answer.headers["content-security-policy"])
                #expect(policy.hasPrefix("default-src 'none';") && policy.contains("frame-ancestors 'none'"))
                #expect(!policy.contains("unsafe"))
            }
            let openapi = try await gateway.request("GET", "/openapi.json", key: nil)
            #expect(openapi.json["openapi"] as? String == "3.1.0")
            #expect((openapi.json["servers"] as? [[String: String]])?.first?["url"] == "/")
        }
    }

    @Test func whatIsNoPageIsAProblem() async throws {
        try await TestGateway.run { gateway in
            for path in [
                "/docs/none", "/docs/problems/none", "/docs/%3Cscript%3E", "/docs/problems/%3Cscript%3Ealert(1)",
                "/docs/../openapi.json", "/docs/problems/%2e%2e", "/docs/style.css/x",
            ] {
                let answer = try await gateway.request("GET", path, key: nil)
                #expect(answer.status == 404 && answer.code == "not_found", "\(path): \(answer.status)")
                #expect(answer.headers["content-type"] == "application/problem+json")
                #expect(!answer.body.contains("<script"))
            }
            let post = try await gateway.request("POST", "/docs", key: nil)
            #expect(post.status == 405 && post.headers["allow"] == "GET, HEAD")
        }
    }

    @Test func thePublicURLIsWhereProgramsAreSent() async throws {
        try await TestGateway.run(configure: { $0.publicURL = "https://send.example.com" }) { gateway in
            let openapi = try await gateway.request("GET", "/openapi.json", key: nil)
            #expect((openapi.json["servers"] as? [[String: String]])?.first?["url"] == "https://send.example.com")
        }
    }

    @Test func theOperatorListenerHasItsOwn() async throws {
        try await TestOperator.run { node in
            let openapi = try await node.request("GET", "/openapi.json", key: nil)
            let paths = try #require(openapi.json["paths"] as? [String: Any])
            #expect(paths["/admin/accounts"] != nil && paths["/send"] == nil)
            #expect(try await node.request("GET", "/docs/accounts", key: nil).body.contains("/admin/accounts"))
        }
        try await TestGateway.run { gateway in
            let document = try await gateway.request("GET", "/openapi.json", key: nil)
            #expect(!document.body.contains("/admin"))
        }
    }
}
