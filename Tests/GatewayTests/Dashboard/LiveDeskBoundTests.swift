import Dashboard
import Foundation
import Logging
import NIOCore
import ServiceLifecycle
import Synchronization
import Testing

@testable import Directory
@testable import Gateway

/// How much open pages may take.
@Suite(.timeLimit(.minutes(5))) struct LiveDeskBoundTests {
    private final class Makers: Sendable {
        private let counts = Mutex((now: 0, most: 0, all: 0))

        func make(for duration: Duration) async throws -> [LivePart] {
            counts.withLock { counts in
                counts.now += 1
                counts.all += 1
                counts.most = max(counts.most, counts.now)
            }
            defer { counts.withLock { $0.now -= 1 } }
            try await Task.sleep(for: duration)
            return []
        }

        var most: Int { counts.withLock { $0.most } }
        var all: Int { counts.withLock { $0.all } }
    }

    private let sessions = TestSessions()

    private func desk() -> LiveDesk {
        LiveDesk(
            sessions: sessions,
            directory: TestDirectory(),
            logger: Logger(label: "test") { _ in SwiftLogNoOpLogHandler() }
        )
    }

    private func running(_ desk: LiveDesk, _ body: () async throws -> Void) async throws {
        let group = ServiceGroup(
            configuration: .init(services: [desk], logger: Logger(label: "test") { _ in SwiftLogNoOpLogHandler() })
        )
        try await withThrowingTaskGroup(of: Void.self) { tasks in
            tasks.addTask { try await group.run() }
            try await body()
            await group.triggerGracefulShutdown()
            try await tasks.waitForAll()
        }
    }

    @Test func aTenantTakesNoMoreThanItsPlaces() async throws {
        let desk = desk()
        var streams: [AsyncStream<ByteBuffer>] = []
        func open(_ tenant: Int32?) async throws {
            // Each with a session of its own, as whoever wants many would have it.
            let (_, session) = try await sessions.begin(key: TestDirectory.apaKey)
            streams.append(try desk.news(of: "x", for: session, tenant: tenant) { [] })
        }
        for _ in 0..<16 { try await open(1) }
        await #expect(throws: Problem.self) { try await open(1) }
        try await open(2)
        try await open(nil)
        #expect(desk.listening == 18)
    }

    @Test func fewAreMadeAtOnceAndEachRestsThen() async throws {
        let (desk, makers) = (desk(), Makers())
        try await running(desk) {
            var streams: [AsyncStream<ByteBuffer>] = []
            for number in 0..<12 {
                let (_, session) = try await sessions.begin(key: TestDirectory.apaKey)
                // Rests for ten seconds: longer than this test looks.
                streams.append(
                    try desk.news(of: "\(number)", for: session) { try await makers.make(for: .milliseconds(600)) }
                )
            }
            // All of them are told, and then that there is nothing new, so that nobody takes the node for dead.
            for stream in streams {
                var events: [String] = []
                for await event in stream {
                    events.append(String(buffer: event))
                    if events.count == 2 { break }
                }
                #expect(events.allSatisfy { $0.contains("event: beat") })
            }
        }
        #expect(makers.most <= 3 && makers.all >= 12 && makers.all < 24, "\(makers.most) \(makers.all)")
    }
}
