import Foundation
import Logging
import Mail
import Postgres
import Testing

@testable import Directory
@testable import Outbox

@Suite("Mail of test keys, on a real database")
struct TestMailTests {
    /// `apa` with a test key, as nodes see it then.
    private static func tests(_ pool: PostgresPool) async throws -> Tenant {
        var change = KeyChange()
        change.isTest = true
        let made = try await KeyStore(pool: pool).create(tenant: "apa", change, actor: "test")
        let directory = try await DirectoryLoader.load(pool)
        guard case .valid(let key) = directory.find(key: made.key, at: Date()) else { throw World.NotFound() }
        #expect(made.key.hasPrefix("sk_test_"))
        return try #require(directory.tenant(of: key))
    }

    private static func message(
        _ world: World,
        _ tenant: Tenant,
        to recipients: [String] = ["a@b.example"],
        split: Bool = true,
        scheduledAt: Date? = nil,
        expiresAt: Date? = nil
    ) throws -> NewMessage {
        var message = try world.message(
            recipients: recipients,
            split: split,
            scheduledAt: scheduledAt,
            expiresAt: expiresAt
        )
        message.tenantID = tenant.id
        message.laneID = try #require(tenant.route(region: "AT")?.lanes["transactional"])
        message.isTest = tenant.isTest
        return message
    }

    private static func answers(_ pool: PostgresPool) -> TestMailAnswers {
        TestMailAnswers(pool: pool, logger: Logger(label: "test"))
    }

    private static func feed(_ pool: PostgresPool, _ tenant: Int32) async throws -> [FeedEntry] {
        var turn = SequencerTurn()
        while try await turn.take(from: pool) > 0 {}
        let reader = FeedReader(pool: pool)
        let start = try await reader.position(tenantID: tenant, after: 0)
        return try await reader.page(tenantID: tenant, after: start, limit: 100).entries
    }

    @Test("A test tenant has the settings of its tenant, a number and lanes of its own, and is not listed")
    func twin() async throws {
        try await withDatabase { pool in
            let world = try await World(pool)
            let tenant = try await Self.tests(pool)
            let apa = try #require(world.directory.tenant(named: "apa"))
            #expect(tenant.isTest && tenant.id != apa.id && tenant.ownerID == apa.id && tenant.name == "apa")
            let directory = try await DirectoryLoader.load(pool)
            #expect(directory.tenants.keys.sorted() == world.directory.tenants.keys.sorted())
            let lanes = tenant.routes.values.flatMap(\.lanes.values)
            #expect(
                Set(lanes).count == 4 && lanes.allSatisfy { directory.lanes[$0] == nil && directory.lane($0) != nil }
            )
            #expect(directory.lanes.keys.sorted() == world.directory.lanes.keys.sorted(), "dispatchers see no new lane")
            _ = try await Self.tests(pool)
            #expect(try await world.count("tenant") == 3, "one for all of its test keys")
            // What is configured again changes both; what is removed removes both.
            #expect(try await DirectoryStore(pool: pool).apply(try World.parse(), actor: "test").isEffective == false)
            _ = try await DirectoryStore(pool: pool).removeTenant("apa", actor: "test")
            #expect(try await world.count("tenant") == 1)
            let retired = try await pool.query("SELECT count(*) FROM lane WHERE test AND retired").decode(Int.self)
            #expect(retired == [4])
        }
    }

    private static let answered: [(String, MessageStatus, [EventType])] = [
        ("success@simulator.amazonses.com", .delivered, [.sent, .delivered]),
        ("a@b.example", .delivered, [.sent, .delivered]),
        ("Bounce+x@simulator.amazonses.com", .bounced, [.sent, .bounced]),
        ("suppressionlist@simulator.amazonses.com", .bounced, [.sent, .bounced]),
        ("complaint@simulator.amazonses.com", .complained, [.sent, .delivered, .complained]),
        ("ooto@simulator.amazonses.com", .bounced, [.sent, .delivered, .bounced]),
    ]

    @Test("Each address of the mailbox simulator gets its answer, and everybody else their mail", arguments: answered)
    func fates(email: String, status: MessageStatus, events: [EventType]) async throws {
        try await withDatabase { pool in
            let world = try await World(pool)
            let tenant = try await Self.tests(pool)
            let message = try Self.message(world, tenant, to: [email])
            try await world.accept([message])
            #expect(try await world.count("ready") == 0)
            #expect(try await Self.answers(pool).answer() == 1)
            #expect(try await Self.answers(pool).answer() == 0)
            let view = try await world.view(message)
            #expect(view.isTest && view.waiting == nil)
            #expect(view.recipients.map(\.status) == [status] && view.recipients.map(\.attempts) == [1])
            #expect(view.recipients.first?.sesMessageID?.hasPrefix("test-") == true)
            #expect(try await world.events(message) == [.queued] + events)
            let entries = try await Self.feed(pool, tenant.id)
            #expect(entries.map(\.type) == ([.queued] + events).map(\.rawValue))
            #expect(entries.allSatisfy { $0.data.contains(#""test": true"#) })
            #expect(try await Self.feed(pool, tenant.ownerID).isEmpty)
            for table in [
                "ready", "deferred", "claim", "send_log", "suppression", "suppression_mirror", "loan",
                "reputation_note",
            ] {
                #expect(try await world.count(table) == 0, "\(table)")
            }
        }
    }

    @Test("Nothing of tests is seen from the live side, nor the other way round")
    func apart() async throws {
        try await withDatabase { pool in
            let world = try await World(pool)
            let tenant = try await Self.tests(pool)
            let (test, live) = (try Self.message(world, tenant), try world.message())
            try await world.accept([test, live])
            let reader = MessageReader(pool: pool)
            #expect(try await reader.message(test.id, tenantID: tenant.ownerID) == nil)
            #expect(try await reader.message(live.id, tenantID: tenant.id) == nil)
            #expect(try await reader.message(live.id, tenantID: tenant.ownerID)?.isTest == false)
            #expect(try await reader.events(test.id, tenantID: tenant.ownerID) == nil)
            #expect(try await Cancellation(pool: pool).cancel(test.id, tenantID: tenant.ownerID) == nil)
            _ = try await Self.answers(pool).answer()
            #expect(try await world.statuses(live) == [.queued])
            #expect(try await world.statuses(test) == [.delivered])
            #expect(try await Self.feed(pool, tenant.ownerID).map(\.type) == ["email.queued"])
            #expect(try await !Self.feed(pool, tenant.ownerID)[0].data.contains("test"))
        }
    }

    @Test("Neither promotion nor the figures of queues know of tests, and the sweep of expired mail does")
    func neverPromoted() async throws {
        try await withDatabase { pool in
            let world = try await World(pool)
            let tenant = try await Self.tests(pool)
            let now = try Self.message(world, tenant, to: ["a@b.example", "b@b.example"], split: false)
            let late = try Self.message(world, tenant, expiresAt: Date(timeIntervalSinceNow: -60))
            try await world.accept([now, late])
            #expect(try await Promoter(pool: pool).promote().queues.isEmpty)
            #expect(try await world.count("ready") == 0)
            #expect(try await world.count("deferred") == 2)
            #expect(try await QueueReader(pool: pool).depths().isEmpty)
            #expect(QueueSign.of([now, late]).isEmpty)
            #expect(try await Self.answers(pool).answer() == 2)
            #expect(try await world.statuses(now) == [.delivered, .delivered])
            #expect(try await world.statuses(late) == [.queued])
            _ = try await ExpirySweep(pool: pool).sweep()
            #expect(try await world.statuses(late) == [.expired])
            #expect(try await Self.answers(pool).answer() == 0)
        }
    }

    @Test("What is scheduled waits, and can be cancelled")
    func scheduled() async throws {
        try await withDatabase { pool in
            let world = try await World(pool)
            let tenant = try await Self.tests(pool)
            let message = try Self.message(world, tenant, scheduledAt: Date(timeIntervalSinceNow: 3600))
            let other = try Self.message(world, tenant, scheduledAt: Date(timeIntervalSinceNow: 3600))
            try await world.accept([message, other])
            #expect(try await Self.answers(pool).answer() == 0)
            #expect(try await world.statuses(message) == [.scheduled])
            #expect(try await world.view(message).waiting?.blocker == .schedule)
            let answer = try await Cancellation(pool: pool).cancel(message.id, tenantID: tenant.id)
            #expect(answer == Cancellation.Answer(canceled: 1, tooLate: 0))
            _ = try await pool.query("UPDATE deferred SET due_at = now()")
            #expect(try await Self.answers(pool).answer() == 1)
            #expect(try await world.statuses(message) == [.canceled])
            #expect(try await world.statuses(other) == [.delivered])
            // An account does not go while something waits in a lane that would go with it.
            let third = try Self.message(world, tenant, scheduledAt: Date(timeIntervalSinceNow: 3600))
            try await world.accept([third])
            await #expect(throws: DirectoryError.self) {
                _ = try await DirectoryStore(pool: pool, settling: .milliseconds(20)).apply(
                    DirectoryDocument(accounts: [], tenants: []),
                    prune: true,
                    actor: "test"
                )
            }
        }
    }

    @Test("A broadcast is answered, a part at a time, by nodes beside each other")
    func broadcast() async throws {
        try await withDatabase { pool in
            let world = try await World(pool)
            let tenant = try await Self.tests(pool)
            var message = try Self.message(world, tenant)
            message.recipients = []
            var left = (0..<120).map { BroadcastRecipient(email: "r\($0)@b.example", data: nil) }
            let status = try await BroadcastWriter(pool: pool, logger: Logger(label: "test"))
                .accept(message, count: left.count) {
                    defer { left = [] }
                    return left
                }
            #expect(status == .queued)
            #expect(try await world.count("ready") == 0)
            #expect(try await world.count("deferred") == 120)
            let answers = Self.answers(pool)
            var answered = 0
            while answered < 120 {
                async let one = answers.answer()
                async let two = answers.answer()
                let both = try await one + two
                guard both > 0 else { break }
                answered += both
            }
            #expect(answered == 120)
            #expect(try await world.view(message).summary.counts == [.delivered: 120])
        }
    }

    @Test("Suppressions of tests are their own, and never go to SES's list")
    func suppressions() async throws {
        try await withDatabase { pool in
            let world = try await World(pool)
            _ = try await pool.query("UPDATE account SET mirror_suppressions = true")
            let tenant = try await Self.tests(pool)
            let store = SuppressionStore(pool: pool)
            let email = try EmailAddress(parsing: "a@b.example")
            _ = try await store.add(email, reason: .manual, detail: nil, tenantID: tenant.id, actor: "test")
            let (test, live) = (try Self.message(world, tenant), try world.message())
            try await world.accept([test, live])
            #expect(try await world.statuses(test) == [.suppressed])
            #expect(try await world.statuses(live) == [.queued])
            #expect(try await store.remove(email, tenantID: tenant.id, actor: "test"))
            #expect(try await world.count("suppression_mirror") == 0)
        }
    }
}
