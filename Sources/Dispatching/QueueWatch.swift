import Logging
import Outbox

/// Finds backlog that nobody told us of, for all accounts of the node at once.
struct QueueWatch: Sendable {
    private static let interval = Duration.milliseconds(500)
    private static let least = Duration.milliseconds(20)
    /// Rows that one scan counts in all queues together; at least a few, at most enough in each.
    private static let counted = 4000

    let scan: QueueScan
    let services: DispatchServices

    /// Runs until it is cancelled.
    func run() async {
        var queues = 1
        while !Task.isCancelled {
            let started = ContinuousClock.now
            // A scan that fails is followed by the next.
            if let signs = try? await scan.queues(countingTo: min(100, max(4, Self.counted / queues))) {
                queues = max(1, signs.count)
                _ = services.note(signs)
            }
            try? await Task.sleep(until: started + Self.least, clock: .continuous)
            await services.scanBell.wait(until: started + Self.interval)
        }
    }
}
