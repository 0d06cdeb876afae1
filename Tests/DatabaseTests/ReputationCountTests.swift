import Directory
import Foundation
import Mail
import Postgres
import Reputation
import Testing

@testable import Outbox

@Suite("Sends, bounces and complaints count exactly once")
struct ReputationCountTests {
    /// Everything that was noted and not counted yet.
    private static func noted(_ world: World) async throws -> [Int] {
        let sums = try await world.pool.query(
            """
            SELECT coalesce(sum(s), 0)::bigint, coalesce(sum(b), 0)::bigint, coalesce(sum(c), 0)::bigint
            FROM reputation_note CROSS JOIN LATERAL unnest(sent, bounced, complained) AS n (s, b, c)
            """
        ).decode(Int.self, Int.self, Int.self).first
        return sums.map { [$0.0, $0.1, $0.2] } ?? []
    }

    private static func sent(_ call: ClaimedCall, _ id: String, _ world: World) throws -> Outcome {
        Outcome(
            call: call,
            result: .sent(sesMessageID: id),
            attempt: AttemptRecord(
                accountID: try world.accountID,
                shareID: 1,
                node: world.node,
                epoch: world.epoch,
                startedAt: 1,
                answeredAt: 2
            )
        )
    }

    private static func bounce(_ call: ClaimedCall, _ id: String, _ world: World, mark: String = "f") throws -> Evidence
    {
        let evidence = try world.evidence(.bounced, call.entry, id, recipient: call.rows[0].email, mark: mark)
        return Evidence(
            accountID: evidence.accountID,
            entry: evidence.entry,
            sesMessageID: id,
            recipient: evidence.recipient,
            type: .bounced,
            identity: evidence.identity,
            at: evidence.at,
            data: evidence.data,
            suppression: .bounce,
            harm: .bounce
        )
    }

    @Test("A send counts when it is settled or when SES says so, whichever comes first")
    func sends() async throws {
        try await withDatabase { pool in
            let world = try await World(pool)
            let calls = try await world.claimed([try world.message(), try world.message()])
            _ = try await world.apply([try world.evidence(.sent, calls[0].entry, "s0")])
            #expect(try await Self.noted(world) == [1, 0, 0])
            try await world.settle(try calls.enumerated().map { try Self.sent($1, "s\($0)", world) })
            #expect(try await Self.noted(world) == [2, 0, 0])
            _ = try await world.apply([try world.evidence(.sent, calls[1].entry, "s1")])
            try await world.settle([try Self.sent(calls[1], "s1", world)])
            #expect(try await Self.noted(world) == [2, 0, 0])
        }
    }

    @Test("All recipients of one call count")
    func wide() async throws {
        try await withDatabase { pool in
            let world = try await World(pool)
            let (_, call) = try await world.call(
                recipients: ["a@b.example", "c@b.example", "d@b.example"],
                split: false
            )
            try await world.settle([try Self.sent(call, "s", world)])
            #expect(try await Self.noted(world) == [3, 0, 0])
        }
    }

    @Test("A bounce counts once, however often and with whatever it is told; others do not")
    func bounces() async throws {
        try await withDatabase { pool in
            let world = try await World(pool)
            let (_, call) = try await world.call()
            try await world.settle([try Self.sent(call, "s", world)])
            let bounce = try Self.bounce(call, "s", world)
            _ = try await world.apply([bounce, bounce])
            _ = try await world.apply([bounce, try world.evidence(.delivered, call.entry, "s")])
            _ = try await world.apply([try world.evidence(.bounced, call.entry, "s", mark: "transient")])
            #expect(try await Self.noted(world) == [1, 1, 0])
        }
    }

    @Test("What comes back of mail that was sent before its tenant's counts began anew counts for the account alone")
    func past() async throws {
        try await withDatabase { pool in
            let world = try await World(pool)
            let calls = try await world.claimed([try world.message(), try world.message()])
            let tenant = try #require(world.directory.tenant(named: "apa")?.id)
            try await world.settle([try Self.sent(calls[0], "old", world)])
            _ = try await pool.query(
                "UPDATE event SET at = at - interval '1 hour' WHERE outbox_id = \(calls[0].rows[0].id.uuid)"
            )
            _ = try await pool.query(
                """
                INSERT INTO reputation (account_id, tenant_id, tally)
                SELECT \(try world.accountID), \(tenant), jsonb_build_object(
                    'hour', '[]'::jsonb, 'day', '[]'::jsonb, 'volume', '[]'::jsonb,
                    'from', extract(epoch FROM now() - interval '1 minute')::bigint)
                """
            )
            try await world.settle([try Self.sent(calls[1], "new", world)])
            _ = try await world.apply([
                try Self.bounce(calls[0], "old", world), try Self.bounce(calls[1], "new", world),
            ])
            _ = try #require(try await GuardTurn(pool: pool).take())
            let all = try await StandingReader(pool: pool).all()
            #expect(all.first { $0.tenant == "apa" }?.counts[.hour] == MailCounts(sent: 2, bounced: 1))
            #expect(all.first { $0.tenant == nil }?.counts[.hour] == MailCounts(sent: 2, bounced: 2))
        }
    }

    @Test("What failed or went back does not count")
    func others() async throws {
        try await withDatabase { pool in
            let world = try await World(pool)
            let calls = try await world.claimed([try world.message(), try world.message(), try world.message()])
            try await world.settle([
                Outcome(call: calls[0], result: .failed(detail: "no")), Outcome(call: calls[1], result: .returned),
                Outcome(call: calls[2], result: .unknown(grace: .seconds(60), detail: "?")),
            ])
            #expect(try await Self.noted(world) == [0, 0, 0])
        }
    }

    @Test("Turns that compete, and turns that fail, count every note once")
    func exactlyOnce() async throws {
        try await withDatabase { pool in
            let world = try await World(pool)
            let account = try world.accountID
            let tenant = try #require(world.directory.tenant(named: "apa")?.id)
            @Sendable func note() async throws {
                _ = try await pool.query(
                    """
                    INSERT INTO reputation_note (account_ids, tenant_ids, sent, bounced, complained)
                    SELECT ARRAY[\(account)], ARRAY[\(tenant)], ARRAY[10], ARRAY[1], ARRAY[0]
                    """
                )
            }
            try await note()
            _ = try await pool.query("ALTER TABLE reputation ADD CONSTRAINT broken CHECK (tenant_id < 0)")
            await #expect(throws: PostgresError.self) { try await GuardTurn(pool: pool).take() }
            #expect(try await world.count("reputation_note") == 1)
            _ = try await pool.query("ALTER TABLE reputation DROP CONSTRAINT broken")
            try await withThrowingTaskGroup { group in
                for _ in 0..<4 {
                    group.addTask { for _ in 0..<25 { try await note() } }
                    group.addTask { for _ in 0..<40 { _ = try await GuardTurn(pool: pool).take() } }
                }
                try await group.waitForAll()
            }
            while try await world.count("reputation_note") > 0 { _ = try await GuardTurn(pool: pool).take() }
            let standing = try await StandingReader(pool: pool).standings(tenantID: tenant)
            let own = try #require(standing.first)
            #expect(own.counts[.volume] == MailCounts(sent: 1010, bounced: 101))
            let all = try await StandingReader(pool: pool).all()
            #expect(all.first { $0.tenant == nil }?.counts[.volume]?.sent == 1010)
        }
    }
}
