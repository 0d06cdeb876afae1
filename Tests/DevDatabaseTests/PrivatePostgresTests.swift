import DevDatabase
import Foundation
import Glibc
import Logging
import Testing

@Suite(.serialized, .timeLimit(.minutes(5)))
struct PrivatePostgresTests {
    @Test func startsStopsAndKeepsItsData() async throws {
        let playground = try Playground()
        defer { playground.remove() }
        let server = playground.server()
        try await server.start()
        let processID = try #require(server.processID)
        #expect(try Playground.sql("SHOW listen_addresses", on: server) == "")
        #expect(try Playground.sql("SHOW data_checksums", on: server) == "on")
        #expect(try Playground.sql("SHOW fsync", on: server) == "off")
        #expect(try Playground.sql("SHOW server_encoding", on: server) == "UTF8")
        #expect(try Playground.sql("SHOW max_connections", on: server) == "10")
        #expect(server.socketFolder.utf8.count + "/.s.PGSQL.5432.lock".utf8.count < 107)

        try await server.createDatabase("mail")
        try await server.createDatabase("mail")
        _ = try Playground.sql("CREATE TABLE t AS SELECT 42 AS n", on: server, database: "mail")
        await server.stop()
        #expect(try await Playground.ends(processID))
        #expect(server.processID == nil)
        #expect(!FileManager.default.fileExists(atPath: server.socketFolder))

        let again = playground.server()
        try await again.start()
        #expect(try Playground.sql("SELECT n FROM t", on: again, database: "mail") == "42")
        try await again.createDatabase("copy", template: "mail")
        #expect(try Playground.sql("SELECT n FROM t", on: again, database: "copy") == "42")
        try await again.dropDatabase("mail")
        try await again.dropDatabase("mail")
        #expect(try Playground.sql("SELECT count(*) FROM pg_database WHERE datname = 'mail'", on: again) == "0")
        await again.stop()
    }

    @Test func neverRunsAsRoot() async throws {
        let playground = try Playground()
        defer { playground.remove() }
        let server = playground.server()
        try await server.start()
        let processID = try #require(server.processID)
        let owner = try FileManager.default.attributesOfItem(atPath: "/proc/\(processID)")[.ownerAccountID] as? NSNumber
        #expect(owner != 0)
        let dataOwner = try FileManager.default.attributesOfItem(atPath: server.dataPath)[.ownerAccountID] as? NSNumber
        #expect(dataOwner == owner)
        await server.stop()
    }

    @Test func comesBackAfterACrashAndAnImmediateStop() async throws {
        let playground = try Playground()
        defer { playground.remove() }
        let server = playground.server()
        try await server.start()
        _ = try Playground.sql("CREATE TABLE t AS SELECT 1 AS n", on: server)
        let socketFolder = server.socketFolder

        try await server.kill9()
        #expect(server.processID == nil)
        await #expect(throws: DevDatabaseError.self) { try await server.kill9() }
        try await server.start()
        #expect(try Playground.sql("SELECT n FROM t", on: server) == "1")

        let before = server.processID
        try await server.restart(mode: .immediate)
        #expect(server.processID != before)
        #expect(server.socketFolder == socketFolder)
        #expect(try Playground.sql("SELECT n FROM t", on: server) == "1")
        #expect(try String(contentsOfFile: server.logPath, encoding: .utf8).contains("automatic recovery"))
        await server.stop()
    }

    @Test func aSecondServerOnTheSameDataIsRefused() async throws {
        let playground = try Playground()
        defer { playground.remove() }
        let server = playground.server()
        try await server.start()
        let processID = try #require(server.processID)
        let error = await #expect(throws: DevDatabaseError.self) { try await playground.server().start() }
        #expect(error?.code == .alreadyRunning)
        #expect(error?.message.contains("kill -INT \(processID)") == true)
        let removal = await #expect(throws: DevDatabaseError.self) {
            try await PrivatePostgres.removeData(folder: "\(playground.path)/postgres")
        }
        #expect(removal?.code == .alreadyRunning)
        #expect(try Playground.sql("SELECT 1", on: server) == "1")
        await server.stop()
        try await PrivatePostgres.removeData(folder: "\(playground.path)/postgres")
        #expect(!FileManager.default.fileExists(atPath: server.dataPath))
    }

    @Test func aStalePidFileIsNoObstacle() async throws {
        let playground = try Playground()
        defer { playground.remove() }
        let server = playground.server()
        try await server.start()
        await server.stop()
        // This test's own process: alive, and not a server.
        let stale = "\(getpid())\n\(server.dataPath)\n1700000000\n5432\n/tmp\n\n  1 1\nready   \n"
        try stale.write(toFile: "\(server.dataPath)/postmaster.pid", atomically: true, encoding: .utf8)
        try await server.start()
        #expect(try Playground.sql("SELECT 1", on: server) == "1")
        await server.stop()
    }

    /// The holder is a process of its own that kills itself: nothing of ours runs in it any more when the server stops.
    @Test func theServerEndsWhenItsHolderIsKilled() async throws {
        let playground = try Playground()
        defer { playground.remove() }
        let folder = "\(playground.path)/postgres"
        await #expect(processExitsWith: .signal(SIGKILL)) { [folder = folder as String] in
            let server = Playground.server(folder: folder)
            try await server.start()
            let note = "\(try #require(server.processID)) \(server.socketFolder)"
            try note.write(toFile: folder + ".note", atomically: true, encoding: .utf8)
            _ = kill(getpid(), SIGKILL)
        }
        let note = try String(contentsOfFile: folder + ".note", encoding: .utf8).split(separator: " ")
        let processID = try #require(Int32(note[0]))
        #expect(try await Playground.ends(processID))
        let server = playground.server()
        try await server.start()
        #expect(!FileManager.default.fileExists(atPath: String(note[1])))
        await server.stop()
    }

    /// A terminal's Ctrl-C goes to the whole foreground process group.
    @Test func theServerIsInASessionOfItsOwn() async throws {
        let playground = try Playground()
        defer { playground.remove() }
        let server = playground.server()
        try await server.start()
        let processID = try #require(server.processID)
        #expect(getpgid(processID) == processID)
        #expect(getsid(processID) == processID)
        await server.stop()
    }

    @Test func aFailedStartShowsTheServersLog() async throws {
        let playground = try Playground()
        defer { playground.remove() }
        let server = PrivatePostgres(
            configuration: .init(
                folder: "\(playground.path)/postgres",
                durability: .none,
                settings: ["no_such_setting": "1"]
            ),
            logger: Logger(label: "test") { _ in SwiftLogNoOpLogHandler() }
        )
        let error = await #expect(throws: DevDatabaseError.self) { try await server.start() }
        #expect(error?.code == .startFailed)
        #expect(error?.message.contains("no_such_setting") == true)
        #expect(server.processID == nil)
    }

    @Test func dataOfAnotherVersionAreRefused() async throws {
        let playground = try Playground()
        defer { playground.remove() }
        let server = playground.server()
        try await server.start()
        await server.stop()
        try "9\n".write(toFile: "\(server.dataPath)/PG_VERSION", atomically: true, encoding: .utf8)
        let error = await #expect(throws: DevDatabaseError.self) { try await server.start() }
        #expect(error?.code == .wrongVersion)
    }
}
