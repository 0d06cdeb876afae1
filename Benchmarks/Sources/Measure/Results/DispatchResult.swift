/// How fast ready rows were dispatched, and what one of them cost.
public struct DispatchResult: Sendable, Codable {
    public var system: String
    /// What the system promises of a row that it has finished.
    public var contract: String
    /// Of the other side of the calls, such as `30ms`.
    public var latency: String
    public var rows: Int
    /// From the commit that made the rows visible to the commit of the last outcome.
    public var seconds: Double
    /// Rows of which SES has one copy, and no other.
    public var sentOnce: Int
    /// CPU seconds of all rows.
    public var worker: Double
    public var database: Double
    /// Of what was sent to; nil where it is part of the worker.
    public var receiver: Double?
    public var work: DatabaseWork

    public init(
        system: String,
        contract: String,
        latency: String,
        rows: Int,
        seconds: Double,
        sentOnce: Int,
        worker: Double,
        database: Double,
        receiver: Double?,
        work: DatabaseWork
    ) {
        self.system = system
        self.contract = contract
        self.latency = latency
        self.rows = rows
        self.seconds = seconds
        self.sentOnce = sentOnce
        self.worker = worker
        self.database = database
        self.receiver = receiver
        self.work = work
    }

    public var perSecond: Double { Double(rows) / seconds }

    public var summary: String {
        let count = Double(max(rows, 1))
        func micros(_ seconds: Double) -> String { Figures.decimals(seconds / count * 1e6, 0) + " us" }
        return """
            \(system), \(latency): \(Figures.decimals(perSecond, 0))/s, \(sentOnce) of \(rows) sent once; CPU per row: \
            worker \(micros(worker)), PostgreSQL \(micros(database)), receiver \(receiver.map(micros) ?? "-"); \
            \(work.summary(per: count))
            """
    }

    /// The result with the median rate.
    public static func median(_ results: [DispatchResult]) -> DispatchResult? {
        results.sorted { $0.perSecond < $1.perSecond }.dropFirst(results.count / 2).first
    }
}
