import Postgres
import Synchronization
import Testing

@Suite(.timeLimit(.minutes(5)))
struct MigratorTests {
    private static let first = Migration(
        name: "0001_first",
        sql: "CREATE TABLE a (id int8);\nINSERT INTO a VALUES (1);",
        checksum: "one"
    )
    private static let second = Migration(
        name: "0002_second",
        sql: "INSERT INTO a VALUES (2); SELECT pg_sleep(0.2);",
        checksum: "two"
    )

    private func withDatabase(_ name: String, _ body: (PostgresConfiguration, PostgresConnection) async throws -> Void)
        async throws
    {
        let configuration = try await TestServer.shared.newDatabase(name)
        let connection = try await PostgresConnection.connect(configuration)
        try await body(configuration, connection)
        await connection.close()
    }

    private func count(_ connection: PostgresConnection) async throws -> Int {
        try await connection.query("SELECT count(*) FROM a")[0].decode(Int.self)
    }

    @Test func appliesOnceAndInOrder() async throws {
        try await withDatabase("migrate_once") { _, connection in
            let migrator = try Migrator([Self.first, Self.second])
            let fresh = try await migrator.status(on: connection)
            #expect(fresh.pending == ["0001_first", "0002_second"])
            let lacking = #expect(throws: PostgresError.self) { try fresh.requireUsable() }
            #expect(lacking?.message.contains("0001_first") == true)
            #expect(lacking?.message.contains("migrate") == true)

            let told = Mutex<[String]>([])
            let applied = try await migrator.migrate(on: connection) { progress in
                if case .applied(let name, _) = progress { told.withLock { $0.append(name) } }
            }
            #expect(applied == ["0001_first", "0002_second"])
            #expect(told.withLock { $0 } == applied)
            #expect(try await count(connection) == 2)
            #expect(try await migrator.migrate(on: connection).isEmpty)
            #expect(try await count(connection) == 2)
            try await migrator.status(on: connection).requireUsable()
        }
    }

    @Test func refusesWhatWasChangedOrIsNewerOrComesTooLate() async throws {
        try await withDatabase("migrate_refuse") { _, connection in
            try await Migrator([Self.first, Self.second]).migrate(on: connection)
            var changed = Self.first
            changed.checksum = "another"
            let conflict = await #expect(throws: PostgresError.self) {
                try await Migrator([changed, Self.second]).migrate(on: connection)
            }
            #expect(conflict?.code == .migration)
            #expect(conflict?.description.contains("0001_first") == true)
            let newer = await #expect(throws: PostgresError.self) {
                try await Migrator([Self.first]).migrate(on: connection)
            }
            #expect(newer?.message.contains("newer") == true)
            #expect(newer?.message.contains("0002_second") == true)
            let between = Migration(name: "0001_between", sql: "SELECT 1", checksum: "x")
            let late = await #expect(throws: PostgresError.self) {
                try await Migrator([between, Self.first, Self.second]).migrate(on: connection)
            }
            #expect(late?.message.contains("0001_between") == true)
            #expect(throws: PostgresError.self) { try Migrator([Self.second, Self.first]) }
            #expect(throws: PostgresError.self) {
                try Migration(name: "0003", sql: [0x53, 0xff]) { _ in "" }
            }
        }
    }

    @Test func aFailingMigrationLeavesNothing() async throws {
        try await withDatabase("migrate_fail") { _, connection in
            let bad = Migration(
                name: "0002_bad",
                sql: "CREATE TABLE b ();\nINSERT INTO nowhere VALUES (1);",
                checksum: "x"
            )
            let third = Migration(name: "0003_third", sql: "CREATE TABLE c ()", checksum: "y")
            let error = await #expect(throws: PostgresError.self) {
                try await Migrator([Self.first, bad, third]).migrate(on: connection)
            }
            #expect(error?.sqlState == .undefinedTable)
            #expect(error?.message.contains("0002_bad") == true)
            #expect(error?.message.contains("line 2") == true)
            let status = try await Migrator([Self.first, bad, third]).status(on: connection)
            #expect(status.applied == ["0001_first"])
            try await expect("SELECT to_regclass('b') IS NULL AND to_regclass('c') IS NULL", true, connection)
            // The lock is free again.
            try await Migrator([Self.first]).migrate(on: connection)
            let sly = Migration(name: "0002_sly", sql: "COMMIT; CREATE TABLE d (); BEGIN", checksum: "x")
            let refused = await #expect(throws: PostgresError.self) {
                try await Migrator([Self.first, sly]).migrate(on: connection)
            }
            #expect(refused?.code == .migration)
        }
    }

    @Test func twoAtOnceApplyEachOnce() async throws {
        try await withDatabase("migrate_two") { configuration, connection in
            let applied = try await withThrowingTaskGroup(of: [String].self) { group in
                for _ in 0..<3 {
                    group.addTask {
                        let own = try await PostgresConnection.connect(configuration)
                        return try await Migrator([Self.first, Self.second]).migrate(on: own)
                    }
                }
                return try await group.reduce(into: []) { $0 += $1 }
            }
            #expect(applied == ["0001_first", "0002_second"])
            #expect(try await count(connection) == 2)
        }
    }

    @Test func waitsForAnotherOnlySoLongAndNamesIt() async throws {
        try await withDatabase("migrate_wait") { configuration, connection in
            var other = configuration
            other.applicationName = "the other one"
            let holder = try await PostgresConnection.connect(other)
            // The number that migrators agree on.
            #expect(try await holder.tryAdvisoryLock(0x736c_7569_6365))
            var migrator = try Migrator([Self.first])
            migrator.lockTimeout = .milliseconds(250)
            let waits = Mutex(0)
            let patient = migrator
            let error = await #expect(throws: PostgresError.self) {
                try await patient.migrate(on: connection) { progress in
                    if case .waiting = progress { waits.withLock { $0 += 1 } }
                }
            }
            #expect(error?.message.contains("the other one") == true)
            #expect(error?.message.contains("\(holder.backendPID)") == true)
            #expect(waits.withLock { $0 } == 1)
            await holder.close()
        }
    }

    @Test func aLaterSchemaIsUsableFromWhereItsMigrationsSay() async throws {
        try await withDatabase("migrate_ahead") { _, connection in
            let old = try Migrator([Self.first, Self.second])
            let expanding = Migration(
                name: "0003_third",
                sql: "ALTER TABLE a ADD COLUMN b int8",
                checksum: "three",
                worksFrom: "0002_second"
            )
            let middle = try Migrator([Self.first, Self.second, expanding])
            // As a program left it that knew nothing of `works_from`.
            try await old.migrate(on: connection)
            try await connection.execute("ALTER TABLE schema_migration DROP COLUMN works_from")
            #expect(try await old.status(on: connection).isAhead == false)
            #expect(try await middle.migrate(on: connection) == ["0003_third"])

            let behind = try await old.status(on: connection)
            try behind.requireUsable()
            #expect(behind.isAhead)
            #expect(behind.unknown == ["0003_third"])
            // What a deployment that is rolled back does.
            #expect(try await old.migrate(on: connection).isEmpty)
            let older = await #expect(throws: PostgresError.self) {
                try await Migrator([Self.first]).status(on: connection).requireUsable()
            }
            #expect(older?.message.contains("0002_second") == true)

            let breaking = Migration(name: "0004_fourth", sql: "ALTER TABLE a DROP COLUMN id", checksum: "four")
            try await Migrator([Self.first, Self.second, expanding, breaking]).migrate(on: connection)
            let refused = await #expect(throws: PostgresError.self) {
                try await middle.status(on: connection).requireUsable()
            }
            #expect(refused?.message.contains("0004_fourth") == true)
            let refusedToo = await #expect(throws: PostgresError.self) { try await middle.migrate(on: connection) }
            #expect(refusedToo?.code == .migration)
        }
    }

    @Test func aMigrationGivesWayToWhoeverComesBehindIt() async throws {
        try await withDatabase("migrate_gives_way") { configuration, connection in
            try await Migrator([Self.first, Self.second]).migrate(on: connection)
            var named = configuration
            named.applicationName = "a long report"
            let reader = try await PostgresConnection.connect(named)
            try await reader.execute("BEGIN; SELECT count(*) FROM a")
            let change = Migration(name: "0003_third", sql: "ALTER TABLE a ADD COLUMN b int8", checksum: "three")
            var migrator = try Migrator([Self.first, Self.second, change])
            migrator.tableLockTimeout = .milliseconds(50)
            migrator.pauseBetweenTries = .milliseconds(50)
            let patient = migrator
            let (told, telling) = AsyncStream.makeStream(of: String.self)
            try await withThrowingTaskGroup(of: Void.self) { group in
                group.addTask {
                    let own = try await PostgresConnection.connect(configuration)
                    try await patient.migrate(on: own) { progress in
                        if case .blocked(let name, let who) = progress { telling.yield("\(name) \(who)") }
                    }
                    await own.close()
                }
                var blocked: [String] = []
                for await line in told {
                    blocked.append(line)
                    // While the migration goes on trying, others still get at the table.
                    try await connection.query("SELECT count(*) FROM a", timeout: .seconds(30))
                    if blocked.count == 2 { break }
                }
                #expect(blocked.allSatisfy { $0.contains("0003_third") && $0.contains("a long report") }, "\(blocked)")
                try await reader.execute("COMMIT")
                try await group.waitForAll()
            }
            try await patient.status(on: connection).requireUsable()
            let next = Migration(name: "0004_fourth", sql: "ALTER TABLE a ADD COLUMN c int8", checksum: "four")
            var hasty = try Migrator(migrator.migrations + [next])
            hasty.tableLockTimeout = .milliseconds(50)
            hasty.patience = .zero
            try await reader.execute("BEGIN; SELECT count(*) FROM a")
            let impatient = hasty
            let error = await #expect(throws: PostgresError.self) { try await impatient.migrate(on: connection) }
            #expect(error?.sqlState == .lockNotAvailable)
            #expect(error?.message.contains("0004_fourth") == true)
            await reader.close()
        }
    }
}
