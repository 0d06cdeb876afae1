import Directory
import Foundation
import Postgres
import Testing

/// What the cluster does, as the reader shows it.
@Suite("Live figures", .timeLimit(.minutes(5)))
struct ClusterReaderTests {
    @Test("Nothing runs: every share is there, in the tree's order, with zeros")
    func quiet() async throws {
        try await withDatabase { pool in
            let world = try await World(pool)
            let figures = try await ClusterReader(pool: pool).figures(of: try world.account)
            #expect(figures.shares.map(\.path) == ["", "AT", "UK", "UK/apa", "other"])
            for share in figures.shares {
                #expect(credits(share) == [0, 0, 0, 0, 0])
                #expect(share.backlog == 0)
                #expect(share.used == 0)
                #expect(share.oldestAt == nil)
            }
            #expect(figures.rate == nil)
            #expect(figures.leader == nil)
            #expect(figures.parked == nil)
        }
    }

    @Test("Grants add up over workers, loans over partners; backlog and use by share")
    func busy() async throws {
        try await withDatabase { pool in
            let world = try await World(pool)
            let account = try world.account
            let at = try #require(account.shareIDs["AT"])
            let uk = try #require(account.shareIDs["UK"])
            try await workers(world)
            _ = try await pool.pipeline([
                grant(account, at, "test-node", granted: 20, held: 21, wanted: 40),
                grant(account, at, "second", granted: 10, held: 10, wanted: 0),
                grant(account, uk, "second", granted: 3, held: 9, wanted: 3),
                loan(account, "UK", "AT", 4), loan(account, "", "AT", 2), loan(account, "UK", "other", 1),
                loan(account, "AT", "UK", 9, closed: true),
                send(account, at, recipients: 30, ago: 1), send(account, at, recipients: 20, ago: 4),
                send(account, at, recipients: 500, ago: 60), send(account, uk, recipients: 1, ago: 0),
            ])
            let messages = [
                try world.message(recipients: ["a@b.example", "c@d.example"]), try world.message(tenant: "standard"),
                try world.message(scheduledAt: Date(timeIntervalSinceNow: 600)),
            ]
            try await world.accept(messages)
            let figures = try await ClusterReader(pool: pool).figures(of: account)
            let byPath = Dictionary(uniqueKeysWithValues: figures.shares.map { ($0.path, $0) })
            #expect(figures.rate == 49.5)
            #expect(figures.leader == "test-node")
            #expect(figures.epoch == 7)
            let share = try #require(byPath["AT"])
            #expect(credits(share) == [30, 31, 40, 6, 0])
            #expect(share.used == 10)
            #expect(share.backlog == 3)
            #expect(abs(try #require(share.oldestAt).timeIntervalSinceNow) < 60)
            let lender = try #require(byPath["UK"])
            #expect(credits(lender) == [3, 9, 3, 0, 5])
            #expect(lender.used == 0.2)
            #expect(byPath[""]?.lent == 2)
            #expect(byPath["other"]?.borrowed == 1)
        }
    }

    @Test("Parked when all workers are; a leader without a lease is none")
    func parked() async throws {
        try await withDatabase { pool in
            let world = try await World(pool)
            let reader = ClusterReader(pool: pool)
            try await workers(world)
            _ = try await pool.query(
                "UPDATE worker SET parked = 'daily_quota', parked_detail = 'spent', parked_since = now() WHERE node = 'second'"
            )
            #expect(try await reader.figures(of: try world.account).parked == nil)
            _ = try await pool.query(
                """
                UPDATE worker SET parked = 'unreachable', parked_detail = 'no route', parked_since = now() - interval '1 h'
                WHERE node = 'test-node'
                """
            )
            let figures = try await reader.figures(of: try world.account)
            #expect(figures.parked == "daily_quota")
            #expect(figures.parkedDetail == "spent")
            _ = try await pool.query("UPDATE lease SET state = 'retired' WHERE node = 'test-node'")
            #expect(try await reader.figures(of: try world.account).leader == nil)
        }
    }

    @Test("The loan ledger pages both ways, newest first, and keeps accounts apart")
    func loans() async throws {
        try await withDatabase { pool in
            let world = try await World(pool)
            let account = try world.account
            let reader = ClusterReader(pool: pool)
            _ = try await pool.pipeline((1...7).map { loan(account, "UK", "AT", $0, closed: true) })
            let all = try await reader.loans(accountID: account.id, limit: 100, after: nil, before: nil)
            #expect(all.map(\.credits) == [7, 6, 5, 4, 3, 2, 1])
            #expect(all.allSatisfy { $0.to != nil })
            let older = try await reader.loans(accountID: account.id, limit: 2, after: all[1].id, before: nil)
            #expect(older.map(\.credits) == [5, 4])
            let newer = try await reader.loans(accountID: account.id, limit: 2, after: nil, before: all[4].id)
            #expect(newer.map(\.credits) == [5, 4])
            #expect(try await reader.loans(accountID: account.id + 1, limit: 9, after: nil, before: nil).isEmpty)
        }
    }

    @Test("Nodes with a lease, what they work for, and where shares are placed")
    func nodes() async throws {
        try await withDatabase { pool in
            let world = try await World(pool)
            let account = try world.account
            try await workers(world)
            _ = try await pool.pipeline([
                grant(account, try #require(account.shareIDs["AT"]), "second", granted: 10, held: 10, wanted: 0),
                grant(account, try #require(account.shareIDs["UK"]), "second", granted: 0, held: 0, wanted: 0),
                "UPDATE worker SET draining = true WHERE node = 'second'",
                "UPDATE lease SET roles = '{gateway,dispatch}' WHERE node = 'second'",
                "INSERT INTO lease (node, epoch, state) VALUES ('second', 3, 'retired'), ('idle', 1, 'live')",
            ])
            let nodes = try await ClusterReader(pool: pool).nodes()
            #expect(nodes.map(\.name) == ["idle", "second", "test-node"])
            #expect(nodes[0].work.isEmpty)
            #expect(nodes[1].roles == ["gateway", "dispatch"])
            #expect(
                nodes[1].work == [
                    .init(account: "main", isLeader: false, isDraining: true, parked: nil, granted: 10, shares: ["AT"])
                ]
            )
            #expect(nodes[2].work.map(\.isLeader) == [true])
        }
    }

    private func credits(_ share: ShareFigures) -> [Int] {
        [share.granted, share.held, share.wanted, share.borrowed, share.lent]
    }

    /// Two nodes that work for the account; the first leads.
    private func workers(_ world: World) async throws {
        let account = try world.account.id
        _ = try await world.pool.pipeline([
            "INSERT INTO lease (node, epoch) VALUES ('second', 4)",
            """
            INSERT INTO leader (account_id, epoch, node, node_epoch, rate)
            VALUES (\(account), 7, 'test-node', \(world.epoch), 49.5)
            """,
            """
            INSERT INTO worker (account_id, node, node_epoch)
            VALUES (\(account), 'test-node', \(world.epoch)), (\(account), 'second', 4)
            """,
        ])
    }

    private func grant(_ account: Account, _ share: Int32, _ node: String, granted: Int, held: Int, wanted: Int) -> SQL
    {
        """
        INSERT INTO credit_grant (account_id, share_id, node, node_epoch, granted, held, version, wanted)
        VALUES (\(account.id), \(share), \(node), \(node == "second" ? 4 : 1 as Int64), \(Int32(granted)), \(Int32(held)), 1,
                \(Int32(wanted)))
        """
    }

    private func loan(_ account: Account, _ lender: String, _ borrower: String, _ credits: Int, closed: Bool = false)
        -> SQL
    {
        """
        INSERT INTO loan (account_id, lender, borrower, credits, to_at)
        VALUES (\(account.id), \(lender), \(borrower), \(Int32(credits)), CASE WHEN \(closed) THEN clock_timestamp() END)
        """
    }

    private func send(_ account: Account, _ share: Int32, recipients: Int, ago: Int) -> SQL {
        """
        INSERT INTO send_log (at, account_id, share_id, node, epoch, outbox_id, attempt, recipients, started_ns,
                              answered_ns, outcome)
        VALUES (now() - \(Int64(ago)) * interval '1 second', \(account.id), \(share), 'test-node', 1, new_id(), 1,
                \(Int16(recipients)), 0, 0, 'sent')
        """
    }
}
