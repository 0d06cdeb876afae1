import Directory
import Feedback
import Foundation
import Logging
import Outbox
import Postgres
import Top
import Webhooks

/// Reads one picture after the other straight from the database. What is costly and changes slowly is read less often.
struct TopReader {
    /// Between two counts of the sends that no word of SES's followed.
    private static let gapInterval = Duration.seconds(30)

    private let pool: PostgresPool
    private let directory: DirectoryCache
    private let account: String?
    private let missingAfter: Duration
    private var isChecked = false
    private var window = OutcomeWindow()
    private var readUntil: Date?
    private var latency: [Int32: Double] = [:]
    private var lastSend: [Int32: Date] = [:]
    private var gaps: [Int32: FeedbackGaps.Count] = [:]
    private var gapsAt: ContinuousClock.Instant?

    /// - Parameter account: the only one that is shown; nil: all.
    init(pool: PostgresPool, account: String?, missingAfter: Duration, logger: Logger) {
        self.pool = pool
        self.account = account
        self.missingAfter = missingAfter
        directory = DirectoryCache(pool: pool, logger: logger)
    }

    mutating func read() async throws -> TopPicture {
        if !isChecked {
            try await DatabaseAccess.requireSchema(pool)
            isChecked = true
        }
        try await directory.refresh()
        guard let directory = directory.current else { throw CommandFailure("the directory could not be read") }
        let accounts = try directory.accounts(named: account)
        let news = try await news()
        var picture = TopPicture(at: news.now)
        let shown = Set(accounts.map(\.id))
        let backlog = try await LaneBacklog.all(pool)
            .compactMap { depth in directory.lanes[depth.laneID].map { ($0, depth) } }
            .filter { shown.contains($0.0.accountID) }
        try await readGaps(accounts)
        let feedback = try await FeedbackReader(pool: pool).figures()
        for account in accounts {
            let figures = try await ClusterReader(pool: pool).figures(of: account, countsBacklog: false)
            let own = backlog.filter { $0.0.accountID == account.id }
            picture.accounts.append(
                TopPicture.Account(account, figures, own, self.feedback(account, feedback))
            )
            picture.lanes += TopPicture.Lane.all(own, of: account, figures, latency: latency[account.id] ?? 0)
        }
        picture.nodes = try await ClusterReader(pool: pool).nodes().map(TopPicture.Node.init)
        picture.webhooks = try await FailingEndpoint.all(pool).map(TopPicture.Webhook.init)
        picture.outcomes = window.outcomes
        return picture
    }

    private mutating func news() async throws -> OutcomeReader.News {
        let news = try await OutcomeReader(pool: pool).news(since: readUntil)
        readUntil = news.until
        for sends in news.sends {
            latency[sends.accountID] = sends.latency ?? latency[sends.accountID]
            lastSend[sends.accountID] = sends.lastSentAt ?? lastSend[sends.accountID]
        }
        window.add(
            news.sends.map {
                OutcomeWindow.Second(at: $0.second, sent: $0.sent, notSent: $0.notSent, unknown: $0.unknown)
            },
            totals: OutcomeWindow.Totals(
                at: news.now,
                throttled: news.throttled,
                delivered: news.delivered,
                bounced: news.bounced,
                complained: news.complained
            )
        )
        return news
    }

    private mutating func readGaps(_ accounts: [Account]) async throws {
        if let gapsAt, gapsAt + Self.gapInterval > .now { return }
        for account in accounts where account.hasFeedback {
            gaps[account.id] = try await FeedbackGaps(pool: pool).count(accountID: account.id, olderThan: missingAfter)
        }
        gapsAt = .now
    }

    private func feedback(_ account: Account, _ all: [FeedbackFigures]) -> TopPicture.Feedback {
        var feedback = TopPicture.Feedback()
        feedback.isConfigured = account.hasFeedback
        feedback.lastSendAt = lastSend[account.id]
        feedback.lastEventAt = all.first { $0.account == account.name }?.sources.compactMap(\.eventAt).max()
        feedback.looked = gaps[account.id]?.looked ?? 0
        feedback.missing = gaps[account.id]?.missing ?? 0
        return feedback
    }
}
