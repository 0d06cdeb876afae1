import Dashboard
import Directory
import FoundationEssentials
import Hummingbird
import Reputation

/// `/dashboard/reputation` and `/dashboard/feedback` of the operator.
struct HealthPageRoutes: Sendable {
    private static let mostKept = 50

    let services: AdminServices
    let readings: OperatorReadings

    func add(to pages: RouterGroup<PageContext>) {
        pages.get("reputation") { _, context in
            context.operatorPage(ReputationPage(standings: try await services.standings.all(), now: Date()).page)
        }
        pages.get("feedback") { _, context in
            let page = FeedbackPage(
                figures: try await services.feedback.figures(),
                kept: try await services.feedback.kept(account: nil, limit: Self.mostKept, after: nil, before: nil),
                alarms: try await services.feedback.alarms(),
                gaps: try await readings.gaps(),
                now: Date()
            )
            return context.operatorPage(page.page)
        }
    }
}
