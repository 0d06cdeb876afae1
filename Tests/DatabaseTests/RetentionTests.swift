import Directory
import Foundation
import Logging
import Mail
import Postgres
import Testing

@testable import Outbox

@Suite("Retention")
struct RetentionTests {
    private static let day = Duration.seconds(86_400)

    @Test("Days are dropped by their kind, bodies first; what is young stays")
    func drops() async throws {
        try await withDatabase { pool, configuration in
            let world = try await World(pool)
            for age in [100, 8, 0] {
                let message = try await world.old(age)
                let call = try #require(try await world.claim(message.laneID, 1).first)
                try await world.settle([Outcome(call: call, result: .sent(sesMessageID: "ses-\(age)"))])
            }
            let dropper = dropper(configuration)
            let pass = try await dropper.drop()
            #expect(!pass.isInterrupted && pass.kept.isEmpty)
            #expect(try await world.count("body") == 1)
            #expect(try await world.count("message") == 2)
            #expect(try await world.count("outbox") == 2)
            #expect(try await world.count("event") == 2)
            #expect(pass.dropped.count { $0.hasPrefix("body_") } == 2)
            #expect(Set(pass.dropped.filter { !$0.hasPrefix("body_") }.map { $0.prefix { $0 != "2" } }).count == 9)
            #expect(try await dropper.drop().dropped.isEmpty)
            #expect(try await PartitionKeeper.makeAhead(pool) == 0)
        }
    }

    @Test("A day with mail that waits, is claimed or has an unknown outcome stays, and its bodies move on")
    func waiting() async throws {
        try await withDatabase { pool, configuration in
            let world = try await World(pool)
            let (claimed, unknown) = (try await world.old(100), try await world.old(101))
            // The older one is first.
            let lost = try #require(try await world.claim(claimed.laneID, 1).first)
            let open = try #require(try await world.claim(claimed.laneID, 1).first)
            #expect(lost.entry.message == unknown.id && open.entry.message == claimed.id)
            try await world.settle([Outcome(call: lost, result: .unknown(grace: .seconds(999), detail: "lost"))])
            let queued = try await world.old(102)
            let dropper = dropper(configuration)
            let pass = try await dropper.drop()
            #expect(pass.kept.count == 3 * 4, "message, outbox, ses_id and event of three days")
            #expect(try await world.count("message") == 3)
            #expect(try await world.count("body") == 0)
            #expect(try await world.count("body_kept") == 3)
            let ids = [claimed.id, unknown.id, queued.id]
            #expect(try await world.claimer().contents(of: ids).known.count == 3)

            // Once it has been sent it goes with its day.
            let call = try #require(try await world.claim(queued.laneID, 1).first)
            try await world.settle([
                Outcome(call: call, result: .sent(sesMessageID: "a")),
                Outcome(call: open, result: .sent(sesMessageID: "b")),
            ])
            let second = try await dropper.drop()
            #expect(second.kept.count == 4)
            #expect(try await world.count("message") == 1)
            #expect(try await world.count("body_kept") == 1)
        }
    }

    @Test("Moved bodies go in one pass however many they are, but for those whose mail waits")
    func tidies() async throws {
        try await withDatabase { pool, configuration in
            let world = try await World(pool)
            let waiting = try await world.old(100)
            let dropper = dropper(configuration)
            _ = try await dropper.drop()
            #expect(try await world.count("body_kept") == 1)
            _ = try await pool.query(
                """
                INSERT INTO body_kept (id, kind, content)
                SELECT new_id(), kind, content FROM body_kept CROSS JOIN generate_series(1, 2500)
                """
            )
            let pass = try await dropper.drop()
            #expect(!pass.hasMore)
            #expect(try await world.count("body_kept") == 1)
            #expect(try await world.claimer().contents(of: [waiting.id]).known.count == 1)
        }
    }

    @Test("A pass that was interrupted is taken up where it was; a table in use is left for the next")
    func interrupted() async throws {
        try await withDatabase { pool, configuration in
            let world = try await World(pool)
            for age in [100, 101, 102] {
                let message = try await world.old(age)
                _ = try await Cancellation(pool: pool).cancel(message.id, tenantID: message.tenantID)
            }
            let leaf = try await world.leaf("body", 101)
            _ = try await pool.query("ALTER TABLE body DETACH PARTITION \(raw: leaf) CONCURRENTLY")
            let dropper = dropper(configuration)
            let used = try await world.leaf("body", 100)
            try await pool.withTransaction { reader in
                _ = try await reader.query("SELECT count(*) FROM body")
                let pass = try await dropper.drop()
                #expect(pass.isInterrupted)
                #expect(pass.dropped.contains(leaf), "detached before")
                #expect(!pass.dropped.contains(used))
                // Reading and accepting go on beside a detaching that waits.
                #expect(try await pool.query("SELECT count(*) FROM message").decode(Int.self).first != nil)
                _ = try await world.accept([try world.message()])
            }
            let pass = try await dropper.drop()
            #expect(!pass.isInterrupted)
            #expect(pass.dropped.contains(used), "its detaching was ended")
            #expect(try await world.count("body") == 1)
        }
    }

    @Test("Two nodes do not drop at once")
    func alone() async throws {
        try await withDatabase { pool, configuration in
            let world = try await World(pool)
            let message = try await world.old(100)
            _ = try await Cancellation(pool: pool).cancel(message.id, tenantID: message.tenantID)
            let dropper = dropper(configuration)
            let passes = try await withThrowingTaskGroup(of: PartitionDropper.Pass.self) { group in
                for _ in 0..<4 { group.addTask { try await dropper.drop() } }
                return try await group.reduce(into: []) { $0.append($1) }
            }
            let dropped = passes.flatMap(\.dropped)
            #expect(Set(dropped).count == dropped.count && !passes.contains(where: \.isInterrupted))
            #expect(try await world.count("message") == 0)
        }
    }

    @Test("The feed's first place that is kept follows what was dropped")
    func feed() async throws {
        try await withDatabase { pool, configuration in
            let world = try await World(pool)
            let tenant = try world.message().tenantID
            _ = try await pool.query("SELECT make_partitions((now() AT TIME ZONE 'UTC')::date - 100)")
            _ = try await pool.query(
                """
                INSERT INTO feed SELECT \(tenant), n, now() - CASE WHEN n < 6 THEN interval '100 days' ELSE '0' END, new_id(), 'x'
                FROM generate_series(1, 9) AS n
                """
            )
            _ = try await pool.query("INSERT INTO feed_head VALUES (\(tenant), 9, now())")
            _ = try await pool.query(
                """
                INSERT INTO feed_day VALUES (\(tenant), (now() AT TIME ZONE 'UTC')::date - 100, 1),
                                            (\(tenant), (now() AT TIME ZONE 'UTC')::date, 6)
                """
            )
            let reader = FeedReader(pool: pool)
            #expect(try await reader.oldest(tenantID: tenant) == 1)
            _ = try await dropper(configuration).drop()
            #expect(try await reader.oldest(tenantID: tenant) == 6)
            #expect(try await world.count("feed") == 4)
            #expect(try await reader.position(tenantID: tenant, after: 3).at == Date(timeIntervalSince1970: 0))
            #expect(try await reader.position(tenantID: tenant, after: 5).at != Date(timeIntervalSince1970: 0))
            #expect(try await reader.oldest(tenantID: 999) == nil)
        }
    }

    private func dropper(_ configuration: PostgresConfiguration) -> PartitionDropper {
        var logger = Logger(label: "test")
        logger.logLevel = .critical
        return PartitionDropper(postgres: configuration, retention: Retention(), logger: logger)
    }
}

extension World {
    /// Accepts a message that is so many days old.
    func old(_ days: Int) async throws -> NewMessage {
        _ = try await pool.query("SELECT make_partitions((now() AT TIME ZONE 'UTC')::date - \(Int32(days)))")
        var message = try message()
        let time = Int64((Date().timeIntervalSince1970 - Double(days) * 86_400) * 1000)
        var random = SystemRandomNumberGenerator()
        var ids = MessageIDGenerator()
        message.id = ids.next(milliseconds: time, using: &random)
        try await accept([message])
        return message
    }

    /// The name of the day partition of so many days ago.
    func leaf(_ parent: String, _ days: Int) async throws -> String {
        try await value("SELECT \(parent) || to_char((now() AT TIME ZONE 'UTC')::date - \(Int32(days)), '_YYYYMMDD')")
    }
}
