import Logging
import Outbox

/// Finds backlog that nobody told us of, for all accounts of the node at once.
struct QueueWatch: Sendable {
    private static let interval = Duration.milliseconds(500)
    private static let least = Duration.milliseconds(20)
    /// Looks take at most one part in so many of one of the server's cores, however much an old snapshot makes them walk through.
    private static let share = 20
    /// How often the queues are looked at from their starts, for what came in below the marks without a sign.
    private static let wholeInterval = Duration.seconds(30)
    private static let wholeShare = 50
    /// A whole look that takes no longer has met nothing that marks would spare.
    private static let quick = Duration.milliseconds(20)
    /// Rows that one scan counts in all queues together; at least a few, at most enough in each.
    private static let counted = 4000

    let scan: QueueScan
    let services: DispatchServices

    /// Runs until it is cancelled.
    func run() async {
        var queues = 1
        var wholeAt = ContinuousClock.now
        while !Task.isCancelled {
            let started = ContinuousClock.now
            let isWhole = started >= wholeAt
            // A scan that fails is followed by the next.
            if let signs = try? await scan.queues(
                countingTo: min(100, max(4, Self.counted / queues)),
                isWhole: isWhole
            ) {
                queues = max(1, signs.count)
                _ = services.note(signs)
            }
            let took = ContinuousClock.now - started
            if isWhole {
                wholeAt = started + max(Self.wholeInterval, took * Self.wholeShare)
                if took < Self.quick { services.marks.forgetIdle() }
            }
            try? await Task.sleep(until: started + Self.least, clock: .continuous)
            let pause = isWhole ? Self.interval : max(Self.interval, took * Self.share)
            await services.scanBell.wait(until: started + pause)
        }
    }
}
