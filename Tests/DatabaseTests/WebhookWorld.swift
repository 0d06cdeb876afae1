import Directory
import Foundation
import Logging
import Mail
import Outbound
import Outbox
import Postgres
import ServiceLifecycle
import Signing
import Telemetry
import Testing

@testable import Webhooks

/// A world with webhook endpoints, whose tenants' feeds are written by hand.
struct WebhookWorld {
    let world: World
    let secret = WebhookSecret.generate()
    private let logger = {
        var logger = Logger(label: "test")
        logger.logLevel = .critical
        return logger
    }()

    var pool: PostgresPool { world.pool }

    init(_ pool: PostgresPool) async throws {
        world = try await World(pool)
    }

    func tenantID(_ name: String) throws -> Int32 {
        try #require(world.directory.tenant(named: name)?.id)
    }

    /// An endpoint at the end of its tenant's feed; returns its id.
    func endpoint(
        _ url: String,
        tenant: String = "apa",
        events: [String]? = nil,
        filter: String = "{}",
        maxRate: Int32? = nil
    ) async throws -> String {
        let id = UUID().uuidString.lowercased()
        let tenantID = try tenantID(tenant)
        _ = try await pool.query(
            """
            INSERT INTO webhook_endpoint (id, tenant_id, url, events, filter, max_rate, secret, cursor_seq, cursor_at)
            SELECT \(id)::uuid, \(tenantID), \(url), \(events), \(filter)::jsonb, \(maxRate), \(secret.bytes),
                   coalesce(max(seq), 0), coalesce(max(at), now()) FROM feed_head WHERE tenant_id = \(tenantID)
            """
        )
        return id
    }

    /// Accepts mail to `count` recipients and waits for the places of their events; returns the events' ids in order.
    @discardableResult
    func publish(_ count: Int, tenant: String = "apa", region: String = "AT") async throws -> [String] {
        let tenantID = try tenantID(tenant)
        let before = try await FeedReader(pool: pool).head(tenantID: tenantID).seq
        let messages = try stride(from: 0, to: count, by: 50).map { first in
            let recipients = (first..<min(first + 50, count)).map { "r\($0)@b.example" }
            return try world.message(tenant: tenant, region: region, recipients: recipients)
        }
        try await world.accept(messages)
        var turn = SequencerTurn()
        while try await turn.take(from: pool) > 0 {}
        return try await pool.query(
            "SELECT outbox_id::text FROM feed WHERE tenant_id = \(tenantID) AND seq > \(before) ORDER BY seq"
        ).decode(String.self)
    }

    /// Gives places to events of which nothing is left.
    func feed(_ events: [(id: String, identity: String)], tenant: String = "apa") async throws {
        let tenantID = try tenantID(tenant)
        _ = try await pool.query(
            """
            WITH new AS (
                SELECT coalesce((SELECT seq FROM feed_head WHERE tenant_id = \(tenantID)), 0) + place AS seq,
                       id::uuid AS id, identity
                FROM unnest(\(events.map(\.id)), \(events.map(\.identity))) WITH ORDINALITY AS e (id, identity, place)
            ), told AS (
                INSERT INTO feed (tenant_id, seq, at, outbox_id, identity)
                SELECT \(tenantID), seq, now(), id, identity FROM new
            )
            INSERT INTO feed_head (tenant_id, seq, at) SELECT \(tenantID), max(seq), now() FROM new
            ON CONFLICT (tenant_id) DO UPDATE SET seq = excluded.seq, at = excluded.at
            """
        )
    }

    /// Runs fan-out and a dispatcher until `body` returns, and stops them as a node is stopped.
    func withNode(
        egress: EgressPolicy? = nil,
        allowsHTTP: Bool = true,
        fansOut: Bool = true,
        tracer: Tracer? = nil,
        _ body: () async throws -> Void
    ) async throws {
        let client = try HTTPClient(configuration: WebhookDispatcher.clientConfiguration)
        let dispatcher = WebhookDispatcher(
            pool: pool,
            client: client,
            egress: try egress ?? EgressPolicy(allowing: [#require(Network("127.0.0.0/8"))]),
            allowsHTTP: allowsHTTP,
            tracer: tracer,
            logger: logger
        )
        var services: [any Service] = [dispatcher]
        if fansOut { services.append(FanOut(pool: pool, logger: logger, onQueued: { dispatcher.wake() })) }
        let group = ServiceGroup(configuration: .init(services: services, logger: logger))
        do {
            try await withThrowingTaskGroup { tasks in
                tasks.addTask { try await group.run() }
                do {
                    try await body()
                } catch {
                    tasks.cancelAll()
                    throw error
                }
                await group.triggerGracefulShutdown()
                try await tasks.waitForAll()
            }
        } catch {
            await client.shutdown()
            throw error
        }
        await client.shutdown()
    }

    func count(_ table: String, _ condition: String = "true") async throws -> Int {
        try await world.count("\(table) WHERE \(condition)")
    }

    /// Waits until the query counts at least so many.
    func eventually(
        _ comment: Comment,
        within: Duration = .seconds(60),
        _ condition: () async throws -> Bool
    ) async throws {
        let end = ContinuousClock.now + within
        while try await !condition() {
            try #require(ContinuousClock.now < end, comment)
            try await Task.sleep(for: .milliseconds(10))
        }
    }

    /// Every claim and every retry is due now.
    func makeAllDue() async throws {
        _ = try await pool.query("UPDATE webhook_queue SET due_at = now() - interval '1 second'")
    }
}
