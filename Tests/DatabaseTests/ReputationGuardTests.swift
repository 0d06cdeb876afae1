import Directory
import Foundation
import Mail
import Outbox
import Postgres
import Reputation
import Testing

@Suite("The reputation guard in the database")
struct ReputationGuardTests {
    private struct Setting {
        let world: World
        let pool: PostgresPool
        let account: Int32
        let apa: Int32
        let standard: Int32
        let turn: GuardTurn
        let resumer: StandingResumer

        init(_ pool: PostgresPool) async throws {
            world = try await World(pool)
            self.pool = pool
            account = try world.accountID
            apa = try #require(world.directory.tenant(named: "apa")?.id)
            standard = try #require(world.directory.tenant(named: "standard")?.id)
            turn = GuardTurn(pool: pool)
            resumer = StandingResumer(pool: pool)
        }

        /// Notes what a tenant's mail did, and takes a turn.
        @discardableResult
        func count(_ tenant: Int32, sent: Int32, bounced: Int32, complained: Int32 = 0) async throws -> [StandingChange]
        {
            _ = try await pool.query(
                """
                INSERT INTO reputation_note (account_ids, tenant_ids, sent, bounced, complained)
                SELECT ARRAY[\(account)], ARRAY[\(tenant)], ARRAY[\(sent)], ARRAY[\(bounced)], ARRAY[\(complained)]
                """
            )
            return try #require(try await turn.take()).changes
        }

        func directory() async throws -> DirectorySnapshot { try await DirectoryLoader.load(pool) }

        func ceilings(_ tenant: Int32) async throws -> Set<Int?> {
            Set(try await directory().lanes.values.filter { $0.tenantID == tenant }.map(\.ceiling))
        }

        func notices(_ tenant: Int32) async throws -> [String] {
            try await pool.query(
                "SELECT type FROM event WHERE tenant_id = \(tenant) AND type LIKE 'tenant.%' ORDER BY at"
            )
            .decode(String.self)
        }

        func state(_ tenant: Int32) async throws -> StandingState? {
            try await StandingReader(pool: pool).standings(tenantID: tenant).first?.state
        }
    }

    @Test("Who does harm is told, slowed and paused; others and the directory's version go on")
    func steps() async throws {
        try await withDatabase { pool in
            let setting = try await Setting(pool)
            try await setting.count(setting.standard, sent: 10_000, bounced: 20)
            let version = try await setting.directory().version
            try await setting.count(setting.apa, sent: 5, bounced: 3)
            #expect(try await setting.state(setting.apa) == .ok)
            #expect(try await setting.directory().version == version)

            try await setting.count(setting.apa, sent: 995, bounced: 22)
            #expect(try await setting.state(setting.apa) == .warned)
            #expect(try await setting.ceilings(setting.apa) == [nil])
            try await setting.count(setting.apa, sent: 0, bounced: 20)
            #expect(try await setting.state(setting.apa) == .slowed)
            #expect(try await setting.ceilings(setting.apa) == [1])
            try await setting.count(setting.apa, sent: 0, bounced: 50)
            #expect(try await setting.ceilings(setting.apa) == [0])
            let directory = try await setting.directory()
            #expect(directory.tenants[setting.apa]?.routes.values.allSatisfy(\.isPaused) == true)
            #expect(directory.tenants[setting.standard]?.routes.values.contains(where: \.isPaused) == false)
            #expect(try await setting.ceilings(setting.standard) == [nil])
            #expect(try await setting.notices(setting.apa) == ["tenant.warned", "tenant.slowed", "tenant.paused"])
            #expect(try await setting.notices(setting.standard) == [])
            let alarms = try await pool.query("SELECT object, times FROM operator_alarm WHERE kind = 'reputation'")
                .decode(String.self, Int.self)
            #expect(alarms.map(\.0) == ["tenant apa"] && alarms.map(\.1) == [2])
            let audited = try await pool.query("SELECT count(*) FROM audit WHERE actor = 'reputation guard'").decode(
                Int.self
            )
            #expect(audited == [3])
        }
    }

    @Test("Mail that waits is held, is not lost, and says why; it goes on when its tenant resumes")
    func held() async throws {
        try await withDatabase { pool in
            let setting = try await Setting(pool)
            let message = try setting.world.message()
            try await setting.world.accept([message])
            try await setting.count(setting.standard, sent: 10_000, bounced: 20)
            try await setting.count(setting.apa, sent: 1000, bounced: 90)
            let waiting = try #require(try await setting.world.view(message).waiting)
            #expect(waiting.blocker == .paused && waiting.detail?.contains("/reputation") == true)
            #expect(try await setting.world.count("ready") == 1)
            let resumed = try await setting.resumer.resume(
                tenantID: setting.apa,
                account: nil,
                by: .tenant(acknowledgement: "The list is deleted"),
                actor: "key:1"
            )
            #expect(resumed == ["main"])
            #expect(try await setting.ceilings(setting.apa) == [1], "on probation")
            let slowed = try #require(try await setting.world.view(message).waiting)
            #expect(slowed.blocker != .paused)
            // What still comes back of the mail before is not its any more, as the rest is not.
            let isMarked = try await pool.query(
                """
                SELECT (tally ->> 'from')::bigint > extract(epoch FROM now() - interval '1 minute') FROM reputation
                WHERE tenant_id = \(setting.apa)
                """
            ).decode(Bool.self)
            #expect(isMarked == [true])
            // Its old counts are gone, so that a turn does not pause it again.
            _ = try await setting.turn.take(isWhole: true)
            #expect(try await setting.state(setting.apa) == .slowed)
            #expect(try await setting.world.claim(message.laneID, 1).count == 1)
            let words = try await pool.query(
                "SELECT detail ->> 'change' FROM audit WHERE action = 'resume'"
            ).decode(String.self)
            #expect(words == ["The list is deleted"])
            let states = try await pool.query(
                "SELECT before ->> 'state', after ->> 'state' FROM audit WHERE object = 'standing of tenant apa at main' ORDER BY id"
            ).decode(String?.self, String?.self)
            #expect(states.map(\.0) == [nil, "paused"] && states.map(\.1) == ["paused", "slowed"])
        }
    }

    @Test("A tenant resumes itself once a day, and not while the account is in danger; an admin always may")
    func refusals() async throws {
        try await withDatabase { pool in
            let setting = try await Setting(pool)
            func resume(_ hand: StandingResumer.Hand) async throws -> [String] {
                try await setting.resumer.resume(tenantID: setting.apa, account: nil, by: hand, actor: "x")
            }
            let own = StandingResumer.Hand.tenant(acknowledgement: "The list is deleted")
            await #expect(throws: StandingResumer.Refusal.nothingPaused) { try await resume(own) }
            try await setting.count(setting.standard, sent: 10_000, bounced: 20)
            try await setting.count(setting.apa, sent: 1000, bounced: 90)
            #expect(try await resume(own) == ["main"])
            try await setting.count(setting.apa, sent: 1000, bounced: 90)
            #expect(try await setting.state(setting.apa) == .paused)
            await #expect(throws: StandingResumer.Refusal.self) { try await resume(own) }
            #expect(try await resume(.admin) == ["main"])
            #expect(try await setting.ceilings(setting.apa) == [nil])
            // Now everybody's mail together is too bad.
            try await setting.count(setting.apa, sent: 10_000, bounced: 900)
            #expect(try await setting.state(setting.apa) == .paused)
            await #expect(throws: StandingResumer.Refusal.accountInDanger(account: "main")) { try await resume(own) }
            #expect(try await resume(.admin) == ["main"])
        }
    }

    @Test("What is configured for the account is heeded, and an account's own standing is an alarm and no pause")
    func configured() async throws {
        try await withDatabase { pool in
            let setting = try await Setting(pool)
            _ = try await pool.query(
                """
                UPDATE account SET reputation = '{"bounce": {"warn": 20, "slow": 30, "pause": 40}, "slow_rate": 3}'
                WHERE id = \(setting.account)
                """
            )
            try await setting.count(setting.apa, sent: 1000, bounced: 150)
            #expect(try await setting.state(setting.apa) == .ok)
            let changes = try await setting.count(setting.apa, sent: 1000, bounced: 500)
            // The account is in danger by then, which makes it one step harder.
            #expect(changes.contains { $0.tenant == nil && $0.new == .slowed })
            #expect(try await setting.state(setting.apa) == .paused)
            #expect(try await setting.ceilings(setting.standard) == [nil])
            let objects = try await pool.query("SELECT object FROM operator_alarm ORDER BY object").decode(String.self)
            #expect(objects == ["tenant apa", "the account"])
        }
    }

    @Test("Rates that are better again lift what they brought, after a while")
    func recovers() async throws {
        try await withDatabase { pool in
            let setting = try await Setting(pool)
            try await setting.count(setting.standard, sent: 10_000, bounced: 20)
            try await setting.count(setting.apa, sent: 1000, bounced: 45)
            #expect(try await setting.state(setting.apa) == .slowed)
            try await setting.count(setting.apa, sent: 9000, bounced: 0)
            #expect(try await setting.state(setting.apa) == .slowed)
            let now = Int64(Date().timeIntervalSince1970)
            let changes = try #require(try await setting.turn.take(isWhole: true, now: now + 1900)).changes
            #expect(changes.map(\.tenant) == ["apa"] && changes.map(\.new) == [.ok])
            #expect(try await setting.notices(setting.apa) == ["tenant.slowed", "tenant.recovered"])
            #expect(try await setting.ceilings(setting.apa) == [nil])
        }
    }

    @Test("A clock that was ahead leaves no state that lasts until that time has come")
    func clockSetBack() async throws {
        try await withDatabase { pool in
            let setting = try await Setting(pool)
            let now = Int64(Date().timeIntervalSince1970)
            try await setting.count(setting.standard, sent: 10_000, bounced: 20)
            _ = try await pool.query(
                """
                INSERT INTO reputation_note (at, account_ids, tenant_ids, sent, bounced, complained)
                SELECT now() + interval '90 days', ARRAY[\(setting.account)], ARRAY[\(setting.apa)], ARRAY[1000], ARRAY[25],
                       ARRAY[0]
                """
            )
            let ahead = try #require(try await setting.turn.take(now: now + 90 * 86_400)).changes
            #expect(ahead.map(\.tenant) == [nil, "apa"] && ahead.map(\.new) == [.warned, .warned])
            _ = try await setting.turn.take(isWhole: true)
            try await setting.count(setting.apa, sent: 9000, bounced: 0)
            let counts = try await StandingReader(pool: pool).standings(tenantID: setting.apa).first?.counts
            #expect(counts?[.hour] == MailCounts(sent: 10_000, bounced: 25))
            let changes = try #require(try await setting.turn.take(isWhole: true, now: now + 1900)).changes
            #expect(changes.map(\.tenant) == [nil, "apa"] && changes.map(\.new) == [.ok, .ok])
        }
    }

    @Test("Notes of a removed tenant count for the account, and its row goes")
    func removed() async throws {
        try await withDatabase { pool in
            let setting = try await Setting(pool)
            try await setting.count(setting.apa, sent: 10, bounced: 0)
            _ = try await pool.query("DELETE FROM tenant WHERE id = \(setting.apa)")
            try await setting.count(setting.apa, sent: 10, bounced: 0)
            _ = try await setting.turn.take(isWhole: true)
            let rows = try await pool.query("SELECT tenant_id FROM reputation").decode(Int32.self)
            #expect(rows == [0])
            let all = try await StandingReader(pool: pool).all()
            #expect(all.first { $0.tenant == nil }?.counts[.hour]?.sent == 20)
        }
    }
}
