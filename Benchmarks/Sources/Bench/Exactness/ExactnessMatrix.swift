/// The cells of B7.
enum ExactnessMatrix {
    /// The one whose sends are drawn, with the comparators' beside it.
    static let drawn = (rate: 100, nodes: 2, latency: ExactnessCell.Latency.usual)

    static func cells(isQuick: Bool) -> [ExactnessCell] {
        isQuick ? quick : clean + faulty + lanes + comparators
    }

    private static let quick: [ExactnessCell] =
        [
            ExactnessCell(rate: 100, nodes: 2, latency: .usual),
            ExactnessCell(rate: 50, nodes: 1, latency: .usual, lanes: 30),
            ExactnessCell(rate: 100, nodes: 2, latency: .usual, fault: .nodeKilled),
        ] + compared(rate: 100, latency: .usual)

    private static var clean: [ExactnessCell] {
        [1, 14, 100, 1000].flatMap { rate in
            [1, 2, 4].flatMap { nodes in
                ExactnessCell.Latency.allCases.map { ExactnessCell(rate: rate, nodes: nodes, latency: $0) }
            }
        }
    }

    private static var faulty: [ExactnessCell] {
        [2, 4].flatMap { nodes in
            Fault.allCases.map { ExactnessCell(rate: 100, nodes: nodes, latency: .usual, fault: $0) }
        } + [
            ExactnessCell(rate: 1, nodes: 2, latency: .usual, fault: .leaderKilled),
            ExactnessCell(rate: 14, nodes: 2, latency: .usual, fault: .leaderPaused),
            ExactnessCell(rate: 1000, nodes: 4, latency: .usual, fault: .leaderKilled),
            ExactnessCell(rate: 1000, nodes: 2, latency: .usual, fault: .databaseRestarted),
        ]
    }

    private static var lanes: [ExactnessCell] {
        [1, 2].map { ExactnessCell(rate: 50, nodes: $0, latency: .usual, lanes: 300) }
    }

    private static var comparators: [ExactnessCell] {
        [1, 14, 100, 1000].flatMap { rate in
            ExactnessCell.Latency.allCases.flatMap { compared(rate: rate, latency: $0) }
        }
    }

    private static func compared(rate: Int, latency: ExactnessCell.Latency) -> [ExactnessCell] {
        [.alignedGrants, .bucket, .splitBuckets].map {
            ExactnessCell(system: $0, rate: rate, nodes: $0 == .splitBuckets ? 4 : 1, latency: latency)
        }
    }
}
