import Foundation
import Outbound
import Synchronization

/// Clients that post until so many messages were promised to be sent, through crashes and stops; they note every answer.
final class Load: Sendable {
    struct Notes: Sendable {
        /// The region of each message that was answered with 202.
        var promised: [String: String] = [:]
        /// Posts that may have been accepted although the client saw no 202.
        var uncertain = 0
        /// Refusals by their status.
        var refused: [Int: Int] = [:]
    }

    /// 0 to below `count`, each given once.
    private final class Numbers: Sendable {
        private let count: Int
        private let taken = Atomic<Int>(0)

        init(_ count: Int) {
            self.count = count
        }

        func next() -> Int? {
            let number = taken.wrappingAdd(1, ordering: .relaxed).oldValue
            return number < count ? number : nil
        }
    }

    private let state = Mutex(Notes())
    private let isStopped = Atomic<Bool>(false)

    var notes: Notes { state.withLock(\.self) }

    /// Ends the posting behind what is under way.
    func stop() { isStopped.store(true, ordering: .relaxed) }

    /// - Parameters:
    ///   - apis: each client starts with one of them and goes on to the next when a post fails.
    ///   - pause: of each client behind each post.
    ///   - region: of the nth message.
    func post(
        _ count: Int,
        clients: Int = 16,
        to apis: [TenantAPI],
        pause: Duration = .zero,
        region: @escaping @Sendable (Int) -> String = { $0 % 5 < 3 ? "AT" : "UK" }
    ) async throws {
        let numbers = Numbers(count)
        try await withThrowingTaskGroup { group in
            for client in 0..<clients {
                group.addTask {
                    while !self.isStopped.load(ordering: .relaxed), let number = numbers.next() {
                        try await self.post(number, region: region(number), to: apis, first: client % apis.count)
                        if pause > .zero { try await Task.sleep(for: pause) }
                    }
                }
            }
            try await group.waitForAll()
        }
    }

    /// Posts one message until somebody promises to send it.
    private func post(_ number: Int, region: String, to apis: [TenantAPI], first: Int) async throws {
        let submission = Submission(to: ["reader\(number)@example.org"], subject: "Number \(number)", region: region)
        let deadline = ContinuousClock.now + .seconds(90)
        var turn = first
        while ContinuousClock.now < deadline {
            if try await isPromised(submission, region: region, by: apis[turn % apis.count]) { return }
            turn += 1
            try await Task.sleep(for: .milliseconds(50))
        }
        throw TestFailure("nobody took message \(number)")
    }

    private func isPromised(_ submission: Submission, region: String, by api: TenantAPI) async throws -> Bool {
        let answer: OutboundResponse
        do {
            answer = try await api.post(submission)
        } catch let error as OutboundError {
            if error.wholeRequestLeft { state.withLock { $0.uncertain += 1 } }
            return false
        }
        guard answer.status == 202 else {
            state.withLock { notes in
                notes.refused[answer.status, default: 0] += 1
                // A commit whose answer was lost is refused with 503, too.
                if answer.status == 503, (try? answer.problem().code) == "database_unavailable" { notes.uncertain += 1 }
            }
            return false
        }
        let id = try JSONDecoder().decode(Acceptance.self, from: Data(answer.body)).id
        state.withLock { $0.promised[id] = region }
        return true
    }
}
