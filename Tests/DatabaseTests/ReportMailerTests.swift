import Directory
import Foundation
import Logging
import Mail
import Outbox
import Postgres
import Testing

@testable import Reports

@Suite("Weekly reports by mail")
struct ReportMailerTests {
    private static let now = Date()
    private static let week = ReportWeek.last(before: now)

    /// A node that may mail reports, while `body` runs.
    private func withNode(
        _ pool: PostgresPool,
        _ body: (ReportMailer) async throws -> Void
    ) async throws {
        let writer = AcceptWriter(pool: pool, logger: Logger(label: "test"))
        let directory = try await DirectoryLoader.load(pool)
        let mailer = ReportMailer(
            pool: pool,
            searches: pool,
            writer: writer,
            publicURL: "https://send.example.com",
            logger: Logger(label: "test")
        ) { directory }
        try await withThrowingTaskGroup { group in
            group.addTask { try await writer.run() }
            try await body(mailer)
            group.cancelAll()
        }
    }

    /// Two tenants with reports, of which the first had mail in the week that is over.
    private func world(_ pool: PostgresPool) async throws -> World {
        let world = try await World(pool)
        for (name, report) in [
            (
                "apa",
                #"{"to": ["boss@b.example", "c@d.example"], "from": "Mail <reports@apa.example>", "region": "UK"}"#
            ),
            ("standard", #"{"to": ["x@y.example"], "from": "r@standard.example"}"#),
        ] {
            _ = try await pool.query("UPDATE tenant SET report = \(JSONBText(report)) WHERE name = \(name)")
        }
        let tenant = try #require(world.directory.tenant(named: "apa")?.id)
        _ = try await pool.query(
            """
            INSERT INTO usage_day (tenant_id, day, region, accepted, sent, delivered, bounced, complained)
            VALUES (\(tenant), \(Self.week.days[1])::text::date, 'AT', 200, 200, 190, 10, 0)
            """
        )
        return world
    }

    /// When reports are due whatever day the test runs on.
    private static let due = max(now, week.end.addingTimeInterval(ReportMailer.delay + 60))

    private struct Mailed: Equatable {
        let id: String
        let lane: Int32
        let sender: String
        let tags: String
        let recipients: Int
    }

    private func mailed(_ pool: PostgresPool) async throws -> [Mailed] {
        try await pool.query(
            "SELECT id::text, lane_id, sender, tags::text, recipients::bigint FROM message ORDER BY id"
        ).decode(String.self, Int32.self, String.self, String.self, Int.self)
            .map { Mailed(id: $0.0, lane: $0.1, sender: $0.2, tags: $0.3, recipients: $0.4) }
    }

    private func outcomes(_ pool: PostgresPool) async throws -> [String] {
        try await pool.query("SELECT coalesce(outcome, 'open') FROM report_mail ORDER BY tenant_id")
            .decode(String.self)
    }

    @Test("It goes out once as the tenant's own mail, and not at all for a tenant without traffic")
    func mails() async throws {
        try await withDatabase { pool in
            let world = try await world(pool)
            try await withNode(pool) { node in
                await node.mail(now: Self.week.end.addingTimeInterval(ReportMailer.delay - 60))
                let early = try await mailed(pool)
                #expect(early.isEmpty, "too early")
                for _ in 0..<3 { await node.mail(now: Self.due) }
            }
            let mails = try await mailed(pool)
            #expect(mails.count == 1)
            let mail = try #require(mails.first)
            #expect(mail.lane == (try world.lane("apa", "UK")) && mail.sender == "Mail <reports@apa.example>")
            #expect(mail.recipients == 2 && mail.tags.contains("weekly") && mail.tags.contains(Self.week.description))
            #expect(try await outcomes(pool) == ["mailed", "no_traffic"])
            #expect(try await world.count("ready") == 2)
        }
    }

    @Test("Nodes that race mail it once")
    func race() async throws {
        try await withDatabase { pool in
            _ = try await world(pool)
            try await withNode(pool) { first in
                try await withNode(pool) { second in
                    await withTaskGroup { group in
                        for node in [first, second, first, second] {
                            group.addTask { await node.mail(now: Self.due) }
                        }
                    }
                }
            }
            #expect(try await mailed(pool).count == 1)
            #expect(try await outcomes(pool) == ["mailed", "no_traffic"])
        }
    }

    @Test("A node that dies between acceptance and note has its mail noted by the next one, and not sent again")
    func death() async throws {
        try await withDatabase { pool in
            let world = try await world(pool)
            let tenant = try #require(try await DirectoryLoader.load(pool).tenant(named: "apa"))
            let turns = ReportTurns(pool: pool)
            let message = try world.message(recipients: ["boss@b.example"])
            let lost = try #require(try await turns.take(tenant.id, Self.week, proposing: message.id))
            try await world.accept([message])
            try await withNode(pool) { node in
                await node.mail(now: Self.due)
                #expect(try await outcomes(pool) == ["open", "no_traffic"], "its turn may not be over")
                _ = try await pool.query("UPDATE report_mail SET taken_until = now() WHERE settled_at IS NULL")
                await node.mail(now: Self.due)
                #expect(try await outcomes(pool) == ["mailed", "no_traffic"])
                #expect(try await mailed(pool).map(\.id) == [lost.messageID.description])
            }
        }
    }

    @Test("A node that was only slow accepts nothing behind the one that took over")
    func slow() async throws {
        try await withDatabase { pool in
            _ = try await world(pool)
            let tenant = try #require(try await DirectoryLoader.load(pool).tenant(named: "apa"))
            let turns = ReportTurns(pool: pool)
            var random = SystemRandomNumberGenerator()
            var ids = MessageIDGenerator()
            let id = ids.next(milliseconds: Int64(Self.now.timeIntervalSince1970 * 1000), using: &random)
            let turn = try #require(try await turns.take(tenant.id, Self.week, proposing: id))
            try await withNode(pool) { node in
                // Both have looked and found nothing when both accept.
                try await withThrowingTaskGroup(of: Void.self) { group in
                    for _ in 0..<4 { group.addTask { try await node.mail(turn, tenant) } }
                    try await group.waitForAll()
                }
                try await node.mail(turn, tenant)
            }
            #expect(try await mailed(pool).map(\.id) == [id.description])
            #expect(try await outcomes(pool) == ["mailed"])
        }
    }

    @Test("Reports themselves are no traffic that another report is sent for")
    func ownMail() async throws {
        try await withDatabase { pool in
            let world = try await world(pool)
            let tenant = try #require(world.directory.tenant(named: "standard")?.id)
            let (before, monday) = (Self.week.moved(-1), Self.week.start.addingTimeInterval(8 * 3600))
            _ = try await pool.query(
                """
                INSERT INTO report_mail (tenant_id, week, message_id, taken_until, settled_at, outcome, recipients)
                VALUES (\(tenant), \(before.days[0])::text::date, new_id(), \(monday), \(monday), 'mailed', 1)
                """
            )
            _ = try await pool.query(
                """
                INSERT INTO usage_day (tenant_id, day, region, accepted, sent, delivered, bounced, complained)
                VALUES (\(tenant), \(Self.week.days[0])::text::date, 'AT', 1, 1, 1, 0, 0)
                """
            )
            try await withNode(pool) { await $0.mail(now: Self.due) }
            let outcome = try await pool.query(
                "SELECT outcome FROM report_mail WHERE tenant_id = \(tenant) AND week = \(Self.week.days[0])::text::date"
            ).decode(String.self)
            #expect(outcome == ["no_traffic"])
        }
    }

    @Test("It waits until all of the week is counted")
    func uncounted() async throws {
        try await withDatabase { pool in
            let world = try await world(pool)
            let tenant = try #require(world.directory.tenant(named: "apa")?.id)
            _ = try await pool.query(
                "INSERT INTO feed_head (tenant_id, seq, at) VALUES (\(tenant), 5, \(Self.week.end))"
            )
            _ = try await pool.query(
                """
                INSERT INTO usage_cursor (tenant_id, seq, at, counted_at) VALUES (\(tenant), 2, \(Self.week.start), now())
                """
            )
            try await withNode(pool) { node in
                await node.mail(now: Self.due)
                #expect(try await outcomes(pool) == ["open", "no_traffic"])
                _ = try await pool.query("UPDATE usage_cursor SET seq = 5")
                _ = try await pool.query("UPDATE report_mail SET taken_until = now()")
                await node.mail(now: Self.due)
                #expect(try await outcomes(pool) == ["mailed", "no_traffic"])
            }
        }
    }

    @Test("Why mail failed is read from what became of the week's mail")
    func troubles() async throws {
        try await withDatabase { pool in
            let world = try await World(pool)
            let tenant = try #require(world.directory.tenant(named: "apa")?.id)
            let messages = try ["a@one.example", "b@one.example", "c@Two.example", "d@two.example"]
                .map { try world.message(recipients: [$0]) }
            let calls = try await world.claimed(messages)
            try await world.settle(calls.map { Outcome(call: $0, result: .sent(sesMessageID: "s-\($0.entry.text)")) })
            func say(_ type: EventType, _ index: Int) throws -> Evidence {
                try world.evidence(type, calls[index].entry, "s-\(calls[index].entry.text)")
            }
            _ = try await world.apply([
                try say(.bounced, 0), try say(.bounced, 1), try say(.bounced, 2), try say(.complained, 3),
                // Late, and delivered after all.
                try say(.deliveryDelayed, 3), try say(.delivered, 3),
            ])
            let week = ReportWeek(containing: Date())
            let report = try await ReportReader(pool: pool).report(tenantID: tenant, week: week)
            #expect(report.troubles.map(\.status) == [.complained, .bounced])
            let bounced = try #require(report.trouble(.bounced))
            #expect(bounced.count == 3 && !bounced.isPart)
            #expect(bounced.domains == [.init(name: "one.example", count: 2), .init(name: "two.example", count: 1)])
            let other = try #require(world.directory.tenant(named: "standard")?.id)
            #expect(try await ReportReader(pool: pool).report(tenantID: other, week: week).troubles.isEmpty)
        }
    }
}
