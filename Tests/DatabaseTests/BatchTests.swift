import Mail
import Postgres
import Testing

@testable import Outbox

/// Several messages of one request: one commit, and nobody fails for another's.
@Suite(.timeLimit(.minutes(5))) struct BatchTests {
    @Test("A batch is one transaction")
    func oneCommit() async throws {
        try await withDatabase { pool in
            let world = try await World(pool)
            let batch = try Self.batch(world, (0..<500).map { _ in try world.message() })
            try await IdempotencyTests.withWriters(1, pool) { writers in
                let answer = try await writers[0].accept(batch).answer
                #expect(answer == Array(repeating: "queued", count: 500).joined(separator: " "))
            }
            let transactions = try await pool.query("SELECT count(DISTINCT xmin::text) FROM message").decode(Int.self)
            #expect(transactions == [1])
        }
    }

    @Test("A poisoned item fails alone, with a key and without", arguments: [nil, "k"])
    func poison(key: String?) async throws {
        try await withDatabase { pool in
            let world = try await World(pool)
            var messages = try (0..<20).map { _ in try world.message(recipients: ["a@b.example", "c@b.example"]) }
            for index in [0, 7, 8, 19] { messages[index].tags = "not json" }
            let batch = try Self.batch(world, messages, key: key)
            let stranger = try IdempotencyTests.request(world, "s", body: "s", tenant: "standard")
            try await IdempotencyTests.withWriters(1, pool) { writers in
                let results = try await IdempotencyTests.all([(writers[0], stranger), (writers[0], batch)])
                #expect(try results[0].get().isReplay == false)
                let statuses = try results[1].get().answer.split(separator: " ")
                #expect(statuses.indices.filter { statuses[$0] == "refused" } == [0, 7, 8, 19])
                guard key != nil else { return }
                let again = try await writers[0].accept(batch)
                #expect(again.isReplay)
                #expect(try again.answer == results[1].get().answer)
            }
            #expect(try await world.count("message") == 17)
            #expect(try await world.count("ready") == 33)
            let own = try await pool.query(
                "SELECT count(DISTINCT xmin::text) FROM message WHERE tenant_id = \(batch.tenantID)"
            )
            // Savepoints have numbers of their own, but one commit.
            #expect(try own.decode(Int.self).first ?? 0 >= 1)
        }
    }

    @Test("A poisoned item fails an atomic batch, and that alone")
    func atomic() async throws {
        try await withDatabase { pool in
            let world = try await World(pool)
            var messages = try (0..<5).map { _ in try world.message() }
            messages[3].tags = "not json"
            let batch = try Self.batch(world, messages, isAtomic: true, key: "k")
            let stranger = try IdempotencyTests.request(world, nil, body: "", tenant: "standard")
            try await IdempotencyTests.withWriters(1, pool) { writers in
                let results = try await IdempotencyTests.all([(writers[0], batch), (writers[0], stranger)])
                let error = #expect(throws: AcceptError.self) { try results[0].get() }
                #expect(error?.code == .refused)
                #expect(throws: Never.self) { try results[1].get() }
            }
            #expect(try await world.count("message") == 1)
            // What was refused is not kept: the tenant may try again.
            #expect(try await world.count("idempotency") == 0)
        }
    }

    @Test("A batch of which nothing is left to accept is answered for under its key")
    func empty() async throws {
        try await withDatabase { pool in
            let world = try await World(pool)
            let batch = try Self.batch(world, [], key: "k")
            try await IdempotencyTests.withWriters(1, pool) { writers in
                let first = try await writers[0].accept(batch)
                let second = try await writers[0].accept(batch)
                #expect([first.isReplay, second.isReplay] == [false, true])
            }
            #expect(try await world.count("message") == 0)
        }
    }

    @Test("Suppressed recipients are found in batches, with keys and without", arguments: [nil, "k"])
    func suppressed(key: String?) async throws {
        try await withDatabase { pool in
            let world = try await World(pool)
            let tenant = try world.message().tenantID
            try await pool.query(
                "INSERT INTO suppression (tenant_id, email, reason) VALUES (\(tenant), 'gone@b.example', 'manual')"
            )
            let messages = [
                try world.message(), try world.message(recipients: ["Gone@b.example"]),
                try world.message(recipients: ["gone@b.example", "a@b.example"]),
            ]
            try await IdempotencyTests.withWriters(1, pool) { writers in
                let answer = try await writers[0].accept(Self.batch(world, messages, key: key)).answer
                #expect(answer == "queued suppressed queued")
            }
            #expect(try await world.count("ready") == 2)
        }
    }

    @Test("A missing partition is an outage and nobody's bad data")
    func missingPartition() async throws {
        try await withDatabase { pool in
            let world = try await World(pool)
            let message = try world.message()
            for row in try await pool.query(
                """
                SELECT inhrelid::regclass::text FROM pg_inherits
                WHERE inhparent = 'body'::regclass
                """
            ).decode(String.self) {
                try await pool.query("DROP TABLE \(identifier: row)")
            }
            try await IdempotencyTests.withWriters(1, pool) { writers in
                let error = await #expect(throws: AcceptError.self) { try await writers[0].accept(message) }
                #expect(error?.code == .unavailable)
            }
        }
    }

    static func batch(
        _ world: World,
        _ messages: [NewMessage],
        isAtomic: Bool = false,
        key: String? = nil
    ) throws -> Submission {
        let tenant = try world.message().tenantID
        return Submission(
            tenantID: tenant,
            messages: messages,
            isAtomic: isAtomic,
            key: key.map { IdempotencyKey($0, tenantID: tenant, request: "POST /send/batch", body: []) }
        ) { statuses in
            statuses.map { $0.status?.rawValue ?? "refused" }.joined(separator: " ")
        }
    }
}
