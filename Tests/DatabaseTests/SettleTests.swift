import Directory
import Logging
import Mail
import Postgres
import Testing

@testable import Outbox

@Suite("Outcomes that are written late, twice, or beside a recovery")
struct SettleTests {
    private func recover(_ world: World, on connection: PostgresConnection) async throws -> Int {
        try await ClaimRecovery.recover(node: world.node, epoch: world.epoch, grace: .seconds(60), on: connection)
    }

    /// Backends of the test's database that wait for a lock.
    private func waiters(_ pool: PostgresPool) async throws -> Int {
        try await pool.query(
            "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock'"
        ).decode(Int.self).first ?? 0
    }

    @Test("An outcome that meets its claim's recovery waits for it, and corrects it")
    func recoveryFirst() async throws {
        try await withDatabase { pool in
            let world = try await World(pool)
            let (message, call) = try await world.call()
            try await withThrowingTaskGroup { group in
                try await pool.withTransaction { connection in
                    #expect(try await recover(world, on: connection) == 1)
                    group.addTask { try await world.settle([Outcome(call: call, result: .sent(sesMessageID: "s"))]) }
                    while try await waiters(pool) == 0 { try await Task.sleep(for: .milliseconds(2)) }
                }
                try await group.waitForAll()
            }
            #expect(try await world.statuses(message) == [.sent])
            #expect(try await world.view(message).recipients.map(\.sesMessageID) == ["s"])
            #expect(try await world.events(message) == [.queued, .unknown, .sent])
            #expect(try await world.count("deferred") == 0)
            #expect(try await world.count("ses_id") == 1)
        }
    }

    @Test("A recovery that meets an outcome waits for it, and finds nothing unknown")
    func outcomeFirst() async throws {
        try await withDatabase { pool in
            let world = try await World(pool)
            let (message, call) = try await world.call()
            let outcome = Outcome(call: call, result: .sent(sesMessageID: "s"))
            try await withThrowingTaskGroup { group in
                try await pool.withTransaction { connection in
                    // Another entry of the claim is still open.
                    _ = try await connection.query(SettleStatement.settle([outcome], finished: []))
                    group.addTask {
                        let recovered = try await pool.withTransaction { try await recover(world, on: $0) }
                        #expect(recovered == 0)
                    }
                    while try await waiters(pool) == 0 { try await Task.sleep(for: .milliseconds(2)) }
                }
                try await group.waitForAll()
            }
            #expect(try await world.statuses(message) == [.sent])
            #expect(try await world.events(message) == [.queued, .sent])
            #expect(try await world.count("deferred") == 0)
            #expect(try await world.count("claim") == 0)
        }
    }

    /// The commit is done, its answer is lost, and the settler tries again.
    @Test("A batch whose commit was not learned of is written once", arguments: [1, 2])
    func lostAnswer(times: Int) async throws {
        try await withDatabase { pool in
            let world = try await World(pool)
            let messages = try (0..<6).map { _ in try world.message() }
            try await world.accept(messages)
            let calls = try await world.claim(try world.lane("apa", "AT"), 6)
            let results: [Outcome.Result] = [
                .sent(sesMessageID: "s"), .returned, .retry(delay: .seconds(60), detail: "later"),
                .failed(detail: "no"),
                .unknown(grace: .seconds(60), detail: "reset"), .suppressed,
            ]
            let attempt = try attempt(of: world)
            let outcomes = zip(calls, results).map { Outcome(call: $0, result: $1, attempt: attempt) }
            for _ in 0..<times {
                _ = try await pool.query(SettleStatement.settle(outcomes, finished: [calls[0].claimID]))
            }
            try await world.settle(outcomes)
            let statuses = try await messages.asyncMap { try await world.statuses($0)[0] }
            #expect(statuses == [.sent, .queued, .queued, .failed, .unknown, .suppressed])
            let attempts = try await messages.asyncMap { try await world.view($0).recipients[0].attempts }
            #expect(attempts == [1, 0, 1, 1, 1, 0])
            #expect(try await world.count("ready") == 1)
            #expect(try await world.count("deferred") == 2)
            #expect(try await world.count("event") == 4)
            #expect(try await world.count("ses_id") == 1)
            #expect(try await world.count("send_log") == 6)
            #expect(try await world.count("send_log WHERE attempt = 1") == 6)
        }
    }

    @Test("The send log has one line for a call, however many recipients it has")
    func sendLog() async throws {
        try await withDatabase { pool in
            let world = try await World(pool)
            let (_, call) = try await world.call(
                recipients: ["1@b.example", "2@b.example", "3@b.example"],
                split: false
            )
            let attempt = try attempt(of: world)
            try await world.settle([Outcome(call: call, result: .sent(sesMessageID: "s"), attempt: attempt)])
            let lines = try await pool.query(
                "SELECT share_id, outbox_id, attempt, recipients, started_ns, answered_ns, outcome FROM send_log"
            ).decode(Int32.self, PostgresUUID.self, Int16.self, Int16.self, Int64.self, Int64.self, String.self)
            #expect(lines.count == 1)
            let line = try #require(lines.first)
            #expect(line.1 == call.entry.uuid)
            #expect((line.0, line.2, line.3, line.4, line.5, line.6) == (7, 1, 3, 10, 20, "sent"))
        }
    }

    /// Sessions have no hash joins, so a join of two sets of the batch would cost its square.
    @Test("What a batch costs grows with its rows, not with their square")
    func linear() async throws {
        try await withDatabase { pool in
            let world = try await World(pool)
            let messages = try (0..<60).map { _ in try world.message() }
            try await world.accept(messages)
            let attempt = try attempt(of: world)
            var outcomes: [Outcome] = []
            // Many small claims, as a slow account has them.
            for _ in 0..<20 {
                outcomes += try await world.claim(try world.lane("apa", "AT"), 3).enumerated().map { index, call in
                    Outcome(call: call, result: .sent(sesMessageID: "\(call.claimID)-\(index)"), attempt: attempt)
                }
            }
            let claims = Array(Set(outcomes.map(\.call.claimID)))
            let explain: SQL = "EXPLAIN (ANALYZE, TIMING OFF) \(SettleStatement.settle(outcomes, finished: claims))"
            let plan = try await pool.query(explain).decode(String.self)
            #expect(try await world.count("send_log") == 60)
            for line in plan where line.contains("Function Scan") || line.contains("CTE Scan") {
                #expect(line.contains("loops=1)") || line.contains("never executed"), "\(plan.joined(separator: "\n"))")
            }
        }
    }

    @Test("A stop without a database ends, says how much is unknown now, and gives nothing back that SES may have")
    func stopWithoutDatabase() async throws {
        try await withDatabase { pool in
            let world = try await World(pool)
            let (_, call) = try await world.call()
            let nowhere = PostgresPool(
                try PostgresConfiguration("postgres://nobody@127.0.0.1:1/none"),
                configuration: PostgresPoolConfiguration(maxConnections: 1),
                logger: quiet
            )
            let log = SignalLog()
            let settler = Settler(pool: nowhere, logger: Logger(label: "test") { _ in log })
            settler.open(claim: call.claimID, entries: 1)
            await withThrowingTaskGroup { group in
                group.addTask { try await settler.run() }
                settler.settle(Outcome(call: call, result: .sent(sesMessageID: "s")))
                // It has tried in vain.
                for await _ in log.lines { break }
                group.cancelAll()
            }
            #expect(settler.openClaims.contains(call.claimID))
            #expect(try await world.claimer().returnForgotten(known: settler.openClaims).isEmpty)
            #expect(try await pool.withTransaction { try await recover(world, on: $0) } == 1)
        }
    }

    private func attempt(of world: World) throws -> AttemptRecord {
        AttemptRecord(
            accountID: try world.account.id,
            shareID: 7,
            node: world.node,
            epoch: world.epoch,
            startedAt: 10,
            answeredAt: 20
        )
    }

    private var quiet: Logger {
        var logger = Logger(label: "test")
        logger.logLevel = .critical
        return logger
    }
}

/// Tells that something was logged.
private struct SignalLog: LogHandler {
    let lines: AsyncStream<Void>
    private let line: AsyncStream<Void>.Continuation
    var metadata: Logger.Metadata = [:]
    var logLevel = Logger.Level.warning

    init() {
        (lines, line) = AsyncStream.makeStream(bufferingPolicy: .bufferingNewest(1))
    }

    subscript(metadataKey key: String) -> Logger.Metadata.Value? {
        get { metadata[key] }
        set { metadata[key] = newValue }
    }

    func log(event: LogEvent) { line.yield() }
}

extension Array {
    fileprivate func asyncMap<Value>(_ body: (Element) async throws -> Value) async throws -> [Value] {
        var values: [Value] = []
        for element in self { values.append(try await body(element)) }
        return values
    }
}
