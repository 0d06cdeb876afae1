public import Directory
import Foundation
import Outbox
public import Postgres

/// One turn of the guard: counts what was noted and judges whom it is about, in one transaction. So each note counts once,
/// whatever is killed and whoever else takes a turn.
public struct GuardTurn: Sendable {
    /// Notes that one turn takes.
    static let mostNotes = 2000
    private static let actor = "reputation guard"
    private static let alarm = "reputation"

    private let pool: PostgresPool
    private let notices: NoticeStore

    public init(pool: PostgresPool) {
        self.pool = pool
        notices = NoticeStore(pool: pool)
    }

    /// What a turn did.
    public struct Result: Sendable {
        public var changes: [StandingChange] = []
        /// There may be more notes.
        public var hasMore = false
        /// The accounts that were looked at, with the counts of all their mail.
        public var accounts: [(name: String, thresholds: ReputationThresholds, counts: [CountWindow: MailCounts])] = []
    }

    private struct Note {
        let time: Int64
        let key: StandingRow.Key
        let counts: MailCounts
    }

    /// Nil when another node has its turn just now.
    ///
    /// - Parameters:
    ///   - isWhole: judge everybody who isn't well, too, and not only those of whom something was noted.
    ///   - now: seconds since 1970; nil: by the database's clock.
    public func take(isWhole: Bool = false, now: Int64? = nil) async throws -> Result? {
        try await pool.withTransaction { connection -> Result? in
            guard try await StandingLock.tryTake(on: connection) else { return nil }
            let time = try await Self.time(now, on: connection)
            let (notes, hasMore) = try await self.notes(on: connection)
            guard isWhole || !notes.isEmpty else { return Result() }
            var rows = try await self.rows(notes, isWhole: isWhole, time: time, on: connection)
            let people = try await People(of: rows.keys, on: connection)
            if isWhole { _ = try await connection.query(Self.forgetting) }
            for key in rows.keys { rows[key]?.redate(now: time) }
            for note in notes { rows[note.key]?.tally.add(note.counts, at: min(note.time, time)) }
            let changes = judge(&rows, people, now: time)
            var before: [String: String] = [:]
            if !changes.isEmpty {
                try await StandingChanges.begin(on: connection)
                before = try await StandingChanges.states(changes.map { $0.1.standing }, on: connection)
            }
            let known = rows.values.filter { people.knows($0.key) }
            if !known.isEmpty { _ = try await connection.query(try StandingRow.write(Array(known))) }
            try await tell(changes, over: before, on: connection)
            var result = Result(changes: changes.map(\.1), hasMore: hasMore)
            result.accounts = rows.values.filter { $0.key.tenantID == StandingRow.Key.everybody }.compactMap { row in
                people.accounts[row.key.accountID].map { account in
                    (name: account.name, thresholds: account.thresholds, counts: Self.counts(row.tally, now: time))
                }
            }
            return result
        }
    }

    /// The names of all accounts, whatever is known of them.
    func accountNames() async throws -> [String] {
        try await pool.query("SELECT name FROM account").decode(String.self)
    }

    /// What is left of tenants that were removed.
    private static let forgetting: SQL = """
        DELETE FROM reputation
        WHERE tenant_id <> \(StandingRow.Key.everybody)
          AND NOT EXISTS (SELECT FROM tenant WHERE tenant.id = reputation.tenant_id)
        """

    private static func counts(_ tally: MailTally, now: Int64) -> [CountWindow: MailCounts] {
        Dictionary(uniqueKeysWithValues: CountWindow.allCases.map { ($0, tally.counts($0, now: now)) })
    }

    private static func time(_ now: Int64?, on connection: PostgresConnection) async throws -> Int64 {
        if let now { return now }
        return try await connection.query("SELECT extract(epoch FROM clock_timestamp())::bigint")
            .decode(Int64.self).first ?? 0
    }

    /// Takes the oldest notes: each for its tenant and for everybody. One that is for everybody alone is of mail that its tenant
    /// had sent before its counts began.
    private func notes(on connection: PostgresConnection) async throws -> (notes: [Note], hasMore: Bool) {
        let rows = try await connection.query(
            """
            DELETE FROM reputation_note
            WHERE id = ANY (ARRAY(SELECT id FROM reputation_note ORDER BY id LIMIT \(Int64(Self.mostNotes))))
            RETURNING extract(epoch FROM at)::bigint, account_ids, tenant_ids, sent, bounced, complained
            """
        ).decode(Int64.self, [Int32].self, [Int32].self, [Int32].self, [Int32].self, [Int32].self)
        var notes: [Note] = []
        for (time, accounts, tenants, sent, bounced, complained) in rows {
            for index in accounts.indices {
                let counts = MailCounts(
                    sent: Int(sent[index]),
                    bounced: Int(bounced[index]),
                    complained: Int(complained[index])
                )
                for tenant in Set([tenants[index], StandingRow.Key.everybody]) {
                    let key = StandingRow.Key(accountID: accounts[index], tenantID: tenant)
                    notes.append(Note(time: time, key: key, counts: counts))
                }
            }
        }
        return (notes.sorted { $0.time < $1.time }, rows.count >= Self.mostNotes)
    }

    private func rows(
        _ notes: [Note],
        isWhole: Bool,
        time: Int64,
        on connection: PostgresConnection
    ) async throws -> [StandingRow.Key: StandingRow] {
        let keys = Set(notes.map(\.key))
        let columns = StandingRow.columns
        let noted = try await connection.query(
            """
            SELECT \(columns) FROM unnest(\(keys.map(\.accountID)), \(keys.map(\.tenantID))) AS k (account_id, tenant_id)
            JOIN reputation ON reputation.account_id = k.account_id AND reputation.tenant_id = k.tenant_id
            """
        ).map(StandingRow.init)
        var rows = Dictionary(uniqueKeysWithValues: keys.map { ($0, StandingRow(key: $0, since: time)) })
        for row in noted { rows[row.key] = row }
        guard isWhole else { return rows }
        let others = try await connection.query(
            """
            SELECT \(columns) FROM reputation
            WHERE reputation.tenant_id = \(StandingRow.Key.everybody) OR reputation.state <> \(StandingState.ok.rawValue)
            """
        ).map(StandingRow.init)
        for row in others { rows[row.key] = row }
        return rows
    }

    /// Accounts first: whether one is in danger decides on its tenants.
    private func judge(
        _ rows: inout [StandingRow.Key: StandingRow],
        _ people: People,
        now: Int64
    ) -> [(StandingRow.Key, StandingChange)] {
        var changes: [(StandingRow.Key, StandingChange)] = []
        let order = rows.keys.sorted { ($0.tenantID, $0.accountID) < ($1.tenantID, $1.accountID) }
        for key in order {
            guard var row = rows[key], let account = people.accounts[key.accountID], people.knows(key) else { continue }
            let policy = StandingPolicy(account.thresholds)
            let old = row.state
            let judgement: StandingPolicy.Judgement
            if key.tenantID == StandingRow.Key.everybody {
                judgement = policy.judgeAccount(row.tally, state: old, since: row.since, now: now)
            } else {
                let danger = rows[StandingRow.Key(accountID: key.accountID, tenantID: StandingRow.Key.everybody)]
                judgement = policy.judge(
                    row.tally,
                    state: old,
                    since: row.since,
                    isInDanger: danger.map { $0.state >= .slowed } ?? false,
                    now: now
                )
            }
            // The reason for a pause is what led to it.
            if old != .paused || judgement.state != old {
                row.reason = judgement.reason ?? (judgement.state == .ok ? nil : row.reason)
            }
            row.state = judgement.state
            if judgement.state != old {
                row.since = now
                let change = StandingChange(
                    account: account.name,
                    tenant: people.tenants[key.tenantID],
                    old: old,
                    new: judgement.state,
                    reason: row.reason
                )
                changes.append((key, change))
            }
            rows[key] = row
        }
        return changes
    }

    /// Writes who is to know: the tenant, the audit, and the operator where somebody is slowed or an account is in danger.
    private func tell(
        _ changes: [(StandingRow.Key, StandingChange)],
        over before: [String: String],
        on connection: PostgresConnection
    ) async throws {
        guard !changes.isEmpty else { return }
        for (key, change) in changes {
            guard change.tenant != nil else { continue }
            try await notices.publish(
                type: StandingNotice(from: change.old, to: change.new).rawValue,
                data: try StandingWords.data(change),
                tenantID: key.tenantID,
                on: connection
            )
        }
        let bad = changes.filter { $0.1.new > $0.1.old && $0.1.new >= .slowed }
        if !bad.isEmpty {
            _ = try await connection.query(
                """
                INSERT INTO operator_alarm (account_id, kind, object, detail)
                SELECT a.account_id, \(Self.alarm), a.object, a.detail
                FROM unnest(\(bad.map(\.0.accountID)), \(bad.map { $0.1.object }), \(bad.map { StandingWords.alarm($0.1) }))
                    AS a (account_id, object, detail)
                ORDER BY a.account_id, a.object
                ON CONFLICT (account_id, kind, object) DO UPDATE SET
                    detail = excluded.detail, times = operator_alarm.times + 1, last_at = now()
                """
            )
        }
        try await StandingChanges.record(
            changes.map { _, change in
                (action: change.new.rawValue, object: change.standing, detail: change.reason ?? "")
            },
            over: before,
            actor: Self.actor,
            on: connection
        )
    }
}
