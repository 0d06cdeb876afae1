import Directory
import Foundation
import Logging
import Outbox
import Postgres
import Signing
import Testing

@testable import Webhooks

/// Endpoints as they are kept: whose they are, what a change does to what waits for them, and what the audit says.
@Suite(.timeLimit(.minutes(5))) struct EndpointStoreTests {
    struct Setting {
        let pool: PostgresPool
        let store: EndpointStore
        let apa: Int32
        let other: Int32

        init(_ pool: PostgresPool) async throws {
            self.pool = pool
            let world = try await World(pool)
            store = EndpointStore(pool: pool)
            apa = try #require(world.directory.tenant(named: "apa")?.id)
            other = try #require(world.directory.tenant(named: "standard")?.id)
        }

        func make(_ settings: EndpointChange = EndpointChange(url: "https://a.example/")) async throws -> UUID {
            try await store.create(settings, tenantID: apa, actor: "key:1").endpoint.id
        }

        /// A delivery and its place in the queue.
        func deliver(_ endpoint: UUID, replay: Bool = false) async throws -> UUID {
            try await #require(
                pool.query(
                    EndpointStatements.deliver(
                        """
                        SELECT \(endpoint) AS endpoint_id, \(apa)::integer AS tenant_id, new_id() AS event_id,
                               'email.sent' AS type, new_id() AS outbox_id, 'x' AS identity,
                               now() - interval '2 hours' AS sequenced_at, \(replay) AS replay
                        """
                    )
                ).decode(UUID.self, UUID.self).first
            ).0
        }

        func status(_ delivery: UUID) async throws -> DeliveryStatus? {
            try await pool.query("SELECT status FROM webhook_delivery WHERE id = \(delivery)").decode(Int16.self).first
                .flatMap(DeliveryStatus.init(rawValue:))
        }

        func count(_ table: String) async throws -> Int {
            try await pool.query("SELECT count(*) FROM \(raw: table)").decode(Int.self).first ?? -1
        }

        func audit() async throws -> [AuditEntry] { try await AuditReader(pool: pool).entries(limit: 100) }
    }

    @Test func isKeptAsItWasMade() async throws {
        try await withDatabase { pool in
            let setting = try await Setting(pool)
            let wanted = EndpointChange(
                url: "https://a.example/h?token=secret",
                description: "Orders",
                events: ["email.bounced", "email.sent"],
                filter: FilterSettings(fromDomains: ["a.example"], tags: ["k": "v"]),
                maxRate: 7
            )
            let issued = try await setting.store.create(wanted, tenantID: setting.apa, actor: "key:1")
            let made = issued.endpoint
            #expect(made.url == "https://a.example/h?token=secret" && made.description == "Orders")
            #expect(made.events == ["email.bounced", "email.sent"] && made.maxRate == 7)
            #expect(made.filter == wanted.filter && made.status == .active && made.version == 1)
            let secret = try #require(WebhookSecret(text: issued.secret))
            #expect(secret.bytes.count == 32)
            let stored = try await pool.query(
                "SELECT secret, filter::text FROM webhook_endpoint WHERE id = \(made.id)"
            ).decode([UInt8].self, String.self).first
            #expect(stored?.0 == secret.bytes)
            #expect(stored?.1 == #"{"tags": {"k": "v"}, "from_domains": ["a.example"]}"#)
            let read = try #require(try await setting.store.endpoint(made.id, tenantID: setting.apa))
            #expect(read.url == made.url && read.filter == made.filter && read.createdAt == made.createdAt)
            let plain = try await setting.store.create(
                EndpointChange(url: "https://b.example/"),
                tenantID: setting.apa,
                actor: "key:1"
            )
            #expect(plain.endpoint.events == nil && plain.endpoint.filter == FilterSettings())
            #expect(plain.secret != issued.secret)
            let entry = try await setting.audit()[1]
            #expect(entry.actor == "key:1" && entry.action == "create")
            #expect(entry.object == "webhook \(made.id.uuidString.lowercased()) of tenant apa")
            for entry in try await setting.audit() {
                #expect(!"\(entry)".contains("secret") && !"\(entry)".contains("whsec"))
            }
        }
    }

    @Test func beginsAtTheEndOfTheFeed() async throws {
        try await withDatabase { pool in
            let setting = try await Setting(pool)
            let first = try await setting.make()
            func cursor(_ id: UUID) async throws -> FeedPosition? {
                try await pool.query("SELECT cursor_seq, cursor_at FROM webhook_endpoint WHERE id = \(id)")
                    .decode(Int64.self, Date.self).first.map { FeedPosition(seq: $0.0, at: $0.1) }
            }
            let before = try #require(try await cursor(first))
            #expect(before.seq == 0)
            let now = Date()
            try await FeedTable.append([now, now, now], tenantID: setting.apa, pool)
            let reader = FeedReader(pool: pool)
            let heard = try await reader.page(tenantID: setting.apa, after: before, limit: 10).entries
            #expect(heard.map(\.seq) == [1, 2, 3], "an empty feed's first events are heard")
            let second = try #require(try await cursor(try await setting.make()))
            #expect(second.seq == 3)
            #expect(try await reader.page(tenantID: setting.apa, after: second, limit: 10).entries.isEmpty)
            try await FeedTable.append([now], tenantID: setting.apa, pool)
            #expect(try await reader.page(tenantID: setting.apa, after: second, limit: 10).entries.map(\.seq) == [4])
        }
    }

    @Test func comesByPagesInBothDirectionsWithoutAGap() async throws {
        try await withDatabase { pool in
            let setting = try await Setting(pool)
            var made: [UUID] = []
            for _ in 0..<7 {
                made.insert(try await setting.make(), at: 0)
                // Ids of one millisecond have no order among them.
                try await Task.sleep(for: .milliseconds(2))
                _ = try await setting.store.create(
                    EndpointChange(url: "https://o.example/"),
                    tenantID: setting.other,
                    actor: "k"
                )
            }
            func page(after: UUID? = nil, before: UUID? = nil) async throws -> [UUID] {
                try await setting.store.endpoints(tenantID: setting.apa, limit: 3, after: after, before: before).map(
                    \.id
                )
            }
            var forward: [UUID] = []
            while case let page = try await page(after: forward.last), !page.isEmpty { forward += page }
            #expect(forward == made)
            var backward: [UUID] = try await page(before: made[6])
            while case let page = try await page(before: backward[0]), !page.isEmpty { backward = page + backward }
            #expect(backward == Array(made[..<6]))
        }
    }

    @Test func isTheTenantsAlone() async throws {
        try await withDatabase { pool in
            let setting = try await Setting(pool)
            let id = try await setting.make()
            let delivery = try await setting.deliver(id)
            let other = setting.other
            let store = setting.store
            #expect(try await store.endpoint(id, tenantID: other) == nil)
            #expect(try await store.endpoints(tenantID: other, limit: 10, after: nil, before: nil).isEmpty)
            let attempts: [() async throws -> Void] = [
                { _ = try await store.change(id, EndpointChange(status: .disabled), tenantID: other, actor: "k") },
                { try await store.delete(id, tenantID: other, actor: "k") },
                { _ = try await store.rotate(id, overlap: 0, tenantID: other, actor: "k") },
                { _ = try await store.test(id, type: EventNames.test, tenantID: other) },
                { _ = try await ReplayStore(pool: pool).replay(delivery, endpoint: id, tenantID: other, actor: "k") },
                {
                    _ = try await ReplayStore(pool: pool).replay(
                        from: .distantPast,
                        to: Date(),
                        endpoint: id,
                        tenantID: other,
                        actor: "k"
                    )
                },
            ]
            for attempt in attempts {
                let error = await #expect(throws: EndpointError.self) { try await attempt() }
                #expect(error?.code == .notFound)
            }
            let log = DeliveryLog(pool: pool)
            #expect(try await log.delivery(delivery, endpoint: id, tenantID: other) == nil)
            let seen = try await log.deliveries(
                endpoint: id,
                tenantID: other,
                filter: DeliveryLog.Filter(),
                limit: 10,
                after: nil,
                before: nil
            )
            #expect(seen == nil)
            #expect(try await store.endpoint(id, tenantID: setting.apa)?.version == 1)
            #expect(try await setting.status(delivery) == .pending)
            #expect(try await setting.count("event") == 0)
        }
    }

    @Test func membersAreSetOneByOne() async throws {
        try await withDatabase { pool in
            let setting = try await Setting(pool)
            let id = try await setting.make(
                EndpointChange(
                    url: "https://a.example/",
                    description: "x",
                    events: ["email.sent"],
                    filter: FilterSettings(regions: ["AT"]),
                    maxRate: 3
                )
            )
            func set(_ change: EndpointChange) async throws -> WebhookEndpoint {
                try await setting.store.change(id, change, tenantID: setting.apa, actor: "key:2").endpoint
            }
            let url = try await set(EndpointChange(url: "https://b.example/?secret"))
            #expect(url.url == "https://b.example/?secret" && url.version == 2)
            #expect(url.description == "x" && url.events == ["email.sent"] && url.maxRate == 3)
            #expect(url.filter == FilterSettings(regions: ["AT"]))
            let cleared = try await set(
                EndpointChange(description: "", events: .some(nil), filter: FilterSettings(), maxRate: .some(nil))
            )
            #expect(cleared.description.isEmpty && cleared.events == nil && cleared.maxRate == nil)
            #expect(cleared.filter == FilterSettings() && cleared.version == 3)
            #expect(try await set(EndpointChange()).version == 3, "nothing is no change")
            let audit = try await setting.audit()
            #expect(audit[0].actor == "key:2" && audit[0].action == "change")
            #expect(audit[0].detail == #"{"change": "description, events, filter, max_rate"}"#)
            #expect(audit[1].detail == #"{"change": "url"}"#, "a URL may hold a secret")
        }
    }

    @Test func deletingTakesEverythingOfIt() async throws {
        try await withDatabase { pool in
            let setting = try await Setting(pool)
            let id = try await setting.make()
            let delivery = try await setting.deliver(id)
            _ = try await pool.query(
                "INSERT INTO webhook_replay (id, endpoint_id, cursor_seq, cursor_at, last_seq) SELECT new_id(), \(id), 0, now(), 9"
            )
            try await setting.store.delete(id, tenantID: setting.apa, actor: "key:1")
            for table in ["webhook_endpoint", "webhook_queue", "webhook_replay"] {
                #expect(try await setting.count(table) == 0, "\(table)")
            }
            #expect(try await setting.status(delivery) == .discarded)
            let error = await #expect(throws: EndpointError.self) {
                try await setting.store.delete(id, tenantID: setting.apa, actor: "key:1")
            }
            #expect(error?.code == .notFound)
            #expect(try await setting.audit()[0].action == "delete")
        }
    }

    @Test func rotatingKeepsTheOldSecretForItsTime() async throws {
        try await withDatabase { pool in
            let setting = try await Setting(pool)
            let first = try await setting.store.create(
                EndpointChange(url: "https://a.example/"),
                tenantID: setting.apa,
                actor: "k"
            )
            let id = first.endpoint.id
            func secrets() async throws -> [[UInt8]?] {
                try await pool.query(
                    "SELECT secret, coalesce(old_secret, '') FROM webhook_endpoint WHERE id = \(id)"
                ).decode([UInt8].self, [UInt8].self).flatMap { [$0.0, $0.1] }
            }
            func bytes(_ issued: EndpointStore.Issued) -> [UInt8]? { WebhookSecret(text: issued.secret)?.bytes }
            let start = Date()
            let second = try await setting.store.rotate(id, overlap: 3600, tenantID: setting.apa, actor: "k")
            let until = try #require(second.endpoint.oldSecretUntil)
            #expect(until > start.addingTimeInterval(3500) && until < start.addingTimeInterval(3700))
            #expect(try await secrets() == [bytes(second), bytes(first)])
            let early = await #expect(throws: EndpointError.self) {
                try await setting.store.rotate(id, overlap: 3600, tenantID: setting.apa, actor: "k")
            }
            #expect(early?.code == .conflict)
            #expect(try await secrets() == [bytes(second), bytes(first)], "the first one keeps its time")
            let third = try await setting.store.rotate(id, overlap: 0, tenantID: setting.apa, actor: "k")
            #expect(third.endpoint.oldSecretUntil == nil)
            #expect(try await secrets() == [bytes(third), []])
            #expect(Set([first.secret, second.secret, third.secret]).count == 3)
            _ = try await setting.store.rotate(id, overlap: 10, tenantID: setting.apa, actor: "k")
            _ = try await pool.query("UPDATE webhook_endpoint SET old_until = now() - interval '1 s'")
            #expect(try await setting.store.endpoint(id, tenantID: setting.apa)?.oldSecretUntil == nil, "it is over")
            _ = try await setting.store.rotate(id, overlap: 10, tenantID: setting.apa, actor: "k")
        }
    }

    @Test func testsGoToOneEndpointAndNotIntoTheFeed() async throws {
        try await withDatabase { pool in
            let setting = try await Setting(pool)
            let id = try await setting.make(EndpointChange(url: "https://a.example/", events: ["email.sent"]))
            _ = try await setting.make()
            let test = try await setting.store.test(id, type: "email.bounced", tenantID: setting.apa)
            let row = try await pool.query(
                """
                SELECT d.endpoint_id, d.tenant_id, d.event_id, d.type, d.replay, d.status, d.outbox_id, d.identity
                FROM webhook_delivery AS d WHERE id = \(test.delivery)
                """
            ).decode(
                UUID.self,
                Int32.self,
                UUID.self,
                String.self,
                Bool.self,
                Int16.self,
                PostgresUUID.self,
                String.self
            ).first
            let made = try #require(row)
            #expect(made.0 == id && made.1 == setting.apa && made.2 == test.eventID)
            #expect(made.3 == "email.bounced" && !made.4 && made.5 == 0)
            let queue = try await pool.query(
                "SELECT endpoint_id, replay, due_at <= clock_timestamp(), delivery_id, attempt FROM webhook_queue"
            ).decode(UUID.self, Bool.self, Bool.self, UUID.self, Int16.self)
            #expect(queue.count == 1)
            #expect(queue[0].0 == id && !queue[0].1 && queue[0].2 && queue[0].3 == test.delivery && queue[0].4 == 0)
            let reference = EventReference(outboxID: made.6, identity: made.7)
            let entry = try await FeedReader(pool: pool).entries([(setting.apa, reference)])[reference]
            #expect(entry?.id == test.eventID.uuidString.lowercased() && entry?.type == "email.bounced")
            let data = try JSONSerialization.jsonObject(with: Data(try #require(entry?.data).utf8)) as? [String: Any]
            #expect(data?["test"] as? Bool == true)
            #expect(
                data?["recipient"] as? String == "success@simulator.amazonses.com" && data?["region"] as? String == "AT"
            )
            #expect(try await setting.count("event_batch") == 0)
        }
    }

    @Test func isBounded() async throws {
        try await withDatabase { pool in
            let setting = try await Setting(pool)
            // At once, so that they compete for the last places.
            let outcomes = await withTaskGroup(of: EndpointError.Code?.self) { group in
                for _ in 0..<(EndpointStore.limit + 5) {
                    group.addTask {
                        while true {
                            do {
                                _ = try await setting.make()
                                return nil
                            } catch let error as EndpointError {
                                return error.code
                            } catch {
                                // All of them together may wait too long for a connection.
                                guard DatabaseAvailability.isOutage(error) else { return .invalid }
                            }
                        }
                    }
                }
                return await group.reduce(into: []) { $0.append($1) }
            }
            #expect(outcomes.count { $0 == nil } == EndpointStore.limit)
            #expect(outcomes.count { $0 == .conflict } == 5)
            let other = try await setting.store.create(
                EndpointChange(url: "https://o.example/"),
                tenantID: setting.other,
                actor: "k"
            )
            #expect(other.endpoint.version == 1, "another tenant's places are its own")
            let id = try #require(
                try await setting.store.endpoints(tenantID: setting.apa, limit: 1, after: nil, before: nil).first?.id
            )
            _ = try await pool.query(
                """
                INSERT INTO webhook_queue (endpoint_id, replay, due_at, delivery_id)
                SELECT \(id), n % 2 = 0, now(), new_id() FROM generate_series(1, \(Int32(EndpointStatements.queueLimit))) AS n
                """
            )
            let full = await #expect(throws: EndpointError.self) {
                try await setting.store.test(id, type: EventNames.test, tenantID: setting.apa)
            }
            #expect(full?.code == .conflict)
        }
    }
}
