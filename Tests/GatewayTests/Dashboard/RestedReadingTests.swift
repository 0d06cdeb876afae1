import Foundation
import Synchronization
import Testing

@testable import Gateway

/// What many pages read of the database at once.
@Suite(.timeLimit(.minutes(5))) struct RestedReadingTests {
    private final class Source: Sendable {
        private let count = Mutex(0)

        func read() async throws -> Int {
            try await Task.sleep(for: .milliseconds(50))
            return count.withLock { count in
                count += 1
                return count
            }
        }

        var reads: Int { count.withLock { $0 } }
    }

    @Test func manyReadOnceAndTheNextOnlyWhenItHasRested() async throws {
        let (reading, source) = (RestedReading<Int>(), Source())
        try await withThrowingTaskGroup(of: Int.self) { group in
            for _ in 0..<20 { group.addTask { try await reading.value { try await source.read() } } }
            for try await value in group { #expect(value == 1) }
        }
        // Twenty times 50 ms at least, and much longer on a machine that was slow.
        var value = 1
        for _ in 0..<600 where value == 1 {
            try await Task.sleep(for: .milliseconds(100))
            value = try await reading.value { try await source.read() }
        }
        #expect(value == 2)
    }

    @Test func anErrorIsNotKept() async throws {
        let (reading, source) = (RestedReading<Int>(leastRest: .seconds(3600)), Source())
        await #expect(throws: CancellationError.self) { try await reading.value { throw CancellationError() } }
        #expect(try await reading.value { try await source.read() } == 1)
        #expect(try await reading.value { try await source.read() } == 1 && source.reads == 1)
    }
}
