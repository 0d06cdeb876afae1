import Dashboard
import Logging
import NIOCore
import Synchronization
import Testing

@testable import Gateway

/// What open pages are told.
@Suite(.timeLimit(.minutes(5))) struct LiveDeskTests {
    private struct DatabaseAway: Error {}

    @Test func whatCannotBeFoundOutIsNoNews() async throws {
        let sessions = TestSessions()
        let (_, session) = try await sessions.begin(key: TestDirectory.adminKey)
        let desk = LiveDesk(
            sessions: sessions,
            directory: try TestAdministration(),
            logger: Logger(label: "test") { _ in SwiftLogNoOpLogHandler() }
        )
        let isAway = Mutex(true)
        try await withThrowingTaskGroup { group in
            group.addTask { try await desk.run() }
            var isOld = false
            for await news in try desk.news(
                of: "topic",
                for: session,
                make: { if isAway.withLock({ $0 }) { throw DatabaseAway() } else { return [] } }
            ) {
                let text = String(buffer: news)
                if text.contains("event: beat") { break }
                #expect(text == ServerSentEvent.stale)
                isOld = true
                isAway.withLock { $0 = false }
            }
            #expect(isOld, "a page learns that what it shows is old, and then that it is not any more")
            group.cancelAll()
        }
    }
}
