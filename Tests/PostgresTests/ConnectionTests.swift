import Foundation
import Postgres
import Testing

/// What a session does beyond moving values: transactions, pipelines, cancellation, prepared statements.
@Suite(.timeLimit(.minutes(5)))
struct ConnectionTests {
    @Test func statementsSayWhatTheyDid() async throws {
        try await withConnection { connection in
            try await connection.execute(
                "CREATE TEMP TABLE t (id int8 PRIMARY KEY, name text); -- two statements\nSELECT 1"
            )
            let inserted = try await connection.query("INSERT INTO t SELECT n, 'x' FROM generate_series(1, 5) n")
            #expect(inserted.affected == 5)
            #expect(inserted.isEmpty)
            let rows = try await connection.query("SELECT id, name FROM t WHERE id > \(2) ORDER BY id")
            #expect(rows.columnNames == ["id", "name"])
            let ids = try rows.decode(Int.self, String.self).map(\.0)
            #expect(ids == [3, 4, 5])
            #expect(rows.map(\.columnCount) == [2, 2, 2])
            let updated = try await connection.query("UPDATE t SET name = \(String?.none) WHERE id <= \(2)")
            #expect(updated.affected == 2)
            #expect(connection.backendPID > 0)
        }
    }

    @Test func serverErrorsKeepTheirFieldsAndHideData() async throws {
        try await withConnection { connection in
            try await connection.execute("CREATE TEMP TABLE person (email text CONSTRAINT person_once UNIQUE)")
            try await connection.query("INSERT INTO person VALUES (\("anna@example.org"))")
            let error = await #expect(throws: PostgresError.self) {
                try await connection.query("INSERT INTO person VALUES (\("anna@example.org"))")
            }
            #expect(error?.code == .server)
            #expect(error?.sqlState == .uniqueViolation)
            #expect(error?.constraint == "person_once")
            #expect(error?.table == "person")
            #expect(error?.file.hasSuffix("ConnectionTests.swift") == true)
            #expect(error.map { "\($0)" }?.contains("anna") == false)
            #expect(error.map { String(reflecting: $0) }?.contains("anna@example.org") == true)
            let quoting = await #expect(throws: PostgresError.self) {
                try await connection.query("SELECT \("anna@example.org")::int8")
            }
            #expect(quoting?.sqlState?.conditionClass == "22")
            #expect(quoting.map { "\($0)" }?.contains("anna") == false)
            try await expect("SELECT 1", 1, connection)
        }
    }

    @Test func aScriptNamesTheLineOfItsError() async throws {
        try await withConnection { connection in
            let error = await #expect(throws: PostgresError.self) {
                try await connection.execute("SELECT 1;\n\nSELEC 2;\n")
            }
            #expect(error?.sqlState == .syntaxError)
            #expect(error?.message.hasPrefix("line 3:") == true)
        }
    }

    @Test func aPipelineIsOneTransaction() async throws {
        try await withConnection { connection in
            try await connection.execute("CREATE TEMP TABLE t (id int8 PRIMARY KEY)")
            let insert: [SQL] = (1...3).map { "INSERT INTO t VALUES (\($0)) RETURNING id" }
            let results = try await connection.pipeline(insert + ["SELECT count(*) FROM t"])
            let numbers = try results.map { try $0[0].decode(Int.self) }
            #expect(numbers == [1, 2, 3, 3])
            let error = await #expect(throws: PostgresError.self) {
                try await connection.pipeline([
                    "INSERT INTO t VALUES (\(10))", "INSERT INTO t VALUES (\(11))", "INSERT INTO t VALUES (\(1))",
                    "INSERT INTO t VALUES (\(12))",
                ])
            }
            #expect(error?.statementIndex == 2)
            #expect(error?.sqlState == .uniqueViolation)
            try await expect("SELECT count(*) FROM t", 3, connection)
            let unparsed = await #expect(throws: PostgresError.self) {
                try await connection.pipeline([
                    "INSERT INTO t VALUES (\(20))", "SELEC", "SELECT 'behind the failure'",
                ])
            }
            #expect(unparsed?.statementIndex == 1)
            // What stood behind the failure was never prepared, so a transaction must not count on it.
            let reached = try await connection.transaction { try await $0.query("SELECT 'behind the failure'").count }
            #expect(reached == 1)
            try await expect("SELECT count(*) FROM t", 3, connection)
            #expect(try await connection.pipeline([]).isEmpty)
        }
    }

    @Test func aPipelineTellsOfAFailedCommit() async throws {
        try await withConnection { connection in
            try await connection.execute("CREATE TEMP TABLE t (id int8 UNIQUE DEFERRABLE INITIALLY DEFERRED)")
            let error = await #expect(throws: PostgresError.self) {
                try await connection.pipeline(["INSERT INTO t VALUES (1)", "INSERT INTO t VALUES (1)"])
            }
            #expect(error?.sqlState == .uniqueViolation)
            try await expect("SELECT count(*) FROM t", 0, connection)
        }
    }

    @Test func aPipelineMayBeLargerThanAnySocketBuffer() async throws {
        try await withConnection { connection in
            let block = [UInt8](repeating: 7, count: 100_000)
            let statements: [SQL] = (0..<100).map { "SELECT \(block), \($0)" }
            let results = try await connection.pipeline(statements)
            for (index, rows) in results.enumerated() {
                let (bytes, number) = try rows[0].decode([UInt8].self, Int.self)
                #expect(bytes == block)
                #expect(number == index)
            }
        }
    }

    @Test func transactionsCommitAndRollBack() async throws {
        struct Refused: Error {}
        try await withConnection { connection in
            try await connection.execute("CREATE TEMP TABLE t (id int8)")
            let count = try await connection.transaction(isolation: .serializable) { transaction in
                try await transaction.query("INSERT INTO t VALUES (1)")
                return try await transaction.query("SELECT count(*) FROM t")[0].decode(Int.self)
            }
            #expect(count == 1)
            await #expect(throws: Refused.self) {
                try await connection.transaction { transaction in
                    try await transaction.query("INSERT INTO t VALUES (2)")
                    throw Refused()
                }
            }
            let misuse = await #expect(throws: PostgresError.self) {
                try await connection.transaction { try await $0.transaction { _ in } }
            }
            #expect(misuse?.code == .protocolMisuse)
            let swallowed = await #expect(throws: PostgresError.self) {
                try await connection.transaction { transaction in
                    try await transaction.query("INSERT INTO t VALUES (3)")
                    _ = try? await transaction.query("SELECT 1/0")
                }
            }
            #expect(swallowed?.code == .transactionAborted)
            let readOnly = await #expect(throws: PostgresError.self) {
                try await connection.transaction(readOnly: true) { try await $0.query("CREATE TABLE x ()") }
            }
            #expect(readOnly?.sqlState == .readOnlyTransaction)
            try await expect("SELECT array_agg(id) FROM t", [1], connection)
        }
    }

    @Test func cancellationStopsTheStatementAndKeepsTheConnection() async throws {
        try await withConnection { connection in
            for _ in 0..<5 {
                let start = ContinuousClock.now
                await #expect(throws: CancellationError.self) {
                    try await withThrowingTaskGroup(of: Void.self) { group in
                        group.addTask { try await connection.query("SELECT pg_sleep(60)") }
                        try await Task.sleep(for: .milliseconds(20))
                        group.cancelAll()
                        try await group.waitForAll()
                    }
                }
                #expect(start.duration(to: .now) < .seconds(30))
                // A cancel request that came late would hit this one.
                try await expect("SELECT count(*) FROM generate_series(1, 100000)", 100_000, connection)
            }
            #expect(connection.isOpen)
        }
    }

    @Test func waitingStatementsLeaveTheCooperativePoolFree() async throws {
        let configuration = try await TestServer.shared.configuration()
        let count = ProcessInfo.processInfo.activeProcessorCount + 2
        await #expect(throws: CancellationError.self) {
            try await withThrowingTaskGroup(of: Void.self) { group in
                for _ in 0..<count {
                    group.addTask {
                        let connection = try await PostgresConnection.connect(configuration)
                        try await connection.query("SELECT pg_sleep(60)")
                    }
                }
                try await Task.sleep(for: .milliseconds(100))
                group.cancelAll()
                try await group.waitForAll()
            }
        }
    }

    @Test func aCancellationThatOvertakesItsStatementIsRepeated() async throws {
        try await withConnection { configuration in
            configuration.cancellationGrace = .seconds(10)
            configuration.statementTimeout = nil
        } _: { connection in
            let pid = connection.backendPID
            await #expect(throws: CancellationError.self) {
                try await withThrowingTaskGroup(of: Void.self) { group in
                    // Halted, the server reads the statement only after it has been asked to cancel.
                    stop(pid)
                    defer { resume(pid) }
                    group.addTask { try await connection.query("SELECT pg_sleep(60)", prepared: false) }
                    try await Task.sleep(for: .milliseconds(50))
                    group.cancelAll()
                    try await Task.sleep(for: .milliseconds(30))
                    resume(pid)
                    try await group.waitForAll()
                }
            }
            #expect(connection.isOpen)
            try await expect("SELECT 1", 1, connection)
        }
    }

    @Test func cancellationInsideATransactionRollsItBack() async throws {
        try await withConnection { connection in
            try await connection.execute("CREATE TEMP TABLE t (id int8)")
            let (entered, signal) = AsyncStream.makeStream(of: Void.self)
            await #expect(throws: CancellationError.self) {
                try await withThrowingTaskGroup(of: Void.self) { group in
                    group.addTask {
                        try await connection.transaction { transaction in
                            try await transaction.query("INSERT INTO t VALUES (1)")
                            signal.finish()
                            try await transaction.query("SELECT pg_sleep(60)")
                        }
                    }
                    for await _ in entered {}
                    group.cancelAll()
                    try await group.waitForAll()
                }
            }
            try await expect("SELECT count(*) FROM t", 0, connection)
        }
    }

    @Test func aCommitIsNotCancelled() async throws {
        try await withConnection { connection in
            // A deferred trigger makes the commit itself take a while.
            try await connection.execute(
                """
                CREATE TEMP TABLE t (id int8);
                CREATE FUNCTION pg_temp.slowly() RETURNS trigger LANGUAGE plpgsql AS
                $$ BEGIN PERFORM pg_sleep(0.5); RETURN NULL; END $$;
                CREATE CONSTRAINT TRIGGER slow AFTER INSERT ON t DEFERRABLE INITIALLY DEFERRED
                FOR EACH ROW EXECUTE FUNCTION pg_temp.slowly();
                """
            )
            let (entered, signal) = AsyncStream.makeStream(of: Void.self)
            try await withThrowingTaskGroup(of: Void.self) { group in
                group.addTask {
                    try await connection.transaction { transaction in
                        try await transaction.query("INSERT INTO t VALUES (1)")
                        signal.finish()
                        // Cancelled before the commit begins, so all of it runs in a cancelled task.
                        while !Task.isCancelled { await Task.yield() }
                    }
                }
                for await _ in entered {}
                group.cancelAll()
                try await group.waitForAll()
            }
            try await expect("SELECT count(*) FROM t", 1, connection)
        }
    }

    @Test func aTimeoutStopsTheStatementAndKeepsTheConnection() async throws {
        try await withConnection { connection in
            let error = await #expect(throws: PostgresError.self) {
                try await connection.query("SELECT pg_sleep(60)", timeout: .milliseconds(50))
            }
            #expect(error?.code == .timeout)
            let inPipeline = await #expect(throws: PostgresError.self) {
                try await connection.pipeline(["SELECT 1", "SELECT pg_sleep(60)"], timeout: .milliseconds(50))
            }
            #expect(inPipeline?.code == .timeout)
            try await expect("SELECT 1", 1, connection)
        }
    }

    @Test func aServerThatAnswersNothingCostsTheConnectionOnly() async throws {
        try await withConnection({ $0.cancellationGrace = .milliseconds(200) }) { connection in
            try await withConnection { other in
                // A stopped process answers neither the statement nor its cancellation.
                let pid = connection.backendPID
                stop(pid)
                defer { resume(pid) }
                let error = await #expect(throws: PostgresError.self) {
                    try await connection.query("SELECT 1", timeout: .milliseconds(50))
                }
                #expect(error?.code == .timeout)
                #expect(!connection.isOpen)
                let closed = await #expect(throws: PostgresError.self) { try await connection.query("SELECT 1") }
                #expect(closed?.code == .connectionLost)
                #expect(other.isOpen)
            }
        }
    }

    @Test func preparedStatementsSurviveDiscardAndMigration() async throws {
        try await withConnection { connection in
            try await connection.execute("CREATE TEMP TABLE t (a int4); INSERT INTO t VALUES (1)")
            #expect(try await connection.query("SELECT * FROM t")[0].columnCount == 1)
            try await connection.execute("ALTER TABLE t ADD COLUMN b int4")
            #expect(try await connection.query("SELECT * FROM t")[0].columnCount == 2)
            #expect(try await connection.pipeline(["SELECT * FROM t", "SELECT 1"])[0][0].columnCount == 2)
            try await connection.execute("ALTER TABLE t ADD COLUMN c int4")
            #expect(try await connection.pipeline(["SELECT 1", "SELECT * FROM t"])[1][0].columnCount == 3)
            try await connection.execute("DEALLOCATE ALL")
            #expect(try await connection.query("SELECT * FROM t")[0].columnCount == 3)
            // Inside a transaction the statement fails, and its repetition from the start succeeds.
            try await connection.execute("ALTER TABLE t ADD COLUMN d int4")
            let error = await #expect(throws: PostgresError.self) {
                try await connection.transaction { try await $0.query("SELECT * FROM t") }
            }
            #expect(error?.sqlState == .featureNotSupported)
            let columns = try await connection.transaction { try await $0.query("SELECT * FROM t")[0].columnCount }
            #expect(columns == 4)
        }
    }

    @Test func preparedStatementsAreBounded() async throws {
        try await withConnection({ $0.statementLimit = 4 }) { connection in
            for round in 0..<3 {
                for number in 0..<10 {
                    let row = try await connection.query("SELECT \(raw: "\(number)") + \(round)")[0]
                    #expect(try row.decode(Int.self) == number + round)
                }
            }
            let held = try await connection.query("SELECT count(*) FROM pg_prepared_statements", prepared: false)
            #expect(try held[0].decode(Int.self) <= 5)
            // The same text with another type of value is another statement.
            let number = try await connection.query("SELECT \(1)")[0].decode(Int.self)
            let text = try await connection.query("SELECT \("one")")[0].decode(String.self)
            #expect(number == 1)
            #expect(text == "one")
        }
    }

    @Test func manyTasksMayShareAConnection() async throws {
        try await withConnection { connection in
            try await withThrowingTaskGroup(of: Bool.self) { group in
                for number in 0..<200 {
                    group.addTask { try await connection.query("SELECT \(number)")[0].decode(Int.self) == number }
                }
                for try await isRight in group { #expect(isRight) }
            }
        }
    }

    @Test func copyIsRefused() async throws {
        try await withConnection { connection in
            let error = await #expect(throws: PostgresError.self) {
                try await connection.execute("COPY pg_class TO STDOUT")
            }
            #expect(error?.code == .protocolMisuse)
            #expect(!connection.isOpen)
        }
    }

    @Test func tooManyValuesAreRefusedBeforeTheyAreSent() async throws {
        try await withConnection { connection in
            var sql: SQL = "SELECT 1 WHERE 1 IN ("
            for number in 0..<65_536 { sql += number == 0 ? "\(number)" : ", \(number)" }
            sql += ")"
            let statement = sql
            let error = await #expect(throws: PostgresError.self) { try await connection.query(statement) }
            #expect(error?.code == .encoding)
            #expect(connection.isOpen)
        }
    }
}
