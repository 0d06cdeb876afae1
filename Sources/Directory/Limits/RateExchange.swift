public import Logging
public import Postgres
public import ServiceLifecycle

/// Tells the other gateways what this one is asked for, and learns what they are: twice a second while it matters, one round
/// trip each time, whatever the number of requests.
public final class RateExchange: Service {
    private static let interval = Duration.milliseconds(500)
    /// While no tenant asks for enough to be told of.
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

    public func run() async throws {
        await cancelWhenGracefulShutdown {
            var watch = GatewayWatch()
            while !Task.isCancelled {
                var isBusy = true
                do {
                    isBusy = try await self.round(&watch)
                } catch {
                    if !Task.isCancelled {
                        self.logger.debug("demand not exchanged", metadata: ["error": "\(error)"])
                    }
                }
                try? await Task.sleep(for: isBusy ? Self.interval : Self.rest)
            }
        }
        _ = try? await pool.query("DELETE FROM gateway_demand WHERE node = \(node)", timeout: Self.patience)
    }

    /// Returns whether there was anything to tell or to hear.
    func round(_ watch: inout GatewayWatch) async throws -> Bool {
        let own = rates.report(now: .now)
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
        let view = watch.look(words, now: .now)
        rates.hear(view.demands, gateways: view.count + 1, now: .now)
        for word in view.stale {
            try await pool.query(
                "DELETE FROM gateway_demand WHERE node = \(word.node) AND counter = \(word.counter)",
                timeout: Self.patience
            )
        }
        return !own.isEmpty || !view.demands.isEmpty
    }
}
