import Synchronization
import Testing

@testable import Outbox

/// The gathering of commits, without a database.
@Suite(.timeLimit(.minutes(5))) struct GroupCommitTests {
    typealias Commits = GroupCommit<Int, String>

    /// Runs `body` beside commits whose flushes wait for a word each.
    private static func with(
        part: Double = 1,
        flushesAtOnce: Int = 1,
        leastBeside: Int = 1,
        _ body: (Commits, Flushes) async throws -> Void
    ) async throws {
        let commits = Commits(
            .init(
                waiting: 10,
                waitingBytes: 1000,
                part: part,
                flush: 4,
                flushBytes: 100,
                flushesAtOnce: flushesAtOnce,
                leastBeside: leastBeside
            )
        )
        let flushes = Flushes()
        try await withThrowingTaskGroup { group in
            group.addTask {
                await commits.run(hasLeft: { _ in true }) { items in
                    await flushes.enter(items)
                    return items.map { "\($0)!" }
                }
            }
            try await body(commits, flushes)
            flushes.open()
            group.cancelAll()
        }
    }

    /// What was flushed, and the gate before each flush's end.
    private final class Flushes: Sendable {
        private let state = Mutex((batches: [[Int]](), isOpen: false))
        private let words = AsyncStream<Void>.makeStream()
        private let starts = AsyncStream<Void>.makeStream()

        var batches: [[Int]] { state.withLock { $0.batches } }

        func enter(_ items: [Int]) async {
            let isOpen = state.withLock { state in
                state.batches.append(items)
                return state.isOpen
            }
            starts.continuation.yield()
            if !isOpen { for await _ in words.stream { break } }
        }

        func started() async { for await _ in starts.stream { break } }

        /// Ends one flush.
        func release() { words.continuation.yield() }

        func open() {
            state.withLock { $0.isOpen = true }
            words.continuation.finish()
        }
    }

    /// Submits and waits until it is queued, so that the order is certain.
    private static func submit(
        _ commits: Commits,
        _ item: Int,
        units: Int = 1,
        bytes: Int = 1,
        party: Int32? = nil,
        in group: inout ThrowingTaskGroup<String, any Error>
    ) async throws {
        let before = commits.waiting
        group.addTask { try await commits.submit(item, units: units, bytes: bytes, party: party) }
        while commits.waiting == before { await Task.yield() }
    }

    @Test func whatArrivesDuringAFlushIsTheNextOne() async throws {
        try await Self.with { commits, flushes in
            try await withThrowingTaskGroup(of: String.self) { group in
                group.addTask { try await commits.submit(0, units: 1, bytes: 1, party: nil) }
                await flushes.started()
                for item in 1...5 { try await Self.submit(commits, item, in: &group) }
                flushes.open()
                var answers: Set<String> = []
                for try await answer in group { answers.insert(answer) }
                #expect(answers == ["0!", "1!", "2!", "3!", "4!", "5!"])
            }
            #expect(flushes.batches == [[0], [1, 2, 3, 4], [5]])
        }
    }

    @Test func aSecondFlushWaitsUntilItIsWorthACommit() async throws {
        try await Self.with(flushesAtOnce: 2, leastBeside: 3) { commits, flushes in
            try await withThrowingTaskGroup(of: String.self) { group in
                group.addTask { try await commits.submit(0, units: 1, bytes: 1, party: nil) }
                await flushes.started()
                for item in 1...2 { try await Self.submit(commits, item, in: &group) }
                #expect(flushes.batches == [[0]])
                group.addTask { try await commits.submit(3, units: 1, bytes: 1, party: nil) }
                await flushes.started()
                #expect(flushes.batches == [[0], [1, 2, 3]])
                // What is too little for a second one goes when the first one ends.
                try await Self.submit(commits, 4, in: &group)
                flushes.open()
                try await group.waitForAll()
            }
            #expect(flushes.batches == [[0], [1, 2, 3], [4]])
        }
    }

    @Test func aFlushIsBoundedInUnitsAndBytes() async throws {
        try await Self.with { commits, flushes in
            try await withThrowingTaskGroup(of: String.self) { group in
                group.addTask { try await commits.submit(0, units: 1, bytes: 1, party: nil) }
                await flushes.started()
                try await Self.submit(commits, 1, units: 3, in: &group)
                try await Self.submit(commits, 2, units: 2, in: &group)
                try await Self.submit(commits, 3, units: 1, bytes: 99, in: &group)
                // Larger than a flush, and still one.
                try await Self.submit(commits, 4, units: 1, bytes: 500, in: &group)
                flushes.open()
                try await group.waitForAll()
            }
            #expect(flushes.batches == [[0], [1], [2, 3], [4]])
        }
    }

    @Test func onePartyLeavesRoomForTheOthers() async throws {
        try await Self.with(part: 0.5) { commits, flushes in
            try await withThrowingTaskGroup(of: String.self) { group in
                group.addTask { try await commits.submit(0, units: 1, bytes: 1, party: 1) }
                await flushes.started()
                for item in 1...5 { try await Self.submit(commits, item, party: 1, in: &group) }
                await Self.refused(commits, party: 1, "partFull")
                for item in 6...10 { try await Self.submit(commits, item, party: 2, in: &group) }
                await Self.refused(commits, party: 3, "full")
                flushes.open()
                try await group.waitForAll()
                // What has left makes room again.
                group.addTask { try await commits.submit(11, units: 5, bytes: 1, party: 1) }
                try await group.waitForAll()
            }
        }
    }

    @Test func bytesAreBoundedToo() async throws {
        try await Self.with(part: 0.5) { commits, flushes in
            try await withThrowingTaskGroup(of: String.self) { group in
                group.addTask { try await commits.submit(0, units: 1, bytes: 1, party: 1) }
                await flushes.started()
                // More than a party's part, which it may have to itself.
                try await Self.submit(commits, 1, bytes: 900, party: 1, in: &group)
                await Self.refused(commits, party: 1, "partFull")
                try await Self.submit(commits, 2, bytes: 100, party: 2, in: &group)
                await Self.refused(commits, party: 3, "full")
                flushes.open()
                try await group.waitForAll()
            }
        }
    }

    @Test func afterTheStopNothingIsTaken() async throws {
        try await Self.with { commits, flushes in
            flushes.open()
            _ = try await commits.submit(0, units: 1, bytes: 1, party: nil)
        }
        let commits = Commits(.init(waiting: 1, waitingBytes: 1, flush: 1, flushBytes: 1, flushesAtOnce: 1))
        await withTaskGroup(of: Void.self) { group in
            group.addTask { await commits.run(hasLeft: { _ in true }) { $0.map { "\($0)" } } }
            group.cancelAll()
        }
        await Self.refused(commits, party: nil, "stopping")
    }

    /// For how long depends on how busy the machine is: DrainMeterTests hold that.
    private static func refused(_ commits: Commits, party: Int32?, _ expected: String) async {
        do throws(Commits.Refusal) {
            _ = try await commits.submit(99, units: 1, bytes: 1, party: party)
            Issue.record("it was taken")
        } catch {
            #expect("\(error)".prefix { $0 != "(" } == expected)
        }
    }
}
