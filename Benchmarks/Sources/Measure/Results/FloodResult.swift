/// How long a tenant's requests took to be accepted, alone or while another one asks for many times its rate.
public struct FloodResult: Sendable, Codable, Equatable {
    /// What the other one asked for.
    public struct Flood: Sendable, Codable, Equatable {
        /// Requests a second that it may make, and those that it made.
        public var limit: Int
        public var offered: Double
        public var accepted: Int
        public var refused: Int

        public init(limit: Int, offered: Double, accepted: Int, refused: Int) {
            self.limit = limit
            self.offered = offered
            self.accepted = accepted
            self.refused = refused
        }
    }

    /// Nil: nobody else asked for anything.
    public var flood: Flood?
    /// Requests a second of the tenant that is looked at.
    public var offered: Double
    public var seconds: Double
    public var accepted: Int
    public var refused: Int
    /// Seconds from when a request was to be sent until its 202.
    public var latency: Spread?

    public init(
        flood: Flood?,
        offered: Double,
        seconds: Double,
        accepted: Int,
        refused: Int,
        latency: Spread?
    ) {
        self.flood = flood
        self.offered = offered
        self.seconds = seconds
        self.accepted = accepted
        self.refused = refused
        self.latency = latency
    }

    public var summary: String {
        let latency = latency.map {
            "p50 \(Figures.fineMilliseconds($0.p50)), p99 \(Figures.fineMilliseconds($0.p99))"
        }
        let beside = flood.map {
            "beside \(Figures.thousands($0.offered))/s of one who may \($0.limit)/s "
                + "(\($0.accepted) accepted, \($0.refused) refused)"
        }
        return "\(beside ?? "alone"): \(accepted) accepted, \(refused) refused, \(latency ?? "-")"
    }

    /// How much longer the p99 is beside the flood than alone, by the medians of all windows; nil without windows of both kinds.
    public static func moved(_ cells: [FloodResult]) -> Double? {
        func median(_ isFlooded: Bool) -> Double? {
            let figures = cells.filter { ($0.flood != nil) == isFlooded }.compactMap(\.latency?.p99).sorted()
            return figures.isEmpty ? nil : figures[figures.count / 2]
        }
        guard let alone = median(false), let beside = median(true), alone > 0 else { return nil }
        return beside / alone - 1
    }
}

extension ReportPage {
    public static func floods(_ cells: [FloodResult]) -> String {
        var table = Table([
            "beside", "accepted of it", "refused of it", "own requests", "refused", "p50", "p99", "most",
        ])
        for cell in cells {
            table.add([
                cell.flood.map { "\(Figures.thousands($0.offered))/s of one who may \($0.limit)/s" } ?? "nobody",
                cell.flood.map { "\($0.accepted)" } ?? "", cell.flood.map { "\($0.refused)" } ?? "",
                "\(cell.accepted)", "\(cell.refused)",
                cell.latency.map { Figures.fineMilliseconds($0.p50) } ?? "-",
                cell.latency.map { Figures.fineMilliseconds($0.p99) } ?? "-",
                cell.latency.map { Figures.fineMilliseconds($0.most) } ?? "-",
            ])
        }
        return table.text
    }
}
