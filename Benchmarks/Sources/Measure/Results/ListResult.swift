/// How long one kind of query about a tenant's mail took, and what it read.
public struct ListResult: Sendable, Codable {
    /// Such as `page`.
    public var query: String
    /// Of all messages in the database.
    public var messages: Int
    /// Of those, the tenant's.
    public var own: Int
    /// Seconds of each request.
    public var time: Spread?
    /// Pages that PostgreSQL looked at for each, and how many of these were not in its cache.
    public var pages: Double
    public var read: Double
    /// Entries in each answer, and how many answers said that there may be more.
    public var entries: Double
    public var cut: Int

    public init(
        query: String,
        messages: Int,
        own: Int,
        time: Spread?,
        pages: Double,
        read: Double,
        entries: Double,
        cut: Int
    ) {
        self.query = query
        self.messages = messages
        self.own = own
        self.time = time
        self.pages = pages
        self.read = read
        self.entries = entries
        self.cut = cut
    }

    public var summary: String {
        let time = time.map {
            "p50 \(Figures.fineMilliseconds($0.p50)), p99 \(Figures.fineMilliseconds($0.p99)), most \(Figures.fineMilliseconds($0.most))"
        }
        return
            "\(query) of \(Figures.thousands(Double(own))) of \(Figures.thousands(Double(messages))): \(time ?? "-"); "
            + "\(Figures.decimals(pages, 0)) pages, \(Figures.decimals(read, 0)) of them not cached; "
            + "\(Figures.decimals(entries, 1)) entries"
    }
}

extension ReportPage {
    /// What each kind of query takes, for a tenant with much of the mail and for one with little.
    public static func lists(_ cells: [ListResult]) -> String {
        var table = Table([
            "query", "tenant's messages", "p50", "p99", "most", "pages each", "of these not cached", "entries each",
        ])
        for cell in cells {
            table.add(
                [cell.query, Figures.thousands(Double(cell.own))]
                    + [cell.time?.p50, cell.time?.p99, cell.time?.most].map { $0.map(Figures.fineMilliseconds) ?? "" }
                    + [
                        Figures.decimals(cell.pages, 0), Figures.decimals(cell.read, 0),
                        Figures.decimals(cell.entries, 1),
                    ]
            )
        }
        return table.text
    }
}
