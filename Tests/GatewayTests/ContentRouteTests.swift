import Directory
import Foundation
import Mail
import Outbox
import Testing

/// `GET /messages/{id}/content` and `GET /reports/{week}`.
@Suite(.timeLimit(.minutes(5))) struct ContentRouteTests {
    private static let id = "018f0000-0000-7abc-8000-000010000000"
    private static let path = "/messages/\(id)/content"

    @Test func whatMailSaysIsForKeysWithTheScopeOnly() async throws {
        try await TestGateway.run { gateway in
            let id = try #require(MessageID(Self.id))
            let simple = SimpleContent(
                from: "=?UTF-8?Q?=C3=84rzte?= <a@apa.example>",
                to: "r@x.example",
                subject: "S",
                text: "T",
                html: "<p>H</p>",
                headers: [HeaderField(name: "X-A", value: "1")]
            )
            gateway.lists.set { $0.contents[1] = [id: .whole(.simple(simple))] }
            let key = TestDirectory.onlyKey(.content)
            let answer = try await gateway.request("GET", Self.path, key: key)
            #expect(answer.status == 200 && answer.headers["cache-control"] == "no-store")
            #expect(answer.json["from"] as? String == "Ärzte <a@apa.example>")
            #expect(answer.json["kind"] as? String == "simple" && answer.json["html"] as? String == "<p>H</p>")
            for scope in ["read", "send", "keys"] {
                let refused = try await gateway.request(
                    "GET",
                    Self.path,
                    key: TestDirectory.onlyKey(try #require(.init(rawValue: scope)))
                )
                #expect(refused.status == 403 && refused.code == "missing_scope")
            }
            let other = try await gateway.request(
                "GET",
                "/messages/018f0000-0000-7abc-8000-000020000000/content",
                key: key
            )
            #expect(other.status == 404)
        }
    }

    @Test func whatIsGoneOrSealedIsSaidToBe() async throws {
        try await TestGateway.run { gateway in
            let id = try #require(MessageID(Self.id))
            let key = TestDirectory.onlyKey(.content)
            gateway.lists.set { $0.contents[1] = [id: .removed] }
            let gone = try await gateway.request("GET", Self.path, key: key)
            #expect(gone.status == 410 && gone.code == "content_removed")
            gateway.lists.set { $0.contents[1] = [id: .sealed] }
            let sealed = try await gateway.request("GET", Self.path, key: key)
            #expect(sealed.status == 503 && sealed.code == "content_sealed" && sealed.headers["retry-after"] == "30")
        }
    }

    @Test func templatesAreShownAsTheyWereFilled() async throws {
        try await TestGateway.run { gateway in
            let id = try #require(MessageID(Self.id))
            gateway.templates.set("t", [TemplateSource(subject: "Hi {{name}}", text: "{{name}}!", html: nil)])
            let frame = TemplatedContent.Frame(from: "a@apa.example", replyTo: [], headers: [], source: .version(1))
            let data = TemplateValue.object(["name": .text("Ann")])
            let key = TestDirectory.onlyKey(.content)
            gateway.lists.set { $0.contents[1] = [id: .templated(TemplatedContent(frame: frame, data: data))] }
            let filled = try await gateway.request("GET", Self.path, key: key)
            #expect(filled.json["subject"] as? String == "Hi Ann" && filled.json["kind"] as? String == "templated")
            #expect((filled.json["data"] as? [String: Any])?["name"] as? String == "Ann")
            // Everybody's own is nobody's to show.
            gateway.lists.set {
                $0.contents[1] = [id: .templated(TemplatedContent(frame: frame, data: data, isEach: true))]
            }
            #expect(try await gateway.request("GET", Self.path, key: key).json["subject"] as? String == "Hi {{name}}")
        }
    }

    @Test func reportsAreReadByWeek() async throws {
        try await TestGateway.run { gateway in
            let week = try #require(ReportWeek("2026-W47"))
            let day = WeeklyReport.Counts(accepted: 200, sent: 200, delivered: 190, bounced: 10)
            let trouble = WeeklyReport.Trouble(
                status: .bounced,
                count: 10,
                reasons: [.init(name: "Permanent/NoEmail", count: 10)],
                domains: [.init(name: "x.example", count: 10)]
            )
            gateway.lists.set {
                $0.reports[1] = WeeklyReport(week: week, days: [day], troubles: [trouble], countedUntil: week.end)
            }
            let answer = try await gateway.request("GET", "/reports/2026-W47")
            #expect(answer.status == 200 && answer.json["week"] as? String == "2026-W47")
            #expect((answer.json["counts"] as? [String: Any])?["bounced"] as? Int == 10)
            #expect((answer.json["summary"] as? [String])?.last?.hasPrefix("Act on this now: 5.0 % bounced") == true)
            #expect(try await gateway.request("GET", "/reports/last").status == 200)
            #expect(gateway.lists.asked.ranges.last == ReportWeek.last(before: Date()).description)
            for wrong in ["2026-W54", "x", "LAST"] {
                #expect(try await gateway.request("GET", "/reports/\(wrong)").status == 404)
            }
            let refused = try await gateway.request("GET", "/reports/last", key: TestDirectory.onlyKey(.send))
            #expect(refused.status == 403)
        }
    }
}
