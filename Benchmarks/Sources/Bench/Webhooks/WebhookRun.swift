import Foundation
import Measure
import NIOHTTP1
import Synchronization

/// Events of ten tenants with ten endpoints each, at an even rate, on a database and a node of its own: 99 endpoints answer at
/// once, and the last one does, too, or hangs for 15 s.
struct WebhookRun: Sendable {
    private static let tenants = 10
    private static let endpoints = 100

    let isBesideHanging: Bool
    /// Events a second over all tenants; each goes to ten endpoints.
    let rate: Int
    let seconds: Double
    let server: DatabaseServer

    func run() async throws -> WebhookResult {
        var plan = BedPlan()
        plan.tenants = Self.tenants
        plan.roles = ["gateway,webhooks"]
        plan.configuration = "webhooks: {allow_networks: [127.0.0.0/8], allow_http: true}\n"
        return try await Bed.with(plan, server: server) { bed in
            let log = DelayLog()
            let hanging = Atomic<Int>(0)
            let quick = try await HTTPReceiver.start { log.take($0) }
            defer { quick.close() }
            let slow = try await HTTPReceiver.start(after: 15) { _ in
                hanging.add(1, ordering: .relaxed)
                return 200
            }
            defer { slow.close() }
            try await subscribe(bed, quick: quick.port, last: isBesideHanging ? slow.port : quick.port)
            // The hanging one has taken what it can get before anything is counted.
            try await tell(bed, seconds: 3)
            log.begin()
            let start = BootTime.now()
            let events = try await tell(bed, seconds: seconds)
            // The tenant of the last endpoint has nine that count.
            let expected = events * Self.endpoints / Self.tenants - events / Self.tenants
            try? await eventually("all have come", within: 20) { log.count(before: Self.endpoints - 1) >= expected }
            let delays = log.delays(before: Self.endpoints - 1)
            return WebhookResult(
                isBesideHanging: isBesideHanging,
                endpoints: Self.endpoints - 1,
                seconds: BootTime.seconds(start, BootTime.now()),
                deliveries: delays.count,
                missing: max(0, expected - delays.count),
                hanging: hanging.load(ordering: .relaxed),
                delay: Spread(delays)
            )
        }
    }

    private func subscribe(_ bed: Bed, quick: Int, last: Int) async throws {
        try await bed.server.query(
            """
            INSERT INTO webhook_endpoint (id, tenant_id, url, secret, cursor_seq, cursor_at)
            SELECT gen_random_uuid(), t.id,
                   format('http://127.0.0.1:%s/%s', CASE WHEN n = \(Self.endpoints - 1) THEN \(last) ELSE \(quick) END, n),
                   decode(repeat(md5(n::text), 2), 'hex'), 0, now()
            FROM generate_series(0, \(Self.endpoints - 1)) AS n JOIN tenant AS t ON t.name = 't' || n % \(Self.tenants);
            """,
            database: bed.database
        )
    }

    /// Records events of the tenants in turn, each in a transaction of its own; returns how many.
    @discardableResult
    private func tell(_ bed: Bed, seconds: Double) async throws -> Int {
        let events = Int(seconds * Double(rate)) / Self.tenants * Self.tenants
        try await bed.server.query(
            """
            DO $$
            DECLARE
                tenants integer[] := ARRAY(SELECT id FROM tenant ORDER BY id);
                began timestamptz := clock_timestamp();
                event uuid;
            BEGIN
                FOR n IN 1..\(events) LOOP
                    PERFORM pg_sleep(greatest(0, n / \(rate).0 - extract(epoch FROM clock_timestamp() - began)));
                    event := new_id();
                    INSERT INTO event (tenant_id, outbox_id, identity, id, type, data)
                    VALUES (tenants[1 + n % \(Self.tenants)], event, 'bench', event, 'bench', '{}');
                    INSERT INTO event_batch (tenant_ids, outbox_ids, identities)
                    VALUES (ARRAY[tenants[1 + n % \(Self.tenants)]], ARRAY[event], ARRAY['bench']);
                    COMMIT;
                END LOOP;
            END $$;
            """,
            database: bed.database
        )
        return events
    }
}

/// When deliveries came after their events, by endpoint.
private final class DelayLog: Sendable {
    private struct Arrival: Hashable {
        let path: String
        let id: String
    }

    private struct State {
        var from = Date()
        var delays: [Arrival: Double] = [:]
    }

    private struct Body: Decodable {
        let timestamp: String
    }

    private let state = Mutex(State())

    /// Forgets what came, and what will come of events until now.
    func begin() {
        state.withLock { $0 = State() }
    }

    func count(before endpoint: Int) -> Int { delays(before: endpoint).count }

    func delays(before endpoint: Int) -> [Double] {
        state.withLock { $0.delays.filter { (Int($0.key.path.dropFirst()) ?? endpoint) < endpoint }.map(\.value) }
    }

    func take(_ request: HTTPReceiver.Request) -> Int {
        let now = Date()
        guard let id = request.headers.first(name: "webhook-id"),
            let body = try? JSONDecoder().decode(Body.self, from: Data(request.body)),
            let at = try? Date(
                body.timestamp,
                strategy: .iso8601.year().month().day().time(includingFractionalSeconds: true)
            )
        else { return 400 }
        state.withLock { state in
            let arrival = Arrival(path: request.path, id: id)
            guard at >= state.from, state.delays[arrival] == nil else { return }
            state.delays[arrival] = now.timeIntervalSince(at)
        }
        return 200
    }
}
