import Gateway
import Mail
import Outbox
import Synchronization

/// Broadcasts in memory.
final class TestBroadcasts: BroadcastAccepting {
    struct Accepted: Sendable {
        let message: NewMessage
        let recipients: [BroadcastRecipient]
    }

    private let state = Mutex<[Accepted]>([])

    var accepted: [Accepted] { state.withLock { $0 } }

    func accept(
        _ message: NewMessage,
        count: Int,
        limits: AcceptLimits,
        next: () throws -> [BroadcastRecipient]
    ) async throws -> MessageStatus {
        var recipients: [BroadcastRecipient] = []
        while true {
            let more = try next()
            if more.isEmpty { break }
            recipients += more
        }
        let accepted = Accepted(message: message, recipients: recipients)
        state.withLock { $0.append(accepted) }
        return .queued
    }
}
