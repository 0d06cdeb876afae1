import Logging
import Outbox

/// Finds backlog that nobody told us of, for all accounts of the node at once.
struct QueueWatch: Sendable {
    private static let interval = Duration.milliseconds(500)
    private static let least = Duration.milliseconds(20)
    /// Looks take at most one part in so many of one of the server's cores, however much an old snapshot makes them walk through.
    private static let share = 20
    /// However long a look takes.
    private static let longest = Duration.seconds(30)
    /// Rows that one scan counts in all queues together; at least a few, at most enough in each.
    private static let counted = 4000

    let scan: QueueScan
    let services: DispatchServices

    /// Runs until it is cancelled.
    func run() async {
        var queues = 1
        var wholeLooks = WholeLooks(now: .now)
        while !Task.isCancelled {
            let started = ContinuousClock.now
            let isWhole = started >= wholeLooks.dueAt
            var pause = Self.interval
            do {
                let signs = try await scan.queues(
                    countingTo: min(100, max(4, Self.counted / queues)),
                    isWhole: isWhole
                )
                queues = max(1, signs.count)
                _ = services.note(signs)
                let ended = ContinuousClock.now
                if isWhole {
                    if wholeLooks.succeeded(from: started, to: ended) { services.marks.forgetIdle() }
                } else {
                    pause = min(Self.longest, max(Self.interval, (ended - started) * Self.share))
                }
            } catch {
                // It is followed by the next.
                if isWhole { wholeLooks.failed(at: .now) }
            }
            try? await Task.sleep(until: started + Self.least, clock: .continuous)
            await services.scanBell.wait(until: max(.now + Self.least, min(started + pause, wholeLooks.dueAt)))
        }
    }
}
