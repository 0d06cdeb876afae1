/// What a node and its database cost while a page of the dashboard was open, or none.
public struct PageResult: Sendable, Codable, Equatable {
    /// Its path; nil: none was open.
    public var page: String?
    public var lanes: Int
    /// Messages per second, over all lanes.
    public var posted: Int
    public var seconds: Double
    /// CPU seconds per second.
    public var node: Double
    public var database: Double

    public init(page: String?, lanes: Int, posted: Int, seconds: Double, node: Double, database: Double) {
        self.page = page
        self.lanes = lanes
        self.posted = posted
        self.seconds = seconds
        self.node = node
        self.database = database
    }

    public var summary: String {
        "\(page ?? "no page"), \(lanes) lanes, \(posted) messages/s: node \(Figures.percent(node)) of a core, PostgreSQL "
            + Figures.percent(database)
    }

    /// What a page added to the cost of a node without any: the mean of the differences from the cell before each.
    public struct Cost: Sendable, Equatable {
        public var page: String
        public var lanes: Int
        public var posted: Int
        public var node: Double
        public var database: Double
        /// Of the node: the least and the most of the differences.
        public var range: ClosedRange<Double>

        public var summary: String {
            "\(page), \(lanes) lanes, \(posted) messages/s: \(Figures.percent(node)) of a core more in the node "
                + "(\(between)), \(Figures.percent(database)) in PostgreSQL"
        }

        var between: String { "\(Figures.percent(range.lowerBound)) to \(Figures.percent(range.upperBound))" }
    }

    /// In the order of the cells.
    public static func costs(_ cells: [PageResult]) -> [Cost] {
        var costs: [Cost] = []
        for (index, cell) in cells.enumerated() {
            guard let page = cell.page,
                !costs.contains(where: { $0.page == page && $0.lanes == cell.lanes && $0.posted == cell.posted })
            else { continue }
            let pairs = zip(cells, cells.dropFirst()).dropFirst(max(0, index - 1)).filter { before, after in
                before.page == nil && after.page == page
                    && [before, after].allSatisfy { $0.lanes == cell.lanes && $0.posted == cell.posted }
            }
            let nodes = pairs.map { $1.node - $0.node }
            guard let least = nodes.min(), let most = nodes.max() else { continue }
            let databases = pairs.map { $1.database - $0.database }
            costs.append(
                Cost(
                    page: page,
                    lanes: cell.lanes,
                    posted: cell.posted,
                    node: nodes.reduce(0, +) / Double(nodes.count),
                    database: databases.reduce(0, +) / Double(databases.count),
                    range: least...most
                )
            )
        }
        return costs
    }
}

extension ReportPage {
    public static func pages(_ cells: [PageResult]) -> String {
        var table = Table([
            "page", "lanes", "messages/s", "more of a core in the node", "least to most", "in PostgreSQL",
        ])
        for cost in PageResult.costs(cells) {
            table.add([
                "`\(cost.page)`", "\(cost.lanes)", "\(cost.posted)", Figures.percent(cost.node), cost.between,
                Figures.percent(cost.database),
            ])
        }
        return table.text
    }
}
