import Directory
import Foundation
import Outbox
public import Postgres

/// Lets a tenant's mail go on. Its counts begin anew, without what still comes back of mail that it sent before, so that the past
/// alone cannot stop it again; the account's go on, for SES forgets nothing either.
public struct StandingResumer: Sendable {
    /// Who ends a pause.
    public enum Hand: Sendable {
        /// The tenant itself, which says what it has done about the cause. It comes back slowed, until its new mail is better.
        case tenant(acknowledgement: String)
        /// Whoever runs the gateway; ends every other state, too.
        case admin
    }

    /// Why a tenant may not resume itself.
    public enum Refusal: Error, Equatable, Sendable {
        case nothingPaused
        /// The account comes near to SES's limits itself.
        case accountInDanger(account: String)
        /// It has resumed itself less than a day ago.
        case tooSoon(account: String, seconds: Int64)
    }

    private static let pause: Int64 = 86_400

    private let pool: PostgresPool
    private let notices: NoticeStore

    public init(pool: PostgresPool) {
        self.pool = pool
        notices = NoticeStore(pool: pool)
    }

    private struct Stopped {
        let accountID: Int32
        let account: String
        let state: StandingState
        let isInDanger: Bool
        /// Seconds since the tenant resumed itself last.
        let resumed: Int64?
    }

    /// Returns the accounts at which the tenant's mail goes on.
    ///
    /// - Parameter account: only there; nil: at every account.
    /// - Throws: `Refusal`, and then nothing has changed.
    public func resume(tenantID: Int32, account: String?, by hand: Hand, actor: String) async throws -> [String] {
        try await pool.withTransaction { connection in
            try await StandingLock.take(on: connection)
            try await StandingChanges.begin(on: connection)
            let stopped = try await self.stopped(tenantID, account, on: connection).filter { hand.mayEnd($0.state) }
            guard !stopped.isEmpty else { throw Refusal.nothingPaused }
            var new = StandingState.ok
            var words = ""
            if case .tenant(let acknowledgement) = hand {
                try Self.require(stopped)
                new = .slowed
                words = acknowledgement
            }
            let name =
                try await connection.query("SELECT name FROM tenant WHERE id = \(tenantID)")
                .decode(String.self).first ?? ""
            let changes = stopped.map { stop in
                StandingChange(
                    account: stop.account,
                    tenant: name,
                    old: stop.state,
                    new: new,
                    reason: new == .slowed ? Self.probation : nil
                )
            }
            let before = try await StandingChanges.states(changes.map(\.standing), on: connection)
            for (stop, change) in zip(stopped, changes) {
                _ = try await connection.query(Self.restart(stop, tenantID, as: new, hand))
                try await notices.publish(
                    type: StandingNotice.resumed.rawValue,
                    data: try StandingWords.data(change),
                    tenantID: tenantID,
                    on: connection
                )
            }
            try await StandingChanges.record(
                changes.map { (action: "resume", object: $0.standing, detail: words) },
                over: before,
                actor: actor,
                on: connection
            )
            return stopped.map(\.account)
        }
    }

    private static let probation = "resumed; slowed until its new mail shows that the cause is gone"

    private static func require(_ stopped: [Stopped]) throws {
        for stop in stopped {
            if stop.isInDanger { throw Refusal.accountInDanger(account: stop.account) }
            if let resumed = stop.resumed, resumed < pause {
                throw Refusal.tooSoon(account: stop.account, seconds: pause - resumed)
            }
        }
    }

    private func stopped(
        _ tenantID: Int32,
        _ account: String?,
        on connection: PostgresConnection
    ) async throws -> [Stopped] {
        try await connection.query(
            """
            SELECT account.id, account.name, own.state,
                   coalesce(everybody.state IN ('slowed', 'paused'), false),
                   extract(epoch FROM clock_timestamp() - own.resumed_at)::bigint
            FROM account JOIN reputation AS own ON own.account_id = account.id AND own.tenant_id = \(tenantID)
            LEFT JOIN reputation AS everybody ON everybody.account_id = account.id
                AND everybody.tenant_id = \(StandingRow.Key.everybody)
            WHERE own.state <> 'ok' AND (\(account)::text IS NULL OR account.name = \(account)::text)
            ORDER BY account.id
            """
        ).decode(Int32.self, String.self, String.self, Bool.self, Int64?.self).map { row in
            Stopped(
                accountID: row.0,
                account: row.1,
                state: StandingState(rawValue: row.2) ?? .ok,
                isInDanger: row.3,
                resumed: row.4
            )
        }
    }

    private static func restart(_ stop: Stopped, _ tenantID: Int32, as new: StandingState, _ hand: Hand) throws -> SQL {
        let tally = String(decoding: try JSONEncoder().encode(MailTally()), as: UTF8.self)
        let reason = new == .slowed ? probation : nil
        let isOwn = if case .tenant = hand { true } else { false }
        return """
            UPDATE reputation SET
                tally = \(tally)::jsonb
                    || jsonb_build_object('from', extract(epoch FROM clock_timestamp())::bigint),
                state = \(new.rawValue), reason = \(reason),
                since = clock_timestamp(),
                resumed_at = CASE WHEN \(isOwn) THEN clock_timestamp() END
            WHERE account_id = \(stop.accountID) AND tenant_id = \(tenantID)
            """
    }
}

extension StandingResumer.Hand {
    fileprivate func mayEnd(_ state: StandingState) -> Bool {
        switch self {
        case .tenant: state == .paused
        case .admin: state != .ok
        }
    }
}
