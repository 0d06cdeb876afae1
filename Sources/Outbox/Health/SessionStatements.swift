import Postgres

/// What sessions and slots hold up, each as (object, detail). A statement's text is never read: it may hold anything.
struct SessionStatements {
    let limits: StorageCheck.Limits

    private static let session: SQL = """
        'session ' || pid || coalesce(' (' || nullif(application_name, '') || ')', '')
        """

    /// Sessions whose snapshot is old: nothing that died since is removed, and the queues' indexes fill with it.
    var horizon: SQL {
        """
        SELECT \(Self.session),
               \(Self.session) || ' of ' || coalesce(usename, backend_type) || ' has held a snapshot for '
               || coalesce(\(Self.age("xact_start")), 'an unknown time') || ', state ' || coalesce(state, 'unknown')
               || ': rows that died since cannot be removed, and claims get slower. End it with SELECT pg_terminate_backend('
               || pid || ')' || CASE WHEN xact_start IS NULL THEN '; for more about it, grant pg_monitor to the gateway' ELSE '' END
        FROM pg_stat_activity
        WHERE backend_xmin IS NOT NULL AND pid <> pg_backend_pid() AND backend_type <> 'autovacuum worker'
          AND (datname = current_database() OR datname IS NULL)
          AND (xact_start < clock_timestamp() - \(limits.horizon) OR xact_start IS NULL AND age(backend_xmin) > 100000)
        ORDER BY age(backend_xmin) DESC LIMIT 10
        """
    }

    /// Replication slots do the same, and need no session for it.
    var slots: SQL {
        """
        SELECT 'slot ' || slot_name,
               'replication slot ' || slot_name || CASE WHEN active THEN ' (active)' ELSE ' (nobody uses it)' END
               || ' keeps rows that died ' || greatest(age(xmin), age(catalog_xmin)) || ' transactions ago. '
               || CASE WHEN active THEN 'See what its consumer waits for, or hot_standby_feedback of its standby'
                       ELSE 'Drop it with SELECT pg_drop_replication_slot(' || quote_literal(slot_name) || ')' END
        FROM pg_replication_slots
        WHERE (database = current_database() OR database IS NULL) AND greatest(age(xmin), age(catalog_xmin)) > 1000000
           OR xmin IS NOT NULL AND NOT active
        LIMIT 10
        """
    }

    var prepared: SQL {
        """
        SELECT 'prepared transaction ' || gid,
               'prepared transaction ' || gid || ' of ' || owner || ' has waited for '
               || \(Self.age("prepared")) || ': end it with COMMIT PREPARED or ROLLBACK PREPARED'
        FROM pg_prepared_xacts
        WHERE database = current_database() AND prepared < clock_timestamp() - \(limits.horizon) LIMIT 10
        """
    }

    var wal: SQL {
        """
        SELECT 'slot ' || slot_name,
               'replication slot ' || slot_name || ' keeps '
               || pg_size_pretty(pg_wal_lsn_diff(pg_current_wal_lsn(), restart_lsn)) || ' of WAL'
               || CASE WHEN active THEN ': its consumer lags' ELSE ' and nobody uses it: drop it, or the disk fills' END
        FROM pg_replication_slots
        WHERE NOT pg_is_in_recovery() AND pg_wal_lsn_diff(pg_current_wal_lsn(), restart_lsn) > \(limits.wal) LIMIT 10
        """
    }

    var idle: SQL {
        """
        SELECT \(Self.session),
               \(Self.session) || ' has done nothing inside a transaction for ' || \(Self.age("state_change"))
               || ': what it has locked stays locked. Set idle_in_transaction_session_timeout for its user'
        FROM pg_stat_activity
        WHERE datname = current_database() AND state LIKE 'idle in transaction%'
          AND state_change < clock_timestamp() - \(limits.idleTransaction)
        ORDER BY state_change LIMIT 10
        """
    }

    var slow: SQL {
        """
        SELECT \(Self.session),
               \(Self.session) || ' has run one statement for ' || \(Self.age("query_start"))
               || coalesce(', waiting for ' || wait_event_type || ' ' || wait_event, '')
        FROM pg_stat_activity
        WHERE datname = current_database() AND state = 'active' AND backend_type = 'client backend'
          AND pid <> pg_backend_pid() AND query_start < clock_timestamp() - \(limits.statement)
        ORDER BY query_start LIMIT 10
        """
    }

    private static func age(_ column: String) -> SQL {
        "extract(epoch FROM clock_timestamp() - \(raw: column))::bigint || ' s'"
    }
}
