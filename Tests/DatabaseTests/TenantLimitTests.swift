import Foundation
import Logging
import Mail
import Outbox
import Postgres
import Testing

@testable import Directory

/// Limits of tenants, counted in the database.
@Suite(.timeLimit(.minutes(5))) struct TenantLimitTests {
    private static let silent = Logger(label: "test") { _ in SwiftLogNoOpLogHandler() }

    private static func submission(
        _ messages: [NewMessage],
        _ limits: AcceptLimits,
        isAtomic: Bool = true,
        key: String? = nil
    ) -> Submission {
        let tenant = messages.first?.tenantID ?? 0
        return Submission(
            tenantID: tenant,
            messages: messages,
            isAtomic: isAtomic,
            key: key.map { IdempotencyKey($0, tenantID: tenant, request: "POST /send", body: []) },
            limits: limits
        ) { verdicts in
            verdicts.map { verdict in
                switch verdict {
                case .accepted(let status): status.rawValue
                case .refused: "refused"
                case .overLimit(let refusal): refusal.limit == .daily ? "daily" : "full"
                }
            }.joined(separator: " ")
        }
    }

    private static func counter(
        _ pool: PostgresPool,
        _ limits: @escaping @Sendable () -> [Int32: AcceptLimits]?
    ) -> WaitingCount {
        WaitingCount(pool: pool, limits: limits, logger: silent)
    }

    private static func refusal(_ writer: AcceptWriter, _ submission: Submission) async -> LimitRefusal? {
        do throws(AcceptError) {
            _ = try await writer.accept(submission)
            return nil
        } catch {
            #expect(error.code == .overLimit)
            return error.limit
        }
    }

    @Test("A queue takes what its limit says, whichever node is asked, and goes on when mail has left")
    func queue() async throws {
        try await withDatabase { pool in
            let world = try await World(pool)
            let tenant = try world.message().tenantID
            let limits = AcceptLimits(queued: 10)
            let counter = Self.counter(pool) { [tenant: limits] }
            var compared: [Int32: Int]?
            try await counter.turn(&compared)
            try await IdempotencyTests.withWriters(2, pool) { writers in
                for number in 0..<10 {
                    let answer = try await writers[number % 2].accept(Self.submission([try world.message()], limits))
                    #expect(answer.answer == "queued")
                    if number == 4 { try await counter.turn(&compared) }
                }
                for writer in writers {
                    let refusal = await Self.refusal(writer, Self.submission([try world.message()], limits))
                    #expect(refusal == LimitRefusal(limit: .queued, most: 10, retryAfter: 5))
                }
                // Another tenant, in whatever flush, is none the worse.
                let stranger = try IdempotencyTests.request(world, nil, body: "", tenant: "standard")
                let own = Self.submission([try world.message()], limits)
                let results = try await IdempotencyTests.all([(writers[0], own), (writers[0], stranger)])
                #expect(throws: AcceptError.self) { try results[0].get() }
                #expect(throws: Never.self) { try results[1].get() }

                try await counter.turn(&compared)
                #expect(try await world.count("accept_count") == 0)
                #expect(await Self.refusal(writers[0], own) != nil)
                // Three have been sent. It is noticed with the next count.
                try await pool.query(
                    """
                    DELETE FROM ready WHERE id IN (
                        SELECT ready.id FROM ready JOIN outbox ON outbox.id = ready.id
                        WHERE outbox.tenant_id = \(tenant) LIMIT 3)
                    """
                )
                try await pool.query("UPDATE tenant_queue SET due_at = now()")
                try await counter.turn(&compared)
                for _ in 0..<3 { _ = try await writers[0].accept(Self.submission([try world.message()], limits)) }
                #expect(await Self.refusal(writers[1], Self.submission([try world.message()], limits)) != nil)
            }
        }
    }

    @Test("The messages of a batch are judged one by one, unless it is atomic")
    func batches() async throws {
        try await withDatabase { pool in
            let world = try await World(pool)
            let limits = AcceptLimits(queued: 4)
            try await IdempotencyTests.withWriters(1, pool) { writers in
                let three = try world.message(recipients: ["a@b.example", "b@b.example", "c@b.example"])
                let messages = [try world.message(), three, try world.message(), try world.message()]
                let batch = Self.submission(messages, limits, isAtomic: false)
                #expect(try await writers[0].accept(batch).answer == "queued queued full full")
                let atomic = Self.submission([try world.message()], limits)
                #expect(await Self.refusal(writers[0], atomic)?.limit == .queued)
            }
            #expect(try await world.count("message") == 2)
            #expect(try await world.count("ready") == 4)
        }
    }

    @Test("A refusal for a limit is not kept under the key; what was let through in part is")
    func keys() async throws {
        try await withDatabase { pool in
            let world = try await World(pool)
            let message = try world.message()
            try await IdempotencyTests.withWriters(1, pool) { writers in
                let first = Self.submission([try world.message()], AcceptLimits(queued: 1))
                _ = try await writers[0].accept(first)
                let refused = Self.submission([message], AcceptLimits(queued: 1), isAtomic: false, key: "k")
                #expect(try await writers[0].accept(refused).answer == "full")
                #expect(try await world.count("idempotency") == 0)
                let again = Self.submission([message], AcceptLimits(queued: 2), isAtomic: false, key: "k")
                let receipt = try await writers[0].accept(again)
                #expect(receipt.answer == "queued" && !receipt.isReplay)
                // A repetition is answered whatever the limit is by then.
                let replay = try await writers[0].accept(refused)
                #expect(replay.answer == "queued" && replay.isReplay)
            }
        }
    }

    @Test("A day has its recipients, and says when there is room")
    func day() async throws {
        try await withDatabase { pool in
            let world = try await World(pool)
            let tenant = try world.message().tenantID
            let limits = AcceptLimits(daily: 3)
            let counter = Self.counter(pool) { [tenant: limits] }
            var compared: [Int32: Int]?
            try await pool.query(
                "INSERT INTO suppression (tenant_id, email, reason) VALUES (\(tenant), 'gone@b.example', 'manual')"
            )
            try await IdempotencyTests.withWriters(1, pool) { writers in
                for _ in 0..<5 {
                    let gone = Self.submission([try world.message(recipients: ["gone@b.example"])], limits)
                    #expect(try await writers[0].accept(gone).answer == "suppressed")
                }
                for _ in 0..<3 { _ = try await writers[0].accept(Self.submission([try world.message()], limits)) }
                let own = Self.submission([try world.message()], limits)
                #expect(await Self.refusal(writers[0], own)?.retryAfter == 86_400)
                try await counter.turn(&compared)
                let seconds = try #require(await Self.refusal(writers[0], own)).retryAfter
                #expect((86_400 - 900...86_400 + 900).contains(seconds))
                try await pool.query("UPDATE tenant_day SET slot = slot - 96")
                let soon = try #require(await Self.refusal(writers[0], own)).retryAfter
                #expect((1...900).contains(soon))
                try await pool.query("UPDATE tenant_day SET slot = slot - 1")
                #expect(try await writers[0].accept(own).answer == "queued")
            }
            // Quarters that do not count any more go when others come.
            try await pool.query("UPDATE tenant_day SET slot = slot - 10")
            try await counter.turn(&compared)
            #expect(try await world.count("tenant_day") == 1)
        }
    }

    @Test("A broadcast fits as a whole or not at all")
    func broadcast() async throws {
        try await withDatabase { pool in
            let world = try await World(pool)
            let writer = BroadcastWriter(pool: pool, logger: Self.silent)
            let frame = TemplatedContent.Frame(
                from: "Shop <shop@apa.example>",
                replyTo: [],
                headers: [],
                source: .fixed(TemplateSource(subject: "S", text: "T", html: nil))
            )
            func send(_ count: Int) async throws -> MessageStatus {
                var message = try world.message(recipients: [])
                message.content = try StoredContent(
                    TemplatedContent(frame: frame, data: .object([:]), isEach: false),
                    filledSize: 2
                )
                var rest = (0..<count).map { BroadcastRecipient(email: "r\($0)@b.example", data: nil) }
                return try await writer.accept(message, count: count, limits: AcceptLimits(queued: 100)) {
                    defer { rest = [] }
                    return rest
                }
            }
            #expect(try await send(60) == .queued)
            let error = await #expect(throws: AcceptError.self) { _ = try await send(41) }
            #expect(error?.limit?.limit == .queued)
            #expect(try await world.count("outbox") == 60)
            #expect(try await send(40) == .queued)
        }
    }

    @Test("Mail that waited before there was a limit counts, scheduled mail too, and no tenant's limit outlives it")
    func limitsComeAndGo() async throws {
        try await withDatabase { pool in
            let world = try await World(pool)
            let tenant = try world.message().tenantID
            try await world.accept([
                try world.message(), try world.message(scheduledAt: Date(timeIntervalSinceNow: 3600)),
            ])
            try await world.accept([try world.message(tenant: "standard")])
            var compared: [Int32: Int]?
            try await Self.counter(pool) { [tenant: AcceptLimits(queued: 2), 999: AcceptLimits(queued: 1)] }
                .turn(&compared)
            let rows = try await pool.query("SELECT tenant_id, waiting, counted FROM tenant_queue")
                .decode(Int32.self, Int.self, Bool.self)
            #expect(rows.count == 1)
            #expect(rows.first?.0 == tenant && rows.first?.1 == 2 && rows.first?.2 == true)
            try await IdempotencyTests.withWriters(1, pool) { writers in
                let own = Self.submission([try world.message()], AcceptLimits(queued: 2))
                #expect(await Self.refusal(writers[0], own) != nil)
            }
            try await Self.counter(pool) { [:] }.turn(&compared)
            #expect(try await world.count("tenant_queue") == 0)
        }
    }

    @Test("A count reads no more than the limit, and no queue of another")
    func counting() async throws {
        try await withDatabase { pool in
            let world = try await World(pool)
            let tenant = try world.message().tenantID
            try await pool.query(
                """
                INSERT INTO ready (lane_id, priority, id, recipients)
                SELECT lane.id, 1, gen_random_uuid(), 1 FROM lane, generate_series(1, 20000)
                WHERE lane.tenant_id = \(tenant) OR lane.id % 2 = 0
                """
            )
            try await pool.query("INSERT INTO tenant_queue (tenant_id, most) VALUES (\(tenant), 1000)")
            try await pool.query("ANALYZE ready")
            let plan = try await pool.withTransaction { connection in
                try await connection.pipeline([
                    WaitingCount.walking,
                    "EXPLAIN (ANALYZE, COSTS OFF, TIMING OFF, SUMMARY OFF) " + WaitingCount.counting(tenant),
                ])[1].decode(String.self)
            }
            let rows = plan.compactMap { line in
                line.firstMatch(of: #/on ready.*rows=(\d+)/#).flatMap { Int($0.1) }
            }
            #expect(!rows.isEmpty && rows.allSatisfy { $0 <= 1001 }, "\(plan.joined(separator: "\n"))")
            #expect(try await pool.query("SELECT waiting FROM tenant_queue").decode(Int.self) == [1001])
        }
    }

    @Test("A tenant suppresses no more addresses than it may, and goes on when some are removed")
    func suppressions() async throws {
        try await withDatabase { pool in
            let world = try await World(pool)
            let tenant = try world.message().tenantID
            let store = SuppressionStore(pool: pool, maximum: 2)
            func add(_ email: String) async throws -> Bool {
                try await store.add(
                    try EmailAddress(parsing: email),
                    reason: .manual,
                    detail: nil,
                    tenantID: tenant,
                    actor: "test"
                ).isNew
            }
            // The list's state is looked up once a minute, so it is filled from outside.
            try await pool.query(
                """
                INSERT INTO suppression (tenant_id, email, reason)
                SELECT \(tenant), email, 'manual' FROM unnest(ARRAY['a@b.example', 'b@b.example']) AS email
                """
            )
            #expect(try await !add("a@b.example"))
            let error = await #expect(throws: DirectoryError.self) { _ = try await add("c@b.example") }
            #expect(error?.code == .conflict)
            _ = try await store.remove(try EmailAddress(parsing: "a@b.example"), tenantID: tenant, actor: "test")
            #expect(try await add("c@b.example"))
        }
    }

    @Test("Gateways learn of each other what they are asked for")
    func exchange() async throws {
        try await withDatabase { pool in
            let nodes = (0..<3).map { number in
                let rates = RequestRates()
                return (
                    rates: rates,
                    exchange: RateExchange(pool: pool, rates: rates, node: "n\(number)", logger: Self.silent)
                )
            }
            var talks = nodes.map { _ in RateExchange.Talk() }
            for index in nodes.indices { try await nodes[index].exchange.round(&talks[index]) }
            // Two of three are asked for much more than the rate.
            for index in 0..<2 {
                for _ in 0..<10_000 { _ = nodes[index].rates.admit(1, rate: 90) }
            }
            for _ in 0..<2 {
                for index in nodes.indices { try await nodes[index].exchange.round(&talks[index]) }
            }
            // The third one rests, and has little left to give when it listens again: it knows that from the others alone.
            try await nodes[2].exchange.round(&talks[2], now: .now + .seconds(3))
            let first = nodes[2].rates.admit(1, rate: 90)
            #expect(first.remaining <= 30)
            let demands = try await pool.query("SELECT node FROM gateway_demand WHERE tenants = '{1}' ORDER BY node")
            #expect(try demands.decode(String.self) == ["n0", "n1"])
        }
    }
}
