import Directory
import Foundation
import Mail
import Testing

@testable import Dashboard
@testable import Outbox

/// A tenant's pages: what strangers wrote in them is text, and nothing yet is said to be nothing.
@Suite("A tenant's pages")
struct TenantPageTests {
    private static let evil = "\"><script>alert(1)</script>"
    private static let now = Date(timeIntervalSince1970: 1_763_800_000)

    private func expectHarmless(_ page: DashboardPage, sourceLocation: SourceLocation = #_sourceLocation) {
        let frame = TenantFrame.frame(tenant: Self.evil, isTest: false, csrfToken: "t")
        let text = frame.page(page).text
        let scripts = text.ranges(of: "<script").count
        #expect(scripts == text.ranges(of: "<script src=\"/dashboard/assets/").count, sourceLocation: sourceLocation)
        #expect(!text.contains("\"><script>"), sourceLocation: sourceLocation)
        #expect(!text.contains(" style="), "the policy forbids inline styles", sourceLocation: sourceLocation)
        #expect(!text.contains(" onclick="), sourceLocation: sourceLocation)
        // Every control has a name for those who do not see it.
        for match in text.matches(of: #/<(?:input|select|textarea)\b(?<rest>[^>]*)>/#) {
            let rest = String(match.output.rest)
            if rest.contains("type=\"hidden\"") || rest.contains("type=\"checkbox\"") { continue }
            let id = rest.firstMatch(of: #/ id="(?<id>[^"]+)"/#).map { String($0.output.id) } ?? ""
            #expect(text.contains("<label for=\"\(id)\">"), "\(rest)", sourceLocation: sourceLocation)
        }
    }

    @Test("Lists say that there is nothing yet")
    func nothing() {
        let pages: [(DashboardPage, String)] = [
            (TenantMessagesPage(messages: [], filters: [:], now: Self.now).page, "No mail yet."),
            (TenantMessagesPage(messages: [], filters: ["to": Self.evil], now: Self.now).page, "passes the filters"),
            (TenantRecipientsPage(recipients: [], filters: [:], now: Self.now).page, "Nobody here"),
            (TenantEventsPage(entries: []).page, "Nothing has happened yet."),
            (TenantWebhooksPage(endpoints: [], hasMore: false, now: Self.now).page, "There is none yet."),
            (TenantSuppressionsPage(suppressions: [], filters: [:], now: Self.now).page, "Nobody is suppressed"),
            (TenantTemplatesPage(templates: [], canChange: true, now: Self.now).page, "There is none yet."),
            (
                TenantDomainsPage(senders: [], hasMore: false, canVerify: true, now: Self.now).page,
                "No sender is allowed"
            ),
            (
                TenantUsagePage(usage: Usage(days: [], countedUntil: Self.now), first: "2025-11-01", last: "2025-11-22")
                    .page, "Nothing was used"
            ),
            (ReportsPage(reports: [], settings: Self.evil, path: "/dashboard/reports").page, "mailed on Monday"),
            (MissingScopePage(title: Self.evil, scope: .content, section: "x").page, "content"),
        ]
        for (page, words) in pages {
            #expect(page.body.text.contains(words), "\(page.title)")
            expectHarmless(page)
        }
    }

    @Test("A message's story is in the order of time, with what SES said as text")
    func story() throws {
        let id = try #require(MessageID("018f0000-0000-7abc-8000-000010000000"))
        let events = [
            MessageEvent(
                id: "2",
                type: .bounced,
                recipient: Self.evil,
                status: .bounced,
                at: Self.now.addingTimeInterval(65),
                data: #"{"reason": "smtp; 550 <script>x</script>", "bounce": {"type": "Permanent"}}"#
            ),
            MessageEvent(id: "1", type: .queued, recipient: Self.evil, status: .queued, at: Self.now, data: nil),
        ]
        var view = MessageView(
            id: id,
            region: "AT",
            stream: "transactional",
            laneID: 1,
            from: Self.evil,
            subject: Self.evil,
            tags: #"{"a": "<script>"}"#,
            metadata: nil,
            createdAt: Self.now,
            scheduledAt: nil,
            expiresAt: nil,
            recipients: [],
            waiting: .init(
                blocker: .dailyQuota,
                detail: Self.evil,
                position: 1200,
                rate: 2.5,
                eta: Self.now.addingTimeInterval(90)
            )
        )
        view.isTest = true
        func page(cancel: Bool, content: Bool) -> DashboardPage {
            TenantMessagePage(
                message: view,
                events: events,
                lane: Self.evil,
                canCancel: cancel,
                canReadContent: content,
                now: Self.now
            ).page
        }
        let text = page(cancel: true, content: true).body.text
        let accepted = try #require(text.firstRange(of: "Accepted and queued"))
        let bounced = try #require(text.firstRange(of: "Bounced"))
        #expect(accepted.lowerBound < bounced.lowerBound)
        #expect(text.contains("+1 min") && text.contains("smtp; 550 &lt;script&gt;x"))
        #expect(text.contains("24 hours is used up") && text.contains("place 1,200 in its lane"))
        #expect(text.contains("POST /messages/\(id)/cancel") && text.contains("/content\""))
        let less = page(cancel: false, content: false).body.text
        #expect(!less.contains("/cancel") && !less.contains("/content\""))
        expectHarmless(page(cancel: true, content: true))
    }

    @Test("Reports, templates and what mail says run nothing of what was written in them")
    func written() throws {
        let week = try #require(ReportWeek("2026-W47"))
        let report = WeeklyReport(
            week: week,
            days: (0..<7).map { .init(accepted: 100 * $0, sent: 100 * $0, delivered: 90 * $0, bounced: 10 * $0) },
            earlier: [.init(sent: 10), .init(), .init(), .init()],
            troubles: [
                .init(
                    status: .bounced,
                    count: 5,
                    reasons: [.init(name: Self.evil, count: 5)],
                    domains: [.init(name: Self.evil, count: 5)]
                )
            ],
            countedUntil: week.end
        )
        let sheet = ReportPage(
            report,
            tenant: Self.evil,
            section: "/dashboard/reports",
            path: "/dashboard/reports",
            last: week
        ).page
        #expect(
            sheet.body.text.contains(
                "role=\"img\" aria-label=\"Sent by day: from Mon 16 to Sun 22, most on Sun 22 with 600\""
            )
        )
        #expect(
            sheet.body.text.contains("/dashboard/reports/2026-W46")
                && sheet.body.text.contains("/dashboard/reports/2026-W48")
        )
        expectHarmless(sheet)
        let old = ReportPage(report, tenant: "t", section: "s", path: "/p", last: week.moved(-1)).page
        #expect(!old.body.text.contains("2026-W48"), "no week behind the one that is under way")

        let stored = StoredTemplate(
            name: "welcome",
            version: 2,
            source: TemplateSource(subject: Self.evil, text: Self.evil, html: Self.evil),
            createdAt: Self.now,
            updatedAt: Self.now
        )
        let page = TenantTemplatePage(
            template: stored,
            versions: [],
            canChange: true,
            csrfToken: Self.evil,
            now: Self.now
        ).page
        #expect(
            page.body.text.contains(
                "<iframe class=\"mail\" name=\"preview\" title=\"The filled template\" sandbox src="
            )
        )
        expectHarmless(page)
        let id = try #require(MessageID("018f0000-0000-7abc-8000-000010000000"))
        let content = TenantContentPage(
            id: id,
            content: .init(
                kind: "simple",
                from: Self.evil,
                subject: Self.evil,
                text: Self.evil,
                hasHTML: true,
                headers: [HeaderField(name: "X", value: Self.evil)],
                source: nil
            )
        ).page
        #expect(content.body.text.contains("sandbox src=\"/dashboard/messages/\(id)/content/html\""))
        expectHarmless(content)
        expectHarmless(TenantContentPage(id: id, content: nil, problem: Self.evil).page)
    }

    @Test("Keys show what they may do and never themselves, and give out no scope that they lack")
    func keys() {
        let key = KeyInfo(
            id: UUID(),
            name: Self.evil,
            hint: "sk_live_9fJ2",
            grant: KeyGrant(scopes: [.send], domains: [Self.evil], allowedIPs: ["192.0.2.0/24"], expiresAt: Self.now),
            tenant: "apa",
            createdAt: Self.now
        )
        let page = TenantKeysPage(
            keys: [key],
            hasMore: false,
            own: key.id.uuidString.lowercased(),
            grant: KeyGrant(scopes: [.keys, .send]),
            now: Self.now
        ).page
        let text = page.body.text
        #expect(text.contains("only as") && text.contains("from 192.0.2.0/24") && text.contains("expired"))
        #expect(text.contains("data-scope=\"send\" checked") && !text.contains("data-scope=\"content\""))
        #expect(text.contains("You are signed out at once."))
        expectHarmless(page)
    }
}
