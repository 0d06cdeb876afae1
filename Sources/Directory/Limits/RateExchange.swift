public import Logging
public import Postgres
public import ServiceLifecycle

/// Tells the other gateways what this one is asked for, and learns what they are: twice a second while it is asked for anything
/// worth telling, one round trip each time, whatever the number of requests.
public final class RateExchange: Service {
    private static let interval = Duration.milliseconds(500)
    /// While nobody is.
    private static let rest = Duration.seconds(2)
    private static let patience = Duration.seconds(2)

    private let pool: PostgresPool
    private let rates: RequestRates
    private let node: String
    private let logger: Logger

    /// - Parameter node: a name that no other process has.
    public init(pool: PostgresPool, rates: RequestRates, node: String, logger: Logger) {
        self.pool = pool
        self.rates = rates
        self.node = node
        self.logger = logger
    }

    /// How far the talk with the others has come.
    struct Talk {
        var watch = GatewayWatch()
        /// When we spoke last.
        var spokeAt: ContinuousClock.Instant?
        /// What we said last was not nothing.
        var hasTold = false
    }

    public func run() async throws {
        await cancelWhenGracefulShutdown {
            var talk = Talk()
            while !Task.isCancelled {
                do {
                    try await self.round(&talk)
                } catch {
                    if !Task.isCancelled {
                        self.logger.debug("demand not exchanged", metadata: ["error": "\(error)"])
                    }
                }
                try? await Task.sleep(for: Self.interval)
            }
        }
        _ = try? await pool.query("DELETE FROM gateway_demand WHERE node = \(node)", timeout: Self.patience)
    }

    /// Speaks and listens, unless there is nothing to say and it was said just now.
    func round(_ talk: inout Talk, now: ContinuousClock.Instant = .now) async throws {
        let own = rates.report(now: now)
        let isDue = talk.spokeAt.map { $0 + Self.rest <= now } ?? true
        guard isDue || talk.hasTold || !own.isEmpty else { return }
        let tenants = own.keys.sorted()
        let answers = try await pool.pipeline(
            [
                """
                INSERT INTO gateway_demand (node, tenants, rates)
                SELECT \(node), \(tenants), \(tenants.map { own[$0] ?? 0 })
                ON CONFLICT (node) DO UPDATE SET
                    counter = gateway_demand.counter + 1, tenants = excluded.tenants, rates = excluded.rates
                """,
                "SELECT node, counter, tenants, rates FROM gateway_demand WHERE node <> \(node)",
            ],
            timeout: Self.patience
        )
        let words = try answers[1].decode(String.self, Int64.self, [Int32].self, [Double].self).map { row in
            GatewayWatch.Word(
                node: row.0,
                counter: row.1,
                demands: Dictionary(zip(row.2, row.3)) { first, _ in first }
            )
        }
        talk.spokeAt = now
        talk.hasTold = !own.isEmpty
        let view = talk.watch.look(words, now: .now)
        rates.hear(view.demands, gateways: view.count + 1, now: .now)
        for word in view.stale {
            try await pool.query(
                "DELETE FROM gateway_demand WHERE node = \(word.node) AND counter = \(word.counter)",
                timeout: Self.patience
            )
        }
    }
}
