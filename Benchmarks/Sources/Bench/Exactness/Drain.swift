import Measure

/// Waits until everything that was promised has been sent, or nothing more is.
struct Drain: Sendable {
    /// Longer than a dead node's lease, the grace of unknown outcomes and a leader's take-over together.
    private static let patience = 20.0

    let bed: Bed
    let posts: Posts

    func wait() async throws {
        var last = -1
        var quiet = 0.0
        while quiet < Self.patience {
            let sends = try await bed.simulator.ledger()
            let traffic = Traffic(shares: [], credits: 0, accepted: posts.notes.accepted, sends: sends)
            if traffic.lost == 0 { return }
            quiet = sends.count == last ? quiet + 1 : 0
            last = sends.count
            try await pause(1)
        }
    }
}
