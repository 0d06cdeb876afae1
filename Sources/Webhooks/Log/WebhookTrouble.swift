public import Foundation
public import Outbox
public import Postgres

/// Shows those who run the gateway, over all tenants, which endpoints have trouble and which deliveries have failed.
public struct WebhookTrouble: Sendable {
    /// How far back is looked for failed deliveries, and at how many with one statement.
    private static let days: Int32 = 7
    private static let bound = 10_000
    private static let mostEndpoints: Int64 = 1_000
    /// Of a call, and of each of its statements.
    private static let timeout = Duration.seconds(3)

    private let pool: PostgresPool
    private let bound: Int
    private let timeout: Duration

    public init(pool: PostgresPool) {
        self.init(pool: pool, bound: Self.bound, timeout: Self.timeout)
    }

    init(pool: PostgresPool, bound: Int, timeout: Duration = Self.timeout) {
        self.pool = pool
        self.bound = bound
        self.timeout = timeout
    }

    public struct Endpoint: Sendable {
        public let id: UUID
        public let tenantID: Int32
        public let tenant: String
        /// Of its URL, which may hold a secret, the host alone.
        public let host: String
        public let status: String
        public let disabledReason: String?
        public let disabledAt: Date?
        public let failingSince: Date?
        /// In a row.
        public let failures: Int
        /// Deliveries that wait in its queue.
        public let queued: Int

        public init(
            id: UUID,
            tenantID: Int32,
            tenant: String,
            host: String,
            status: String,
            disabledReason: String?,
            disabledAt: Date?,
            failingSince: Date?,
            failures: Int,
            queued: Int
        ) {
            self.id = id
            self.tenantID = tenantID
            self.tenant = tenant
            self.host = host
            self.status = status
            self.disabledReason = disabledReason
            self.disabledAt = disabledAt
            self.failingSince = failingSince
            self.failures = failures
            self.queued = queued
        }
    }

    public struct Failure: Sendable {
        public let endpoint: UUID
        public let tenant: String
        public let host: String
        public let delivery: WebhookDelivery

        public init(endpoint: UUID, tenant: String, host: String, delivery: WebhookDelivery) {
            self.endpoint = endpoint
            self.tenant = tenant
            self.host = host
            self.delivery = delivery
        }
    }

    /// All endpoints, those with trouble first.
    public func endpoints() async throws -> [Endpoint] {
        try await pool.query(
            """
            SELECT e.id, e.tenant_id, tenant.name, e.url, e.status, e.disabled_reason, e.disabled_at, e.failing_since, e.failures,
                   (SELECT count(*) FROM (SELECT FROM webhook_queue AS q WHERE q.endpoint_id = e.id LIMIT 1000) AS q)
            FROM webhook_endpoint AS e JOIN tenant ON tenant.id = e.tenant_id
            ORDER BY e.status = 'active', e.failing_since NULLS LAST, tenant.name, e.id LIMIT \(Self.mostEndpoints)
            """
        ).map { row in
            Endpoint(
                id: try row[0, as: UUID.self],
                tenantID: try row[1, as: Int32.self],
                tenant: try row[2, as: String.self],
                host: Self.host(try row[3, as: String.self]),
                status: try row[4, as: String.self],
                disabledReason: try row[5, as: String?.self],
                disabledAt: try row[6, as: Date?.self],
                failingSince: try row[7, as: Date?.self],
                failures: try row[8, as: Int.self],
                queued: try row[9, as: Int.self]
            )
        }
    }

    /// Whose an endpoint is; nil for one that there is not.
    public func tenantID(of endpoint: UUID) async throws -> Int32? {
        try await pool.query("SELECT tenant_id FROM webhook_endpoint WHERE id = \(endpoint)").decode(Int32.self).first
    }

    /// The failed and discarded deliveries of the last days, newest first. It may be fewer than `limit` although there are more.
    ///
    /// What fails is three days old by then, and no index knows it, for that would cost each delivery: so a call goes on part by
    /// part until it has enough, the end is reached, or its time is over.
    ///
    /// - Parameters:
    ///   - after: only older ones than this.
    ///   - before: only newer ones, those next to it.
    public func failures(tenantID: Int32?, limit: Int, after: UUID?, before: UUID?)
        async throws -> ListPage<Failure, UUID>
    {
        let isAscending = before != nil
        var (after, before) = (after, before)
        var found: [Failure] = []
        var edge: UUID?
        do {
            try await pool.withReading(statementsWithin: Self.timeout) { connection in
                let started = ContinuousClock.now
                repeat {
                    let look = FailureLook(
                        tenantID: tenantID,
                        days: Self.days,
                        after: after,
                        before: before,
                        isAscending: isAscending
                    )
                    let reached = try await connection.query(look.edge(bound), prepared: false).decode(UUID.self).first
                    found += try await connection.query(
                        look.failures(upTo: reached, limit: limit - found.count),
                        prepared: false
                    ).map(Self.failure)
                    edge = reached
                    guard let reached, found.count < limit, ContinuousClock.now - started < timeout else { return }
                    if isAscending { before = reached } else { after = reached }
                } while true
            }
        } catch  where edge != nil && DatabaseAvailability.isTooSlow(error) {
            // What was found by then is an answer; the next call goes on from there.
        }
        return ListPage(items: isAscending ? found.reversed() : found, edge: edge)
    }

    private static func failure(_ row: Row) throws -> Failure {
        Failure(
            endpoint: try row[0, as: UUID.self],
            tenant: try row[1, as: String.self],
            host: host(try row[2, as: String.self]),
            delivery: WebhookDelivery(
                id: try row[3, as: UUID.self],
                eventID: try row[4, as: UUID.self],
                type: try row[5, as: String.self],
                messageID: try row[6, as: String?.self],
                isReplay: try row[7, as: Bool.self],
                status: DeliveryStatus(rawValue: try row[8, as: Int16.self]) ?? .failed,
                nextAttemptAt: nil,
                attempts: try row[9, as: String.self]
            )
        )
    }

    private static func host(_ url: String) -> String { URL(string: url)?.host() ?? "?" }
}
