import Logging
import Outbox

/// Finds backlog that nobody told us of, for all accounts of the node at once.
struct QueueWatch: Sendable {
    private static let interval = Duration.milliseconds(500)
    private static let least = Duration.milliseconds(20)

    let scan: QueueScan
    let services: DispatchServices

    /// Runs until it is cancelled.
    func run() async {
        while !Task.isCancelled {
            let started = ContinuousClock.now
            // A scan that fails is followed by the next.
            if let signs = try? await scan.queues() { _ = services.note(signs) }
            try? await Task.sleep(until: started + Self.least, clock: .continuous)
            await services.scanBell.wait(until: started + Self.interval)
        }
    }
}
