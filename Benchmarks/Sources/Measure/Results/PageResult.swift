/// What a node and its database cost while a page of the dashboard was open, or none.
public struct PageResult: Sendable, Codable, Equatable {
    /// Its path; nil: none was open.
    public var page: String?
    public var lanes: Int
    public var seconds: Double
    /// CPU seconds per second.
    public var node: Double
    public var database: Double

    public init(page: String?, lanes: Int, seconds: Double, node: Double, database: Double) {
        self.page = page
        self.lanes = lanes
        self.seconds = seconds
        self.node = node
        self.database = database
    }

    public var summary: String {
        "\(page ?? "no page"), \(lanes) lanes: node \(Figures.percent(node)) of a core, PostgreSQL "
            + Figures.percent(database)
    }

    /// What a page added to the cost of a node without any, by the medians of all rounds.
    public struct Cost: Sendable, Equatable {
        public var page: String
        public var lanes: Int
        public var node: Double
        public var database: Double

        public var summary: String {
            "\(page), \(lanes) lanes: \(Figures.percent(node)) of a core more in the node, "
                + "\(Figures.percent(database)) in PostgreSQL"
        }
    }

    /// In the order of the lanes and of the pages' first cells.
    public static func costs(_ cells: [PageResult]) -> [Cost] {
        func median(_ figure: KeyPath<PageResult, Double>, _ page: String?, _ lanes: Int) -> Double? {
            let figures = cells.filter { $0.page == page && $0.lanes == lanes }.map { $0[keyPath: figure] }.sorted()
            return figures.isEmpty ? nil : figures[figures.count / 2]
        }
        var seen: [Cost] = []
        for cell in cells {
            guard let page = cell.page, !seen.contains(where: { $0.page == page && $0.lanes == cell.lanes }),
                let node = median(\.node, page, cell.lanes), let idleNode = median(\.node, nil, cell.lanes),
                let database = median(\.database, page, cell.lanes),
                let idleDatabase = median(\.database, nil, cell.lanes)
            else { continue }
            seen.append(
                Cost(page: page, lanes: cell.lanes, node: node - idleNode, database: database - idleDatabase)
            )
        }
        return seen
    }
}

extension ReportPage {
    public static func pages(_ cells: [PageResult]) -> String {
        var table = Table(["page", "lanes", "more of a core in the node", "in PostgreSQL"])
        for cost in PageResult.costs(cells) {
            table.add([
                "`\(cost.page)`", "\(cost.lanes)", Figures.percent(cost.node), Figures.percent(cost.database),
            ])
        }
        return table.text
    }
}
