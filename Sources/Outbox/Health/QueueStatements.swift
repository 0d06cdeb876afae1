import Postgres

/// What is stuck in our own tables, each as (object, detail). Lanes are probed one by one, entries counted up to a bound.
struct QueueStatements {
    let limits: StorageCheck.Limits

    /// A lane in words, for `lane`, `share`, `account` and `tenant`.
    private static let lane: SQL = """
        concat_ws('/', account.name, nullif(share.path, ''), coalesce(tenant.name, lane.tenant_id::text), lane.stream)
        """
    private static let lanes: SQL = """
        lane JOIN share ON share.id = lane.share_id JOIN account ON account.id = share.account_id
        LEFT JOIN tenant ON tenant.id = lane.tenant_id
        """

    var claims: SQL {
        """
        SELECT 'node ' || claim.node,
               count(*) || ' claims of ' || claim.node || ' are open since ' || min(claim.claimed_at)::timestamptz(0)
               || CASE WHEN bool_and(lease.state = 'live') THEN ', and it lives: look at its log'
                       ELSE ', and it is gone: a node with the role dispatch recovers them' END
        FROM claim LEFT JOIN lease ON lease.node = claim.node AND lease.epoch = claim.epoch
        WHERE claim.claimed_at < now() - \(limits.claim)
        GROUP BY claim.node, claim.epoch ORDER BY min(claim.claimed_at) LIMIT 10
        """
    }

    var held: SQL {
        """
        SELECT \(Self.lane),
               CASE WHEN held.entries = 1000 THEN 'at least ' ELSE '' END || held.entries || ' entries of ' || \(Self.lane)
               || ' have an unknown outcome and the policy `hold`: cancel them, or set unknown_policy to resend or fail'
        FROM \(Self.lanes) CROSS JOIN LATERAL (
            SELECT count(*) AS entries FROM (
                SELECT FROM deferred WHERE lane_id = lane.id AND due_at = 'infinity' LIMIT 1000
            ) AS entry
        ) AS held
        WHERE held.entries > 0 ORDER BY held.entries DESC LIMIT 10
        """
    }

    var overdue: SQL {
        """
        SELECT \(Self.lane),
               CASE WHEN due.entries = 1000 THEN 'at least ' ELSE '' END || due.entries || ' entries of ' || \(Self.lane)
               || ' are due for more than ' || extract(epoch FROM \(limits.overdue)::interval)::bigint
               || ' s and not promoted: is there a node with the role dispatch, and does the database keep up?'
        FROM \(Self.lanes) CROSS JOIN LATERAL (
            SELECT count(*) AS entries FROM (
                SELECT FROM deferred WHERE lane_id = lane.id AND due_at < now() - \(limits.overdue) LIMIT 1000
            ) AS entry
        ) AS due
        WHERE due.entries > 0 ORDER BY due.entries DESC LIMIT 10
        """
    }

    /// An entry's age is in its id. That of what has just been promoted is too high: ``StorageCheck`` looks twice. Only queues that
    /// nobody serves are read from their starts.
    var unserved: SQL {
        """
        WITH unserved AS MATERIALIZED (
            SELECT lane.id, \(Self.lane) AS words
            FROM \(Self.lanes)
            WHERE NOT account.paused
              AND NOT EXISTS (SELECT FROM credit_grant AS g
                              WHERE g.account_id = account.id AND g.share_id = share.id AND g.held > 0)
        )
        SELECT words, 'mail of ' || words || ' waits, and no node has a credit of its share: is there a node with the role '
                      || 'dispatch, and what does `sluice shares` say?'
        FROM unserved
        WHERE EXISTS (
              SELECT FROM (VALUES (0::smallint), (1::smallint), (2::smallint)) AS p (priority) CROSS JOIN LATERAL (
                  SELECT id FROM ready WHERE lane_id = unserved.id AND ready.priority = p.priority ORDER BY id LIMIT 1
              ) AS head
              WHERE head.id < rpad(lpad(to_hex((extract(epoch FROM now() - \(limits.unserved)) * 1000)::bigint), 12, '0'), 32,
                                   '0')::uuid)
        ORDER BY unserved.id LIMIT 100
        """
    }

    var partitions: SQL {
        """
        SELECT parent, parent || ' has no partition for ' || day::date || ': is the disk full, or does something lock the table?'
        FROM day_partitioned CROSS JOIN generate_series(
            (now() AT TIME ZONE 'UTC')::date, (now() AT TIME ZONE 'UTC')::date + \(limits.days), interval '1 day') AS day
        WHERE to_regclass(parent || to_char(day, '_YYYYMMDD')) IS NULL
        ORDER BY day, parent LIMIT 10
        """
    }

    var feed: SQL {
        """
        SELECT 'event_batch', 'more than ' || count(*) - 1 || ' batches of events have no place in the feed yet: webhooks and '
               || 'GET /events are late. Does a node run, and is the database slow?'
        FROM (SELECT FROM event_batch LIMIT \(limits.batches + 1)) AS batch
        HAVING count(*) > \(limits.batches)
        """
    }

    var bloat: SQL {
        """
        SELECT relname::text,
               relname || ' has ' || n_dead_tup || ' dead rows; vacuumed last '
               || coalesce(greatest(last_autovacuum, last_vacuum)::timestamptz(0)::text, 'never')
               || ': see what holds the horizon, and that autovacuum runs'
        FROM pg_stat_user_tables
        WHERE n_dead_tup > \(limits.deadRows) AND n_dead_tup > n_live_tup AND schemaname = current_schema()
        ORDER BY n_dead_tup DESC LIMIT 10
        """
    }
}
