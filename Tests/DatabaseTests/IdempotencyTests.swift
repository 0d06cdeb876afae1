import Foundation
import Logging
import Mail
import Postgres
import ServiceLifecycle
import Testing

@testable import Outbox

/// A request with a key is accepted once, whoever repeats it, where and when.
@Suite(.timeLimit(.minutes(5))) struct IdempotencyTests {
    @Test("The same request again gets the same answer, another one none")
    func replay() async throws {
        try await withDatabase { pool in
            let world = try await World(pool)
            try await Self.withWriters(1, pool) { writers in
                let first = try await writers[0].accept(Self.request(world, "k", body: "a"))
                #expect(!first.isReplay)
                let again = try await writers[0].accept(Self.request(world, "k", body: "a"))
                #expect(again.isReplay)
                #expect(again.answer == first.answer)
                let other = await #expect(throws: AcceptError.self) {
                    try await writers[0].accept(Self.request(world, "k", body: "b"))
                }
                #expect(other?.code == .keyReused)
                let path = await #expect(throws: AcceptError.self) {
                    try await writers[0].accept(Self.request(world, "k", body: "a", path: "POST /send/batch"))
                }
                #expect(path?.code == .keyReused)
                // Another tenant's key is another key.
                let stranger = try await writers[0].accept(Self.request(world, "k", body: "a", tenant: "standard"))
                #expect(!stranger.isReplay)
            }
            #expect(try await world.count("message") == 2)
            #expect(try await world.count("idempotency") == 2)
        }
    }

    @Test("Nodes that get the same request at once accept it once")
    func race() async throws {
        try await withDatabase { pool in
            let world = try await World(pool)
            try await Self.withWriters(3, pool) { writers in
                for round in 0..<20 {
                    let results = try await Self.all(
                        try (0..<9).map { index in
                            (writers[index % 3], try Self.request(world, "k\(round)", body: "a"))
                        }
                    )
                    let answers = results.compactMap { try? $0.get() }
                    #expect(answers.count { !$0.isReplay } == 1)
                    #expect(Set(answers.map(\.answer)).count == 1)
                    for case .failure(let error) in results { #expect(error.code == .keyInUse) }
                }
            }
            #expect(try await world.count("message") == 20)
            #expect(try await world.count("idempotency") == 20)
        }
    }

    @Test("Flushes with the same keys in opposite order neither wait for each other nor fail a stranger's request")
    func oppositeOrder() async throws {
        try await withDatabase { pool in
            let world = try await World(pool)
            var accepted = 0
            try await Self.withWriters(2, pool) { writers in
                for round in 0..<20 {
                    let keys = (0..<50).map { "r\(round)-\($0)" }
                    var requests: [(AcceptWriter, Submission)] = []
                    for (first, second) in zip(keys, keys.reversed()) {
                        requests.append((writers[0], try Self.request(world, first, body: first)))
                        requests.append((writers[1], try Self.request(world, second, body: second)))
                        requests.append((writers[1], try Self.request(world, nil, body: "", tenant: "standard")))
                    }
                    let results = try await Self.all(requests)
                    for (request, result) in zip(requests, results) {
                        switch result {
                        case .success(let receipt): if !receipt.isReplay { accepted += 1 }
                        case .failure(let error):
                            #expect(error.code == .keyInUse)
                            #expect(request.1.key != nil)
                        }
                    }
                }
            }
            #expect(accepted == 20 * 100)
            #expect(try await world.count("message") == accepted)
        }
    }

    @Test("A key whose request is still running answers at once that it is, and fails nobody beside it")
    func stillRunning() async throws {
        try await withDatabase { pool in
            let world = try await World(pool)
            let request = try Self.request(world, "busy", body: "a")
            let key = try #require(request.key)
            try await Self.withWriters(1, pool) { writers in
                try await pool.withTransaction { connection in
                    // What another node's flush does before its commit.
                    try await connection.query(IdempotencyStatement.lock([key]))
                    try await connection.query(IdempotencyStatement.keep([(request.tenantID, key, "theirs")]))
                    let results = try await Self.all([
                        (writers[0], request), (writers[0], try Self.request(world, "free", body: "a")),
                        (writers[0], try Self.request(world, nil, body: "a")),
                    ])
                    #expect(throws: AcceptError.self) { try results[0].get() }
                    // Were it told that it is refused, its sender would send it with another key.
                    let refused = await #expect(throws: AcceptError.self) {
                        try await writers[0].receipt(for: key, tenantID: request.tenantID)
                    }
                    #expect(refused?.code == .keyInUse)
                    #expect(try results[1].get().isReplay == false)
                    #expect(try results[2].get().isReplay == false)
                }
                let later = try await writers[0].accept(request)
                #expect(later.isReplay)
                #expect(later.answer == "theirs")
            }
            #expect(try await world.count("message") == 2)
        }
    }

    @Test("A request that went down with its node can be repeated")
    func rolledBack() async throws {
        try await withDatabase { pool in
            let world = try await World(pool)
            let request = try Self.request(world, "k", body: "a")
            let key = try #require(request.key)
            struct Crash: Error {}
            await #expect(throws: Crash.self) {
                try await pool.withTransaction { connection in
                    try await connection.query(IdempotencyStatement.lock([key]))
                    try await connection.query(IdempotencyStatement.keep([(request.tenantID, key, "lost")]))
                    throw Crash()
                }
            }
            try await Self.withWriters(1, pool) { writers in
                let receipt = try await writers[0].accept(request)
                #expect(!receipt.isReplay)
            }
            #expect(try await world.count("message") == 1)
        }
    }

    @Test("A key is known across midnight, and forgotten after a day")
    func midnight() async throws {
        try await withDatabase { pool in
            let world = try await World(pool)
            try await Self.withWriters(1, pool) { writers in
                _ = try await writers[0].accept(Self.request(world, "k", body: "a"))
                try await pool.query(
                    "UPDATE idempotency SET created_at = date_trunc('day', now(), 'UTC') - interval '1 ms'"
                )
                let isYesterday = try await pool.query(
                    """
                    SELECT tableoid::regclass::text
                        = 'idempotency' || to_char((now() AT TIME ZONE 'UTC')::date - 1, '_YYYYMMDD') FROM idempotency
                    """
                ).decode(Bool.self)
                #expect(isYesterday == [true])
                #expect(try await writers[0].accept(Self.request(world, "k", body: "a")).isReplay)
                try await pool.query("DELETE FROM idempotency")
                try await pool.query(
                    """
                    SELECT make_partitions((now() AT TIME ZONE 'UTC')::date - n) FROM generate_series(1, 2) AS n
                    """
                )
                _ = try await writers[0].accept(Self.request(world, "k", body: "a"))
                try await pool.query("UPDATE idempotency SET created_at = now() - interval '24 hours 1 second'")
                #expect(try await writers[0].accept(Self.request(world, "k", body: "b")).isReplay == false)
            }
        }
    }

    @Test("A key is known when the clock was set back")
    func clockSetBack() async throws {
        try await withDatabase { pool in
            let world = try await World(pool)
            try await Self.withWriters(1, pool) { writers in
                _ = try await writers[0].accept(Self.request(world, "k", body: "a"))
                try await pool.query("UPDATE idempotency SET created_at = now() + interval '23 hours'")
                #expect(try await writers[0].accept(Self.request(world, "k", body: "a")).isReplay)
            }
        }
    }

    @Test("A server that lost its prepared statements refuses no request")
    func lostStatements() async throws {
        try await withDatabase { pool in
            let world = try await World(pool)
            try await Self.withWriters(1, pool) { writers in
                _ = try await writers[0].accept(Self.request(world, "k", body: "a"))
                try await pool.withConnection { try await $0.execute("DEALLOCATE ALL") }
                #expect(try await writers[0].accept(Self.request(world, "k", body: "a")).isReplay)
            }
        }
    }

    @Test("A request that is refused now is answered for when it was right before")
    func receipt() async throws {
        try await withDatabase { pool in
            let world = try await World(pool)
            try await Self.withWriters(1, pool) { writers in
                let request = try Self.request(world, "k", body: "a")
                let key = try #require(request.key)
                #expect(try await writers[0].receipt(for: key, tenantID: request.tenantID) == nil)
                let first = try await writers[0].accept(request)
                let found = try await writers[0].receipt(for: key, tenantID: request.tenantID)
                #expect(found?.answer == first.answer)
                #expect(found?.isReplay == true)
                let other = try #require(try Self.request(world, "k", body: "b").key)
                await #expect(throws: AcceptError.self) {
                    try await writers[0].receipt(for: other, tenantID: request.tenantID)
                }
            }
        }
    }

    @Test("More keys at once than one transaction takes")
    func manyKeys() async throws {
        try await withDatabase { pool in
            let world = try await World(pool)
            let requests = try (0..<450).map { try Self.request(world, "k\($0)", body: "\($0)") }
            try await Self.withWriters(1, pool) { writers in
                let results = try await Self.all(requests.map { (writers[0], $0) })
                #expect(results.allSatisfy { (try? $0.get().isReplay) == false })
            }
            #expect(try await world.count("idempotency") == 450)
        }
    }

    @Test("A look-up reads one entry of each of three partitions")
    func plan() async throws {
        try await withDatabase { pool in
            let world = try await World(pool)
            let key = try #require(try Self.request(world, "k", body: "a").key)
            try await pool.withConnection { connection in
                let find = IdempotencyStatement.find([(1, key)])
                let plan = try await connection.query("EXPLAIN (COSTS OFF) \(find)", prepared: false)
                    .decode(String.self).joined(separator: "\n")
                #expect(plan.contains("Subplans Removed"))
                #expect((1...3).contains(plan.components(separatedBy: "Index Scan").count - 1))
                #expect(!plan.contains("Seq Scan"))
            }
        }
    }

    /// A request of one message.
    static func request(
        _ world: World,
        _ key: String?,
        body: String,
        path: String = "POST /send",
        tenant: String = "apa"
    ) throws -> Submission {
        let message = try world.message(tenant: tenant)
        return Submission(
            tenantID: message.tenantID,
            messages: [message],
            isAtomic: true,
            key: key.map { IdempotencyKey($0, tenantID: message.tenantID, request: path, body: Array(body.utf8)) }
        ) { statuses in
            "\(message.id) \(statuses.first?.status?.rawValue ?? "refused")"
        }
    }

    /// Runs writers, each as a node of its own.
    static func withWriters(
        _ count: Int,
        _ pool: PostgresPool,
        _ body: ([AcceptWriter]) async throws -> Void
    ) async throws {
        let writers = (0..<count).map { _ in
            AcceptWriter(pool: pool, logger: Logger(label: "test") { _ in SwiftLogNoOpLogHandler() })
        }
        try await withThrowingTaskGroup { group in
            for writer in writers { group.addTask { try await writer.run() } }
            try await body(writers)
            group.cancelAll()
        }
    }

    /// All at once; the results in the order of the requests.
    static func all(_ requests: [(AcceptWriter, Submission)]) async throws -> [Result<Receipt, AcceptError>] {
        try await withThrowingTaskGroup(of: (Int, Result<Receipt, AcceptError>).self) { group in
            for (index, request) in requests.enumerated() {
                group.addTask {
                    do throws(AcceptError) {
                        return (index, .success(try await request.0.accept(request.1)))
                    } catch {
                        return (index, .failure(error))
                    }
                }
            }
            return try await group.reduce(into: []) { $0.append($1) }.sorted { $0.0 < $1.0 }.map(\.1)
        }
    }
}
