/// What accepting and dispatching cost with and without a wall: row-level security, or bodies that are sealed.
public struct WallResult: Sendable, Codable, Equatable {
    public enum Variant: String, Sendable, Codable, CaseIterable {
        /// As it comes: row-level security, nothing sealed.
        case usual
        /// Bodies sealed under a key from a file, too.
        case sealed
        /// Another build, whose statements all work as the owner of the tables.
        case unwalled
    }

    /// One kind of work.
    public struct Work: Sendable, Codable, Equatable {
        public var messages: Int
        public var seconds: Double
        /// CPU seconds of the node and of PostgreSQL.
        public var node: Double
        public var database: Double

        public init(messages: Int, seconds: Double, node: Double, database: Double) {
            self.messages = messages
            self.seconds = seconds
            self.node = node
            self.database = database
        }

        public var perSecond: Double { Double(messages) / seconds }

        /// CPU seconds of a message.
        public var each: (node: Double, database: Double) {
            (node / Double(max(1, messages)), database / Double(max(1, messages)))
        }
    }

    public var variant: Variant
    /// `POST /send`, and `POST /send/batch` of 100.
    public var single: Work
    public var batch: Work
    /// Sending what these have left, the quota out of the way.
    public var dispatch: Work

    public init(variant: Variant, single: Work, batch: Work, dispatch: Work) {
        self.variant = variant
        self.single = single
        self.batch = batch
        self.dispatch = dispatch
    }

    public var works: [(name: String, work: Work)] {
        [("POST /send", single), ("POST /send/batch of 100", batch), ("dispatch", dispatch)]
    }

    public var summary: String {
        let parts = works.map { name, work in
            "\(name) \(Figures.decimals(work.perSecond, 0))/s (node \(Figures.decimals(work.each.node * 1e6, 0)) us, "
                + "PostgreSQL \(Figures.decimals(work.each.database * 1e6, 0)) us)"
        }
        return "\(variant.rawValue): " + parts.joined(separator: ", ")
    }
}

extension ReportPage {
    /// The median round of each variant, and how much CPU a message takes compared with `usual`.
    public static func walls(_ cells: [WallResult]) -> String {
        var table = Table([
            "work", "variant", "messages per second", "node: CPU each", "PostgreSQL: CPU each", "CPU against the usual",
        ])
        for index in 0..<3 {
            func median(_ variant: WallResult.Variant) -> (name: String, work: WallResult.Work)? {
                let works = cells.filter { $0.variant == variant }.map { $0.works[index] }
                    .sorted { $0.work.perSecond < $1.work.perSecond }
                return works.isEmpty ? nil : works[works.count / 2]
            }
            let usual = median(.usual).map { $0.work.each.node + $0.work.each.database }
            for variant in WallResult.Variant.allCases {
                guard let (name, work) = median(variant) else { continue }
                let part = usual.map { (work.each.node + work.each.database) / $0 - 1 } ?? 0
                table.add([
                    name, variant.rawValue, Figures.thousands(work.perSecond),
                    "\(Figures.decimals(work.each.node * 1e6, 0)) us",
                    "\(Figures.decimals(work.each.database * 1e6, 0)) us",
                    variant == .usual ? "" : "\(part < 0 ? "" : "+")\(Figures.decimals(part * 100, 1)) %",
                ])
            }
        }
        return table.text
    }
}
