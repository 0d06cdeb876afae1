import Dashboard
import Directory
import Foundation
import Mail
import Outbox
import Reputation
import Testing
import Webhooks

/// Whatever a tenant, SES or a receiver has written is shown as text and as nothing else; and a page without data says so.
struct OperatorPagesTests {
    private static let attack = "<script>alert('1')</script>\" onmouseover=\"x"
    private static let now = Date(timeIntervalSince1970: 1_790_000_000)

    private static func messages(_ text: String, count: Int = 1, held: Int = 0) -> MessagesPage {
        var query = MessagesPage.Query()
        query.tenant = text
        query.domain = text
        query.reason = text
        let recipients = (1...max(1, count)).prefix(count).compactMap { number -> TroubledRecipient? in
            guard let id = OutboxID("018f0000-0000-7000-8000-00000000000\(number)") else { return nil }
            return TroubledRecipient(
                id: id,
                tenantID: 1,
                email: text,
                status: number <= held ? .unknown : .failed,
                attempts: 2,
                reason: text,
                region: text,
                stream: text,
                createdAt: now,
                updatedAt: now,
                isHeld: number <= held
            )
        }
        return MessagesPage(
            query: query,
            recipients: recipients,
            tenants: [1: text],
            older: text,
            newer: text,
            now: now
        )
    }

    private static func pages(_ text: String) -> [DashboardPage] {
        let delivery = WebhookDelivery(
            id: UUID(),
            eventID: UUID(),
            type: text,
            messageID: text,
            isReplay: false,
            status: .failed,
            nextAttemptAt: nil,
            attempts: "[]"
        )
        let endpoint = WebhookTrouble.Endpoint(
            id: UUID(),
            tenantID: 1,
            tenant: text,
            host: text,
            status: "disabled",
            disabledReason: text,
            disabledAt: now,
            failingSince: now,
            failures: 1,
            queued: 1
        )
        return [
            messages(text).page,
            WebhooksPage(
                endpoints: [endpoint],
                failures: [.init(endpoint: UUID(), tenant: text, host: text, delivery: delivery)],
                tenant: text,
                tenants: [text],
                older: nil,
                newer: nil,
                now: now
            ).page,
            ReputationPage(
                standings: [
                    Standing(account: text, tenant: nil, state: .warned, reason: text),
                    Standing(account: text, tenant: text, state: .paused, reason: text),
                ],
                now: now
            ).page,
            FeedbackPage(
                figures: [
                    FeedbackFigures(
                        account: text,
                        sources: [
                            .init(
                                source: text,
                                confirmedAt: now,
                                endedAt: nil,
                                receivedAt: now,
                                eventAt: now,
                                events: 1
                            )
                        ],
                        kept: [text: 1]
                    )
                ],
                kept: [
                    KeptFeedback(
                        id: 1,
                        at: now,
                        account: text,
                        source: text,
                        reason: text,
                        detail: text,
                        body: "SECRET BODY"
                    )
                ],
                alarms: [
                    OperatorAlarm(
                        account: text,
                        kind: text,
                        object: text,
                        detail: text,
                        times: 1,
                        firstAt: now,
                        lastAt: now
                    )
                ],
                now: now
            ).page,
            NodesPage(
                nodes: [
                    NodeFigures(
                        name: text,
                        epoch: 1,
                        roles: [text],
                        startedAt: now,
                        work: [
                            .init(
                                account: text,
                                isLeader: false,
                                isDraining: false,
                                parked: text,
                                granted: 1,
                                shares: [text]
                            )
                        ]
                    )
                ],
                now: now
            ).page,
            QueuePage(
                lines: [.init(lane: text, isRetired: false, ready: 1, deferred: 0, oldestAt: now, eta: 5)],
                sums: .init(lanes: 1, ready: 1, deferred: 0, oldestAt: now),
                search: text,
                order: .depth,
                part: 1,
                parts: 3,
                now: now
            ).page,
            AuditPage(entries: [], query: [("actor", text)], older: text, newer: nil).page,
        ]
    }

    @Test func nothingThatSomebodyWroteBecomesMarkup() {
        for page in Self.pages(Self.attack) {
            let text = page.body.text
            #expect(!text.contains("<script") && !text.contains("\" onmouseover"), "\(page.title)")
            #expect(text.contains("&lt;script&gt;") || page.title == "Audit", "\(page.title) shows it")
        }
    }

    @Test func whatCameInAndMayHoldMailIsNotShown() {
        for page in Self.pages("x") { #expect(!page.body.text.contains("SECRET BODY")) }
    }

    @Test func pagesWithoutDataSaySo() {
        let pages = [
            Self.messages("x", count: 0).page,
            WebhooksPage(endpoints: [], failures: [], tenant: nil, tenants: [], older: nil, newer: nil, now: Self.now)
                .page,
            ReputationPage(standings: [], now: Self.now).page,
            FeedbackPage(figures: [], kept: [], alarms: [], now: Self.now).page,
            NodesPage(nodes: [], now: Self.now).page,
            QueuePage(
                lines: [],
                sums: .init(lanes: 0, ready: 0, deferred: 0, oldestAt: nil),
                search: nil,
                order: .depth,
                part: 1,
                parts: 1,
                now: Self.now
            ).page,
            AuditPage(entries: [], query: [], older: nil, newer: nil).page,
            OverviewPage(
                accounts: [],
                more: 0,
                nodes: [],
                alarms: [],
                findings: [],
                standings: [],
                now: Self.now
            ).page,
        ]
        for page in pages {
            #expect(page.body.text.contains("class=\"empty\"") || page.body.text.contains(" empty\""), "\(page.title)")
        }
    }

    @Test func everyControlIsNamed() {
        for page in Self.pages("x") + [Self.messages("x", count: 3).page] {
            let text = page.body.text
            for match in text.matches(of: #/<(?:input|select)[^>]*id="([^"]+)"/#) {
                #expect(text.contains("<label for=\"\(match.output.1)\""), "\(page.title): \(match.output.1)")
            }
            #expect(text.matches(of: #/<table/#).count == text.matches(of: #/<caption/#).count)
            let ids = text.matches(of: #/\sid="([^"]+)"/#).map { String($0.output.1) }
            #expect(Set(ids).count == ids.count, "\(page.title): an id stands once")
        }
    }

    @Test func whatFailedCanBeSentAgainInOneStep() {
        let one = Self.messages("a@b.example").page.body.text
        #expect(one.contains("data-api=\"POST /admin/recipients/again\"") && !one.contains("Send all"))
        let many = Self.messages("a@b.example", count: 3).page.body.text
        #expect(many.contains("Send all on this page again"))
        #expect(many.contains("value=\"018f0000-0000-7000-8000-000000000001 018f0000-0000-7000-8000-000000000002 "))
    }

    @Test func whoSendsManyAgainIsWarnedOfThoseThatMayComeTwice() {
        let failed = Self.messages("a@b.example", count: 3).page.body.text
        #expect(failed.contains("data-confirm=\"Send all 3 on this page again?\""))
        let held = Self.messages("a@b.example", count: 3, held: 2).page.body.text
        #expect(
            held.contains(
                "Send all 3 on this page again? The outcome of 2 of them is unknown: their recipients may get it"
            )
        )
    }
}
