import Foundation
import Gateway
import Mail
import Synchronization

@testable import Outbox

/// An outbox in memory: keeps what is accepted, and fails when it is told to.
final class TestStore: MessageAccepting, MessageReading, MessageCanceling {
    struct State {
        var accepted: [NewMessage] = []
        var refusal: AcceptError?
        var views: [MessageView] = []
        var events: [MessageEvent] = []
        var cancellation: Cancellation.Answer?
        /// What was answered under keys.
        var answers: [IdempotencyKey: String] = [:]
        /// Subjects that the database refuses.
        var poison: Set<String> = []
        /// Subjects that are over a limit of the tenant's.
        var overLimit: [String: LimitRefusal] = [:]
        var failure: (any Error)?
        /// What a commit waits for.
        var gate: AsyncStream<Void>?
    }

    private let state = Mutex(State())
    /// A word for each message whose commit began.
    let commits: AsyncStream<Void>
    private let commit: AsyncStream<Void>.Continuation

    init() {
        (commits, commit) = AsyncStream.makeStream()
    }

    func set(_ change: (inout State) -> Void) { state.withLock { change(&$0) } }

    var accepted: [NewMessage] { state.withLock { $0.accepted } }

    func accept(_ submission: Submission) async throws(AcceptError) -> Receipt {
        let gate = state.withLock { $0.gate }
        commit.yield()
        if let gate { for await _ in gate { break } }
        if let refusal = state.withLock({ $0.refusal }) { throw refusal }
        if let key = submission.key, let receipt = try await receipt(for: key, tenantID: submission.tenantID) {
            return receipt
        }
        return state.withLock { state in
            let verdicts = submission.messages.map { message -> MessageVerdict in
                if let refusal = state.overLimit[message.subject ?? ""] { return .overLimit(refusal) }
                return state.poison.contains(message.subject ?? "") ? .refused : .accepted(message.status)
            }
            for (message, verdict) in zip(submission.messages, verdicts) where verdict.status != nil {
                state.accepted.append(message)
            }
            let answer = submission.answer(verdicts)
            if let key = submission.key { state.answers[key] = answer }
            return Receipt(answer: answer, isReplay: false)
        }
    }

    func receipt(for key: IdempotencyKey, tenantID: Int32) async throws(AcceptError) -> Receipt? {
        guard let known = state.withLock({ $0.answers.first { $0.key.hash == key.hash } }) else { return nil }
        guard known.key == key else { throw AcceptError(.keyReused, "x") }
        return Receipt(answer: known.value, isReplay: true)
    }

    func message(_ id: MessageID, tenantID: Int32, after: OutboxID?) async throws -> MessageView? {
        try check()
        return tenantID == 1 ? state.withLock { $0.views.first { $0.id == id } } : nil
    }

    func events(_ id: MessageID, tenantID: Int32, after: OutboxID?) async throws -> MessageEventPage? {
        try check()
        guard tenantID == 1, state.withLock({ $0.views.contains { $0.id == id } }) else { return nil }
        return MessageEventPage(events: state.withLock { $0.events })
    }

    func cancel(_ id: MessageID, tenantID: Int32) async throws -> Cancellation.Answer? {
        try check()
        return tenantID == 1 ? state.withLock { $0.cancellation } : nil
    }

    private func check() throws {
        if let failure = state.withLock({ $0.failure }) { throw failure }
    }
}
