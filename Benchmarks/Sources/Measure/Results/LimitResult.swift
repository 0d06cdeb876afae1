/// How fast the rows of accepted messages can be written with nothing in front of the database.
public struct LimitResult: RatedResult {
    /// How they were written, such as `batches`.
    public var way: String
    /// Messages in one transaction.
    public var batch: Int
    public var clients: Int
    public var messages: Int
    public var seconds: Double
    /// CPU seconds of all messages.
    public var client: Double
    public var database: Double
    public var work: DatabaseWork

    public init(
        way: String,
        batch: Int,
        clients: Int,
        messages: Int,
        seconds: Double,
        client: Double,
        database: Double,
        work: DatabaseWork
    ) {
        self.way = way
        self.batch = batch
        self.clients = clients
        self.messages = messages
        self.seconds = seconds
        self.client = client
        self.database = database
        self.work = work
    }

    public var perSecond: Double { Double(messages) / seconds }
    public var group: String { "\(way) \(batch) \(clients)" }
    public var name: String { batch == 1 ? way : "\(way) of \(batch)" }

    public var summary: String {
        let count = Double(max(messages, 1))
        return """
            \(name), \(clients) clients: \(Figures.decimals(perSecond, 0))/s; CPU each: PostgreSQL \
            \(Figures.microseconds(database / count)), client \(Figures.microseconds(client / count)); \
            \(work.summary(per: count))
            """
    }
}
