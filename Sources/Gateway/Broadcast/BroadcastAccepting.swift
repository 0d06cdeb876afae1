public import Mail
public import Outbox

/// Makes broadcasts durable, wholly or not at all; see `BroadcastWriter`.
public protocol BroadcastAccepting: Sendable {
    func accept(
        _ message: NewMessage,
        count: Int,
        limits: AcceptLimits,
        next: () throws -> [BroadcastRecipient]
    ) async throws -> MessageStatus
}

extension BroadcastWriter: BroadcastAccepting {}
