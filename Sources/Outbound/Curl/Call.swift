import Synchronization

/// One `send`, as the calling task and the loop's thread share it.
final class Call: Sendable {
    let request: OutboundRequest
    let acceptedAt = ContinuousClock.now

    /// Set when the task is cancelled, which may be before the loop has seen the call.
    let isCancelled = Atomic(false)

    init(_ request: OutboundRequest) {
        self.request = request
    }
}
