public import Directory
import Foundation
import Outbox
public import Postgres

/// What the database says of an account's feedback: when each source spoke last, what is missing, what was set aside.
public struct FeedbackRecord: Sendable {
    private let pool: PostgresPool
    private let missingAfter: Duration

    public init(pool: PostgresPool, missingAfter: Duration = .seconds(900)) {
        self.pool = pool
        self.missingAfter = missingAfter
    }

    public func findings(_ account: Account) async throws -> [FeedbackFinding] {
        try await twins(account) + sources(account) + gaps(account) + alarms(account) + kept(account)
    }

    /// Two accounts that read one queue take each other's events for mail of others.
    private func twins(_ account: Account) async throws -> [FeedbackFinding] {
        guard let queue = account.sqsQueueURL else { return [] }
        return try await pool.query(
            "SELECT name FROM account WHERE sqs_queue_url = \(queue) AND id <> \(account.id) ORDER BY name"
        ).decode(String.self).map { other in
            FeedbackFinding(
                .problem,
                "\(account.name) queue",
                "account \(other) reads \(queue), too, and each loses the other's events: give each its own sqs_queue_url"
            )
        }
    }

    private func sources(_ account: Account) async throws -> [FeedbackFinding] {
        let rows = try await pool.query(
            """
            SELECT source, ended_at > coalesce(confirmed_at, '-infinity') IS TRUE, received_at IS NOT NULL,
                   extract(epoch FROM now() - event_at)::bigint
            FROM feedback_source WHERE account_id = \(account.id) ORDER BY source
            """
        ).decode(String.self, Bool.self, Bool.self, Int?.self)
        let wanted = account.snsTopics + [account.sqsQueueURL].compactMap(\.self)
        let silent = wanted.filter { source in !rows.contains { $0.0 == source && $0.2 } }
        let check = "\(account.name) source"
        return rows.compactMap { source, hasEnded, hasSpoken, age in
            if hasEnded, wanted.contains(source) {
                return FeedbackFinding(
                    .problem,
                    check,
                    "the subscription of \(source) was ended: if that was not meant, subscribe again (aws sns subscribe)"
                )
            }
            if let age { return FeedbackFinding(.sound, check, "\(source): the last event is \(age) s old") }
            return hasSpoken ? FeedbackFinding(.warning, check, "\(source): no event yet was about mail of ours") : nil
        } + silent.map { FeedbackFinding(.warning, check, "nothing has ever come from \($0)") }
    }

    private func gaps(_ account: Account) async throws -> [FeedbackFinding] {
        guard account.hasFeedback else { return [] }
        let finding = try await FeedbackHealth.finding(account, missingAfter: missingAfter, in: pool)
        let text = "\(finding.gaps.missing) of the last \(finding.gaps.looked) sends have had no word from SES"
        return [
            finding.isLosing
                ? FeedbackFinding(
                    .problem,
                    "\(account.name) feedback",
                    "\(text): see event destinations, topics and subscriptions; the configuration set must be the account's"
                ) : FeedbackFinding(.sound, "\(account.name) feedback", text)
        ]
    }

    private func alarms(_ account: Account) async throws -> [FeedbackFinding] {
        try await pool.query(
            "SELECT kind, object, detail, times FROM operator_alarm WHERE account_id = \(account.id) ORDER BY kind, object"
        ).decode(String.self, String.self, String.self, Int.self).map { kind, object, detail, times in
            FeedbackFinding(.problem, "\(account.name) alarm \(kind)", "\(object), \(times) times: \(detail)")
        }
    }

    private func kept(_ account: Account) async throws -> [FeedbackFinding] {
        try await pool.query(
            """
            SELECT reason, count(*), min(detail) FROM feedback_kept WHERE account_id = \(account.id)
            GROUP BY reason ORDER BY reason
            """
        ).decode(String.self, Int.self, String.self).map { reason, count, detail in
            FeedbackFinding(
                .warning,
                "\(account.name) set aside",
                "\(count) notifications, \(reason): \(detail) (GET /admin/feedback/kept shows them)"
            )
        }
    }
}
