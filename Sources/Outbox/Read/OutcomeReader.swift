public import Foundation
public import Postgres

/// Counts what became of sends lately, for pictures that are made again and again: each look reads what is new since the last.
public struct OutcomeReader: Sendable {
    /// Outcomes are numbered by the time of their answer but stored a moment later, so the last moment is left for the next look.
    private static let settling = Duration.seconds(1)

    /// What is new, up to `until` by the database's clock.
    public struct News: Sendable {
        /// Those of one second.
        public struct Sends: Sendable {
            public let accountID: Int32
            public let second: Date
            /// Recipients.
            public let sent: Int
            public let notSent: Int
            public let unknown: Int
            /// The latest that SES took.
            public let lastSentAt: Date?
            /// The time of a call, on average, in seconds.
            public let latency: Double?
        }

        public let now: Date
        public let until: Date
        public let sends: [Sends]
        /// Calls that SES refused for the rate, in the lives that there are; a node that ends takes its own along.
        public let throttled: Int
        /// Recipients of today and yesterday, over all tenants.
        public let delivered: Int
        public let bounced: Int
        public let complained: Int
    }

    private let pool: PostgresPool

    public init(pool: PostgresPool) {
        self.pool = pool
    }

    /// - Parameter since: the last look's `until`; nil: a minute ago.
    public func news(since: Date?) async throws -> News {
        let clock = try await pool.query(
            "SELECT clock_timestamp(), clock_timestamp() - \(Self.settling), clock_timestamp() - interval '60 seconds'"
        ).decode(Date.self, Date.self, Date.self)
        let (now, until, minuteAgo) = clock.first ?? (Date(), Date(), Date())
        let answers = try await pool.pipeline([
            Self.sends(after: max(since ?? minuteAgo, minuteAgo), until: until),
            "SELECT coalesce(sum(throttled), 0)::bigint FROM worker",
            """
            SELECT coalesce(sum(delivered), 0)::bigint, coalesce(sum(bounced), 0)::bigint, coalesce(sum(complained), 0)::bigint
            FROM tenant CROSS JOIN LATERAL (
                SELECT delivered, bounced, complained FROM usage_day
                WHERE usage_day.tenant_id = tenant.id AND day >= (now() AT TIME ZONE 'UTC')::date - 1
            ) AS lately
            """,
        ])
        let sends = try answers[0].map { row in
            News.Sends(
                accountID: try row[0, as: Int32.self],
                second: try row[1, as: Date.self],
                sent: try row[2, as: Int.self],
                notSent: try row[3, as: Int.self],
                unknown: try row[4, as: Int.self],
                lastSentAt: try row[5, as: Date?.self],
                latency: try row[6, as: Double?.self]
            )
        }
        let (delivered, bounced, complained) = try answers[2].decode(Int.self, Int.self, Int.self).first ?? (0, 0, 0)
        return News(
            now: now,
            until: until,
            sends: sends,
            throttled: try answers[1].decode(Int.self).first ?? 0,
            delivered: delivered,
            bounced: bounced,
            complained: complained
        )
    }

    private static func sends(after: Date, until: Date) -> SQL {
        """
        SELECT account.id, new.second, new.sent, new.not_sent, new.unknown, new.last, new.latency
        FROM account CROSS JOIN LATERAL (
            SELECT date_trunc('second', at) AS second,
                   coalesce(sum(recipients) FILTER (WHERE outcome = 'sent'), 0)::bigint AS sent,
                   coalesce(sum(recipients) FILTER (WHERE outcome = 'not_sent'), 0)::bigint AS not_sent,
                   coalesce(sum(recipients) FILTER (WHERE outcome = 'unknown'), 0)::bigint AS unknown,
                   max(at) FILTER (WHERE outcome = 'sent') AS last,
                   CASE WHEN account.credit_window = 'egress' THEN 0 ELSE avg(answered_ns - started_ns)::float8 / 1e9 END
                       AS latency
            FROM send_log
            WHERE send_log.account_id = account.id AND send_log.at > \(after) AND send_log.at <= \(until)
            GROUP BY date_trunc('second', at)
        ) AS new
        ORDER BY account.id, new.second
        """
    }
}
