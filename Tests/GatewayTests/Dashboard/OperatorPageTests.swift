import Directory
import Foundation
import Synchronization
import Testing

@testable import Dashboard
@testable import Gateway
@testable import Outbox

/// What the operator's pages show of what they read.
@Suite(.timeLimit(.minutes(5))) struct OperatorPageTests {
    private static func page(_ node: TestOperator, _ path: String) async throws -> String {
        let (token, _) = try await node.sessions.begin(key: TestDirectory.adminKey)
        let answer = try await node.dashboard("GET", path, ["Cookie": "sluice_admin=\(token)", "Accept": "text/html"])
        #expect(answer.status == 200, "\(answer.body.prefix(300))")
        return answer.body
    }

    @Test func theOverviewNamesAllThatSomebodyShouldLookAt() async throws {
        try await TestOperator.run { node in
            let page = try await Self.page(node, "/dashboard")
            #expect(page.contains("held for 90 s"), "what is wrong with the storage")
            #expect(page.contains("1 webhook</a> failing or disabled"))
            #expect(page.contains("SES says nothing of 60 of the last 1,000 sends"))
            #expect(!page.contains("All is well"))
        }
    }

    @Test func theFeedbackPageSaysHowManySendsHaveHadNoWord() {
        func page(_ gaps: [String: FeedbackGaps.Count]) -> String {
            let figures = [FeedbackFigures(account: "main", sources: [], kept: [:])]
            return FeedbackPage(figures: figures, kept: [], alarms: [], gaps: gaps, now: Date()).page.body.text
        }
        #expect(
            page(["main": .init(looked: 1_000, missing: 60)]).contains("60 of 1,000 <span class=\"badge warn\">missing")
        )
        #expect(!page(["main": .init(looked: 1_000, missing: 50)]).contains("missing"))
    }

    @Test func whatWaitsIsCountedOnceForAllPagesAndNotForEver() async throws {
        try await TestOperator.run { node in
            node.administration.set { state in
                state.depths = [
                    QueueDepth(laneID: 10, ready: 100_000, deferred: 2, oldestAt: nil),
                    QueueDepth(laneID: 99, ready: 0, deferred: 1, oldestAt: nil),
                ]
                state.backlogTakes = .milliseconds(100)
            }
            let queue = try await Self.page(node, "/dashboard/queue")
            #expect(queue.contains("main/AT/apa/transactional") && queue.contains("100,000+"))
            #expect(queue.contains("of a removed account"))
            for path in ["/dashboard", "/dashboard/queue", "/dashboard/accounts/main"] {
                _ = try await Self.page(node, path)
            }
            // It rests for two seconds: on a slow machine some pages may be made later.
            #expect(node.administration.state.withLock { $0.backlogReads } < 4)
            #expect(node.administration.state.withLock { $0.countedFigures } == 0, "no account counts it again")
        }
    }

    @Test func theChartGoesByTheClockOfItsSeconds() async throws {
        try await TestOperator.run { node in
            let pulse = AccountPulse(
                account: "main",
                services: node.services,
                reader: TestLive(ahead: 86_400),
                readings: OperatorReadings(services: node.services)
            )
            for _ in 0..<2 {
                let view = try await pulse.view()
                #expect(abs(view.now.timeIntervalSinceNow - 86_400) < 60)
                #expect(view.line.count == AccountView.window && view.line.allSatisfy { $0?.total.used == 5 })
            }
        }
    }
}
