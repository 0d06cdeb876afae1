import Postgres
import Synchronization
import Testing

/// Notifications and session locks, and what becomes of them when the session ends.
@Suite(.timeLimit(.minutes(5)))
struct SessionTests {
    private func terminate(_ pid: Int32, _ connection: PostgresConnection) async throws {
        try await connection.query("SELECT pg_terminate_backend(\(pid), 5000)")
    }

    @Test func notificationsArrive() async throws {
        try await withConnection { listener in
            try await withConnection { sender in
                try await listener.listen(to: "bell \"quoted\"")
                #expect(try await listener.notifications(wait: .milliseconds(20)).isEmpty)
                try await sender.execute(
                    "NOTIFY \"bell \"\"quoted\"\"\", 'ding'; NOTIFY \"bell \"\"quoted\"\"\", 'dong'"
                )
                var received: [PostgresNotification] = []
                while received.count < 2 { received += try await listener.notifications(wait: .seconds(10)) }
                #expect(received.map(\.payload) == ["ding", "dong"])
                #expect(received.allSatisfy { $0.channel == "bell \"quoted\"" && $0.backendPID == sender.backendPID })
            }
        }
    }

    @Test func waitingForNotificationsCanBeCancelled() async throws {
        try await withConnection { connection in
            try await connection.listen(to: "silence")
            await #expect(throws: CancellationError.self) {
                try await withThrowingTaskGroup(of: Void.self) { group in
                    group.addTask { _ = try await connection.notifications(wait: .seconds(60)) }
                    try await Task.sleep(for: .milliseconds(20))
                    group.cancelAll()
                    try await group.waitForAll()
                }
            }
            try await expect("SELECT 1", 1, connection)
        }
    }

    @Test func aListenerSaysWhenItMayHaveMissedSomething() async throws {
        let configuration = try await TestServer.shared.configuration()
        try await withConnection { other in
            var own = configuration
            own.applicationName = "listener under test"
            var events = PostgresListener(own, channels: ["first", "second"]).makeAsyncIterator()
            #expect(await events.next() == .resync)
            try await other.execute("NOTIFY second, 'one'")
            guard case .notification(let one) = await events.next() else { throw CancellationError() }
            #expect(one.payload == "one")
            #expect(one.channel == "second")

            let ended = try await other.query(
                "SELECT pg_terminate_backend(pid, 5000) FROM pg_stat_activity WHERE application_name = \(own.applicationName)"
            )
            #expect(ended.count == 1)
            #expect(await events.next() == .resync)
            try await other.execute("NOTIFY first, 'two'")
            guard case .notification(let two) = await events.next() else { throw CancellationError() }
            #expect(two.payload == "two")
        }
    }

    @Test func aListenerEndsWithItsTask() async throws {
        let configuration = try await TestServer.shared.configuration()
        await withTaskGroup(of: Int.self) { group in
            group.addTask {
                var count = 0
                for await _ in PostgresListener(configuration, channels: ["nobody"]) { count += 1 }
                return count
            }
            try? await Task.sleep(for: .milliseconds(100))
            group.cancelAll()
            for await count in group { #expect(count <= 1) }
        }
    }

    @Test func locksExcludeEachOther() async throws {
        try await withConnection { first in
            // The closure's effects are said, because the compiler does not see those inside the macros.
            try await withConnection { (second) async throws in
                #expect(try await first.tryAdvisoryLock(4711))
                #expect(try await !second.tryAdvisoryLock(4711))
                #expect(try await second.tryAdvisoryLock(0, 4711))
                #expect(try await first.releaseAdvisoryLock(.single(4711)))
                #expect(try await !first.releaseAdvisoryLock(.single(4711)))
                #expect(try await second.tryAdvisoryLock(4711))
            }
        }
    }

    @Test func aLockSessionKnowsWhenItIsLost() async throws {
        let configuration = try await TestServer.shared.configuration()
        let key = AdvisoryLockKey.pair(7, 1)
        try await withConnection { other in
            let session = try await AdvisoryLockSession.open(configuration)
            #expect(try await session.tryLock(key))
            #expect(try await session.tryLock(key))
            #expect(session.holds(key))
            #expect(session.backendPID > 0)
            let rival = try await AdvisoryLockSession.open(configuration)
            #expect(try await !rival.tryLock(key))

            let before = session.lastConfirmed
            try await session.check()
            #expect(session.lastConfirmed > before)

            try await terminate(session.backendPID, other)
            await session.watch(every: .milliseconds(10))
            #expect(!session.isAlive)
            #expect(!session.holds(key))
            await #expect(throws: PostgresError.self) { try await session.tryLock(key) }
            #expect(try await rival.tryLock(key))

            try await rival.unlock(key)
            #expect(!rival.holds(key))
            #expect(try await other.tryAdvisoryLock(key))
            await rival.close()
            #expect(!rival.isAlive)
        }
    }

    @Test func aLockSessionIsLostWhenTheServerIsSilent() async throws {
        let configuration = try await TestServer.shared.configuration()
        let session = try await AdvisoryLockSession.open(configuration, timeout: .milliseconds(100))
        let key = AdvisoryLockKey.single(815)
        #expect(try await session.tryLock(key))
        stop(session.backendPID)
        defer { resume(session.backendPID) }
        await session.watch(every: .milliseconds(10))
        #expect(!session.holds(key))
    }
}
