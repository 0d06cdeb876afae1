import Mail
import Postgres

/// The statement behind `MessageView.Waiting`: where a message's next entry lies and what its lane gets.
enum WaitingStatement {
    /// Entries before it are counted up to here.
    static let mostCounted = 100_000
    /// As many calls say how long one takes.
    private static let calls = 200

    /// One row, or none when nothing of the message waits.
    ///
    /// `granted`, `weights` and `latency` are there to give one figure, the lane's rate: what others have is not told.
    static func waiting(_ id: MessageID, tenantID: Int32) -> SQL {
        """
        SELECT entry.priority IS NOT NULL AS is_ready, deferred.reason, deferred.due_at,
               account.paused, park.workers, park.parked,
               coalesce(ahead.recipients, 0) AS ahead, coalesce(ahead.entries, 0) AS entries_ahead,
               leader.rate AS quota, grants.granted, lane.weight, rivals.weights, latency.seconds AS latency,
               limits.is_full, standing.state AS standing,
               coalesce((account.reputation ->> 'slow_rate')::float8, 1) AS slow_rate
        FROM message
        JOIN lane ON lane.id = message.lane_id
        JOIN share ON share.id = lane.share_id
        JOIN account ON account.id = share.account_id
        LEFT JOIN leader ON leader.account_id = account.id
        LEFT JOIN reputation AS standing ON standing.account_id = account.id AND standing.tenant_id = message.tenant_id
        LEFT JOIN LATERAL (
            SELECT priority, id FROM ready
            WHERE lane_id = message.lane_id AND priority = message.priority
              AND id BETWEEN \(id.uuid) AND last_of(\(id.uuid))
            ORDER BY id LIMIT 1
        ) AS entry ON true
        LEFT JOIN LATERAL (
            SELECT reason, nullif(due_at, 'infinity') AS due_at FROM deferred
            WHERE id BETWEEN \(id.uuid) AND last_of(\(id.uuid)) ORDER BY deferred.due_at LIMIT 1
        ) AS deferred ON true
        \(ahead)
        \(account)
        \(share)
        WHERE message.id = \(id.uuid) AND message.tenant_id = \(tenantID)
          AND (entry.priority IS NOT NULL OR deferred.reason IS NOT NULL)
        """
    }

    /// What each of these lanes gets, as far as they are the tenant's. One where nothing waits counts as if something did.
    static func lanes(_ lanes: [Int32], tenantID: Int32) -> SQL {
        """
        SELECT lane.id, account.paused, park.parked, leader.rate AS quota, grants.granted, lane.weight, latency.seconds AS latency,
               rivals.weights + CASE WHEN EXISTS (SELECT FROM ready WHERE ready.lane_id = lane.id) THEN 0 ELSE lane.weight END
                   AS weights,
               standing.state AS standing, coalesce((account.reputation ->> 'slow_rate')::float8, 1) AS slow_rate
        FROM lane
        JOIN share ON share.id = lane.share_id
        JOIN account ON account.id = share.account_id
        LEFT JOIN leader ON leader.account_id = account.id
        LEFT JOIN reputation AS standing ON standing.account_id = account.id AND standing.tenant_id = lane.tenant_id
        \(account)
        \(share)
        WHERE lane.id = ANY (\(lanes)) AND lane.tenant_id = \(tenantID)
        ORDER BY lane.id
        """
    }

    /// What goes before it in its lane: higher priorities too, as if the lower ones had no floor.
    private static var ahead: SQL {
        """
        LEFT JOIN LATERAL (
            SELECT sum(recipients) AS recipients, count(*) AS entries FROM (
                SELECT recipients FROM ready
                WHERE lane_id = message.lane_id AND (priority, id) < (entry.priority, entry.id)
                ORDER BY priority, id LIMIT \(Int64(mostCounted))
            ) AS before
        ) AS ahead ON true
        """
    }

    /// An account is parked when every worker of it is.
    private static var account: SQL {
        """
        CROSS JOIN LATERAL (
            SELECT count(*) AS workers,
                   CASE WHEN bool_and(parked IS NOT NULL) THEN (array_agg(parked ORDER BY parked_since DESC))[1] END
                       AS parked
            FROM worker WHERE worker.account_id = account.id
        ) AS park
        CROSS JOIN LATERAL (
            SELECT CASE WHEN account.credit_window = 'egress' THEN 0
                        ELSE coalesce(avg(answered_ns - started_ns)::float8 / 1e9, 0) END AS seconds
            FROM (
                SELECT started_ns, answered_ns FROM send_log
                WHERE send_log.account_id = account.id AND at > now() - interval '1 hour'
                ORDER BY at DESC LIMIT \(Int64(calls))
            ) AS call
        ) AS latency
        """
    }

    /// Its share's credits, the weights among which they are divided now, and whether it, or a share above it, has all that
    /// its ceiling allows.
    private static var share: SQL {
        """
        CROSS JOIN LATERAL (
            SELECT coalesce(sum(granted), 0)::bigint AS granted FROM credit_grant
            WHERE account_id = account.id AND share_id = share.id
        ) AS grants
        CROSS JOIN LATERAL (SELECT busy_weights(share.id) AS weights) AS rivals
        CROSS JOIN LATERAL (
            SELECT coalesce(bool_or(coalesce(above.ceiling, above.rate) <= (
                SELECT coalesce(sum(g.granted), 0) FROM credit_grant AS g JOIN share AS below ON below.id = g.share_id
                WHERE g.account_id = account.id
                  AND (below.path = above.path OR starts_with(below.path, above.path || '/'))
            )), false) AS is_full
            FROM share AS above
            WHERE above.account_id = account.id AND above.path <> '' AND NOT above.ceiling_parent
              AND (share.path = above.path OR starts_with(share.path, above.path || '/'))
        ) AS limits
        """
    }
}
