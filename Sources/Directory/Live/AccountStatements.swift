import Postgres

/// The statements behind `AccountFigures`.
enum AccountStatements {
    /// A leader whose lease is gone leads no more; the quota that it left in force still holds.
    static func head(_ account: Int32) -> SQL {
        """
        SELECT leader.rate, leader.epoch, lease.node AS leader, park.parked, park.detail, state.sandbox,
               state.sending_enabled, state.quota_daily::bigint AS daily,
               greatest(state.sent_24h::bigint, daily.used, 0) AS used
        FROM account
        LEFT JOIN account_state AS state ON state.account_id = account.id
        CROSS JOIN LATERAL (
            SELECT sum(recipients)::bigint AS used FROM daily_use
            WHERE daily_use.account_id = account.id AND minute > now() - interval '1442 minutes'
        ) AS daily
        LEFT JOIN leader ON leader.account_id = account.id
        LEFT JOIN lease ON lease.node = leader.node AND lease.epoch = leader.node_epoch AND lease.state = 'live'
        CROSS JOIN LATERAL (
            SELECT CASE WHEN bool_and(parked IS NOT NULL) THEN (array_agg(parked ORDER BY parked_since DESC))[1] END
                       AS parked,
                   CASE WHEN bool_and(parked IS NOT NULL) THEN (array_agg(parked_detail ORDER BY parked_since DESC))[1]
                   END AS detail
            FROM worker WHERE worker.account_id = account.id
        ) AS park
        WHERE account.id = \(account)
        """
    }

    static func grants(_ account: Int32) -> SQL {
        """
        SELECT share_id, sum(granted)::bigint, sum(held)::bigint, sum(wanted)::bigint
        FROM credit_grant WHERE account_id = \(account) GROUP BY share_id
        """
    }

    static func loans(_ account: Int32) -> SQL {
        "SELECT lender, borrower, credits FROM loan WHERE account_id = \(account) AND to_at IS NULL"
    }

    /// By the time of the answer; `now()`, because it lets all partitions but the last be left out.
    static func used(_ account: Int32) -> SQL {
        """
        SELECT share_id, sum(recipients)::float8 / 5 FROM send_log
        WHERE account_id = \(account) AND at > now() - interval '5 seconds' GROUP BY share_id
        """
    }

    /// The lanes with rows by a loose scan, and of each a bounded number of rows. An entry's age is in its id.
    static func backlog(_ account: Int32) -> SQL {
        """
        WITH RECURSIVE busy AS (
            (SELECT lane_id FROM ready ORDER BY lane_id LIMIT 1)
            UNION ALL
            SELECT (SELECT ready.lane_id FROM ready WHERE ready.lane_id > busy.lane_id ORDER BY ready.lane_id LIMIT 1)
            FROM busy WHERE busy.lane_id IS NOT NULL
        )
        SELECT lane.share_id, sum(depth.recipients)::bigint, min(depth.oldest)
        FROM busy
        JOIN lane ON lane.id = busy.lane_id
        JOIN share ON share.id = lane.share_id AND share.account_id = \(account)
        CROSS JOIN LATERAL (
            SELECT (SELECT sum(recipients) FROM (
                        SELECT recipients FROM ready WHERE ready.lane_id = lane.id ORDER BY priority, id LIMIT 100000
                    ) AS entry) AS recipients,
                   (SELECT min(time_of_id) FROM generate_series(0, 2) AS p (priority) CROSS JOIN LATERAL (
                        SELECT to_timestamp(('x' || left(replace(ready.id::text, '-', ''), 12))::bit(48)::bigint / 1000.0)
                            AS time_of_id
                        FROM ready WHERE ready.lane_id = lane.id AND ready.priority = p.priority
                        ORDER BY ready.id LIMIT 1
                    ) AS first) AS oldest
        ) AS depth
        GROUP BY lane.share_id
        """
    }
}
