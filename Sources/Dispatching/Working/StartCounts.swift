import Capacity

/// How many recipients' calls began in each of the last seconds, by share: what is shown to people who look. Whole seconds, so that
/// no second holds more than the credits allow.
struct StartCounts: Sendable {
    /// Seconds that are kept; somebody asks once a second.
    private static let kept = 4

    private var seconds: [(second: Int64, counts: [Int32: Int])] = []

    mutating func add(_ count: Int, share: Int32, second: Int64) {
        guard let last = seconds.last, last.second >= second else {
            if seconds.count >= Self.kept { seconds.removeFirst() }
            seconds.append((second, [share: count]))
            return
        }
        seconds[seconds.count - 1].counts[share, default: 0] += count
    }

    func counts(of second: Int64) -> [Int32: Int] { seconds.first { $0.second == second }?.counts ?? [:] }
}
