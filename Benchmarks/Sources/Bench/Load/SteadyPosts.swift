import Measure

/// Posts single messages at a steady rate whatever the answers take, and says when each was accepted.
struct SteadyPosts: Sendable {
    let posts: Posts
    /// Messages a second, over the tenants in turn.
    let rate: Double
    let tenants: Range<Int>
    let seconds: Double

    func run() async throws -> [RowID: Int64] {
        try await withThrowingTaskGroup(of: (RowID, Int64).self) { group in
            let start = ContinuousClock.now
            for number in 0..<Int(rate * seconds) {
                try await Task.sleep(until: start + .seconds(Double(number) / rate), clock: .continuous)
                let tenant = tenants.lowerBound + number % tenants.count
                group.addTask {
                    let accepted = try await posts.post(Order(share: 0, recipients: 1, tenant: tenant))
                    return (accepted.message, accepted.at)
                }
            }
            return try await group.reduce(into: [:]) { $0[$1.0] = $1.1 }
        }
    }
}
