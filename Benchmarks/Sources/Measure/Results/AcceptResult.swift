/// How fast a system made messages durable.
public struct AcceptResult: RatedResult {
    /// What it was measured with, apart from how fast it is.
    public struct Setting: Sendable, Codable, Equatable {
        public var system: String
        /// What it promises when it answers, and what stands in front of it.
        public var contract: String
        /// Messages in one request or call.
        public var batch: Int
        /// Clients that wait for their answers before they ask again.
        public var clients: Int

        public init(system: String, contract: String, batch: Int, clients: Int) {
            self.system = system
            self.contract = contract
            self.batch = batch
            self.clients = clients
        }
    }

    /// CPU seconds of all messages.
    public struct Cost: Sendable, Codable, Equatable {
        /// A library's is that of the processes that call it.
        public var system: Double
        public var database: Double
        /// Of what asks over HTTP; nil where nothing does.
        public var client: Double?

        public init(system: Double, database: Double, client: Double?) {
            self.system = system
            self.database = database
            self.client = client
        }
    }

    public var setting: Setting
    /// Messages that were promised.
    public var messages: Int
    /// Messages that were refused, which are none of the rate.
    public var refused: Int
    public var seconds: Double
    /// Messages per second that were asked for; nil: as many as there were answers.
    public var offered: Double?
    /// Seconds from when a request was to be sent until its answer was there.
    public var latency: Spread?
    /// The latency that so many of a hundred thousand requests had or less.
    public var distribution: [Quantile]?
    public var cost: Cost
    public var work: DatabaseWork

    public init(
        setting: Setting,
        messages: Int,
        refused: Int,
        seconds: Double,
        offered: Double?,
        latencies: [Double],
        cost: Cost,
        work: DatabaseWork
    ) {
        self.setting = setting
        self.messages = messages
        self.refused = refused
        self.seconds = seconds
        self.offered = offered
        latency = Spread(latencies)
        distribution = latencies.isEmpty ? nil : Quantile.usual(latencies)
        self.cost = cost
        self.work = work
    }

    public var perSecond: Double { Double(messages) / seconds }
    public var isOpen: Bool { offered != nil }
    public var group: String { "\(setting.system) \(setting.batch) \(isOpen)" }

    public var summary: String {
        let count = Double(max(messages, 1))
        var parts = ["\(setting.system), \(setting.batch) at once: \(Figures.decimals(perSecond, 0))/s"]
        if let offered { parts.append("of \(Figures.decimals(offered, 0))/s that were offered") }
        if let latency {
            parts.append("p50 \(Figures.fineMilliseconds(latency.p50)), p99 \(Figures.fineMilliseconds(latency.p99))")
        }
        if refused > 0 { parts.append("\(refused) refused") }
        parts.append(
            "CPU each: system \(Figures.microseconds(cost.system / count)), PostgreSQL "
                + Figures.microseconds(cost.database / count)
                + (cost.client.map { ", client \(Figures.microseconds($0 / count))" } ?? "")
        )
        parts.append(work.summary(per: count))
        return parts.joined(separator: ", ")
    }
}

/// The systems and, from the same rounds, what the database can do by itself.
public struct AcceptFigures: Sendable, Codable {
    public var accepted: [AcceptResult]
    public var limit: [LimitResult]

    public init(accepted: [AcceptResult], limit: [LimitResult]) {
        self.accepted = accepted
        self.limit = limit
    }
}
