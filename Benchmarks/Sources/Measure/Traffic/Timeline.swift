/// Traffic on a grid of 50 ms: what waited in each share, and what was sent up to each instant.
public struct Timeline: Sendable {
    public static let step: Int64 = 50_000_000

    public let start: Int64
    /// Recipients that waited, by share and step.
    public let backlog: [[Int]]
    /// Recipients that SES had taken, by share and step.
    public let sent: [[Int]]

    public init(_ traffic: Traffic, from start: Int64, to end: Int64) {
        self.start = start
        let steps = max(1, Int((end - start) / Self.step))
        var backlog = [[Int]](repeating: [Int](repeating: 0, count: steps), count: traffic.shares.count)
        var sent = backlog
        func note(_ share: Int, _ at: Int64, _ recipients: Int, in table: inout [[Int]]) {
            let step = max(0, Int((at - start + Self.step - 1) / Self.step))
            if step < steps { table[share][step] += recipients }
        }
        for acceptance in traffic.accepted.values {
            note(acceptance.share, acceptance.at, acceptance.recipients, in: &backlog)
        }
        var seen: Set<RowID> = []
        for send in traffic.sends where send.outcome == .accepted {
            guard let share = traffic.share(of: send), let row = send.row else { continue }
            note(share, send.at, send.recipients, in: &sent)
            // A repetition, or a message that nobody was promised, was never in the backlog.
            if seen.insert(row).inserted, traffic.accepted[row.message] != nil {
                note(share, send.at, -send.recipients, in: &backlog)
            }
        }
        self.backlog = backlog.map(Self.sums)
        self.sent = sent.map(Self.sums)
    }

    public var steps: Int { backlog.first?.count ?? 0 }

    /// The step of an instant, within the timeline.
    public func step(at instant: Int64) -> Int { min(max(0, Int((instant - start) / Self.step)), steps - 1) }

    /// Whether each share has enough waiting to use any credit that comes.
    public func busy(_ shares: [SharePlan], at step: Int) -> [Bool] {
        shares.indices.map { backlog[$0][step] >= max(1, shares[$0].rate / 5) }
    }

    private static func sums(_ changes: [Int]) -> [Int] {
        var sum = 0
        return changes.map {
            sum += $0
            return sum
        }
    }
}
