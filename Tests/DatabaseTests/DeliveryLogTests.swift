import Directory
import Foundation
import Mail
import Outbox
import Postgres
import Testing

@testable import Webhooks

/// The log of deliveries, and what is made when one asks for them again.
@Suite(.timeLimit(.minutes(5))) struct DeliveryLogTests {
    private struct Setting {
        let pool: PostgresPool
        let world: World
        let log: DeliveryLog
        let replays: ReplayStore
        let tenantID: Int32
        let endpoint: UUID

        init(_ pool: PostgresPool) async throws {
            self.pool = pool
            world = try await World(pool)
            log = DeliveryLog(pool: pool)
            replays = ReplayStore(pool: pool)
            tenantID = try #require(world.directory.tenant(named: "apa")?.id)
            endpoint = try await EndpointStore(pool: pool).create(
                EndpointChange(url: "https://a.example/"),
                tenantID: tenantID,
                actor: "k"
            ).endpoint.id
        }

        /// A delivery of one moment, oldest first by `number`.
        func deliver(
            _ number: Int,
            _ status: DeliveryStatus,
            type: String = "email.sent",
            outboxID: String? = nil
        ) async throws -> UUID {
            let milliseconds = Int(Date().timeIntervalSince1970 * 1000) - 60_000 + number
            let hex = String(milliseconds, radix: 16)
            let id = "0\(hex.prefix(7))-\(hex.suffix(4))-7000-8000-000000000001"
            let other = UUID().uuidString
            _ = try await pool.query(
                """
                INSERT INTO webhook_delivery (id, endpoint_id, tenant_id, event_id, type, outbox_id, identity, status, attempts)
                SELECT \(id)::uuid, \(endpoint), \(tenantID), \(other)::uuid, \(type), \(outboxID ?? other)::uuid, \(type),
                       \(status.rawValue), '[{"at": "2026-01-01T00:00:00Z", "status_code": 500}]'
                """
            )
            if status == .pending {
                _ = try await pool.query(
                    """
                    INSERT INTO webhook_queue (endpoint_id, replay, due_at, delivery_id)
                    SELECT \(endpoint), false, 'epoch'::timestamptz + \(Double(number)) * interval '1 s', \(id)::uuid
                    """
                )
            }
            return try #require(UUID(uuidString: id))
        }

        func page(
            _ filter: DeliveryLog.Filter = DeliveryLog.Filter(),
            limit: Int = 100,
            after: UUID? = nil,
            before: UUID? = nil
        ) async throws -> [UUID] {
            try #require(
                try await log.deliveries(
                    endpoint: endpoint,
                    tenantID: tenantID,
                    filter: filter,
                    limit: limit,
                    after: after,
                    before: before
                )
            ).deliveries.map(\.id)
        }
    }

    @Test func showsEachDelivery() async throws {
        try await withDatabase { pool in
            let setting = try await Setting(pool)
            let message = try setting.world.message(recipients: ["a@b.example", "c@d.example"])
            try await setting.world.accept([message])
            let copy = try #require(message.id.outbox(2)).description
            let pending = try await setting.deliver(1, .pending, outboxID: copy)
            let failed = try await setting.deliver(2, .failed, type: "webhook.disabled")
            let first = try #require(
                try await setting.log.delivery(pending, endpoint: setting.endpoint, tenantID: setting.tenantID)
            )
            #expect(first.messageID == message.id.description)
            #expect(first.status == .pending && !first.isReplay && first.type == "email.sent")
            #expect(first.nextAttemptAt == Date(timeIntervalSince1970: 1))
            #expect(first.attempts == #"[{"at": "2026-01-01T00:00:00Z", "status_code": 500}]"#)
            #expect(abs(first.createdAt.timeIntervalSinceNow + 60) < 60)
            let second = try #require(
                try await setting.log.delivery(failed, endpoint: setting.endpoint, tenantID: setting.tenantID)
            )
            #expect(second.messageID == nil && second.nextAttemptAt == nil && second.status == .failed)
            #expect(
                try await setting.log.delivery(UUID(), endpoint: setting.endpoint, tenantID: setting.tenantID) == nil
            )
            #expect(try await setting.log.delivery(pending, endpoint: UUID(), tenantID: setting.tenantID) == nil)
        }
    }

    @Test func comesByPagesAndFilters() async throws {
        try await withDatabase { pool in
            let setting = try await Setting(pool)
            let statuses: [DeliveryStatus] = [
                .delivered, .failed, .pending, .discarded, .delivered, .pending, .delivered,
            ]
            var newest: [UUID] = []
            for (number, status) in statuses.enumerated() {
                let type = number == 4 ? "email.bounced" : "email.sent"
                newest.insert(try await setting.deliver(number, status, type: type), at: 0)
            }
            #expect(try await setting.page() == newest)
            var forward: [UUID] = []
            while case let page = try await setting.page(limit: 2, after: forward.last), !page.isEmpty {
                forward += page
            }
            #expect(forward == newest)
            var backward = try await setting.page(limit: 2, before: newest[6])
            while case let page = try await setting.page(limit: 2, before: backward[0]), !page.isEmpty {
                backward = page + backward
            }
            #expect(backward == Array(newest[..<6]))
            #expect(try await setting.page(.init(status: .pending)) == [newest[1], newest[4]])
            #expect(try await setting.page(.init(status: .pending), limit: 1, after: newest[1]) == [newest[4]])
            #expect(try await setting.page(.init(status: .delivered)) == [newest[0], newest[2], newest[6]])
            #expect(try await setting.page(.init(status: .delivered, type: "email.bounced")) == [newest[2]])
            #expect(try await setting.page(.init(type: "email.bounced")) == [newest[2]])
        }
    }

    /// One call looks at a bounded number of deliveries, and says how far it came; going on from there misses none.
    @Test(arguments: [false, true])
    func aRareStatusIsFoundStepByStep(backward: Bool) async throws {
        try await withDatabase { pool in
            let setting = try await Setting(pool)
            var rare: [UUID] = []
            for number in 1...50 {
                let isRare = [3, 25, 50].contains(number)
                let id = try await setting.deliver(number, isRare ? .failed : .delivered)
                if isRare { rare.append(id) }
            }
            let log = DeliveryLog(pool: pool, bound: 20)
            var found: [UUID] = []
            var place: UUID? = backward ? UUID(uuidString: "00000000-0000-0000-0000-000000000000") : nil
            var calls = 0
            while true {
                let page = try #require(
                    try await log.deliveries(
                        endpoint: setting.endpoint,
                        tenantID: setting.tenantID,
                        filter: .init(status: .failed, type: "email.sent"),
                        limit: 2,
                        after: backward ? nil : place,
                        before: backward ? place : nil
                    )
                )
                calls += 1
                found += page.deliveries.map(\.id)
                place = (page.deliveries.count == 2 ? found.last : nil) ?? page.edge
                if place == nil { break }
            }
            #expect(found == (backward ? rare : rare.reversed()))
            #expect(calls == 3, "20, 20, 10")
        }
    }

    @Test(arguments: [Int32?.none, 1])
    func allThatFailedIsFoundBehindManyThatArrived(of tenant: Int32?) async throws {
        try await withDatabase { pool in
            let setting = try await Setting(pool)
            var failed: [UUID] = []
            for number in 1...50 {
                let hasFailed = [3, 25, 26].contains(number)
                let id = try await setting.deliver(number, hasFailed ? .failed : .delivered)
                if hasFailed { failed.append(id) }
            }
            let tenantID = tenant.map { _ in setting.tenantID }
            let trouble = WebhookTrouble(pool: pool, bound: 7)
            let all = try await trouble.failures(tenantID: tenantID, limit: 10, after: nil, before: nil)
            #expect(all.items.map(\.delivery.id) == failed.reversed() && all.edge == nil)
            #expect(all.items.map(\.host) == ["a.example", "a.example", "a.example"])
            let newer = try await trouble.failures(tenantID: tenantID, limit: 1, after: nil, before: failed[0])
            #expect(newer.items.map(\.delivery.id) == [failed[1]])
            // Without time, each call looks at one part.
            let hasty = WebhookTrouble(pool: pool, bound: 20, timeout: .zero)
            var (found, place, calls): ([UUID], UUID?, Int) = ([], nil, 0)
            repeat {
                let page = try await hasty.failures(tenantID: tenantID, limit: 3, after: place, before: nil)
                found += page.items.map(\.delivery.id)
                place = page.edge
                calls += 1
            } while place != nil && calls < 9
            #expect(found == failed.reversed() && calls == 3, "20, 20, 10")
            #expect(try await trouble.failures(tenantID: 0, limit: 3, after: nil, before: nil).items.isEmpty)
        }
    }

    @Test func aTypeThatNothingHasIsLookedForUpToTheBound() async throws {
        try await withDatabase { pool in
            let setting = try await Setting(pool)
            _ = try await pool.query(
                """
                INSERT INTO webhook_delivery (id, endpoint_id, tenant_id, event_id, type, outbox_id, identity, status)
                SELECT new_id(), \(setting.endpoint), \(setting.tenantID), new_id(), 'email.sent', new_id(), 'x', 1
                FROM generate_series(1, 30000)
                """
            )
            let page = try #require(
                try await setting.log.deliveries(
                    endpoint: setting.endpoint,
                    tenantID: setting.tenantID,
                    filter: .init(type: "email.bounced"),
                    limit: 20,
                    after: nil,
                    before: nil
                )
            )
            #expect(page.deliveries.isEmpty && page.edge != nil)
            let beyond = try await pool.query(
                "SELECT count(*) FROM webhook_delivery WHERE id >= \(try #require(page.edge))"
            ).decode(Int.self)
            #expect(beyond == [DeliveryLog.bound])
        }
    }

    @Test(arguments: [DeliveryStatus.delivered, .failed, .discarded])
    func oneIsDeliveredAgain(_ status: DeliveryStatus) async throws {
        try await withDatabase { pool in
            let setting = try await Setting(pool)
            let old = try await setting.deliver(1, status, type: "email.bounced")
            let new = try await setting.replays.replay(
                old,
                endpoint: setting.endpoint,
                tenantID: setting.tenantID,
                actor: "k"
            )
            #expect(new != old)
            let rows = try await pool.query(
                """
                SELECT n.event_id = o.event_id, n.outbox_id = o.outbox_id AND n.identity = o.identity, n.type, n.replay,
                       n.status, n.attempts::text, o.status, o.replay
                FROM webhook_delivery AS n, webhook_delivery AS o WHERE n.id = \(new) AND o.id = \(old)
                """
            ).decode(Bool.self, Bool.self, String.self, Bool.self, Int16.self, String.self, Int16.self, Bool.self)
            let row = try #require(rows.first)
            #expect(row.0 && row.1 && row.2 == "email.bounced" && row.3 && row.4 == 0 && row.5 == "[]")
            #expect(row.6 == status.rawValue && !row.7, "the first one stays as it was")
            let queue = try await pool.query(
                "SELECT replay, due_at <= clock_timestamp(), delivery_id, attempt FROM webhook_queue"
            ).decode(Bool.self, Bool.self, UUID.self, Int16.self)
            #expect(queue.count == 1)
            #expect(queue[0].0 && queue[0].1 && queue[0].2 == new && queue[0].3 == 0)
        }
    }

    @Test func whatIsStillTriedIsNotDeliveredTwice() async throws {
        try await withDatabase { pool in
            let setting = try await Setting(pool)
            let pending = try await setting.deliver(1, .pending)
            for (id, code) in [(pending, EndpointError.Code.conflict), (UUID(), .invalid)] {
                let error = await #expect(throws: EndpointError.self) {
                    try await setting.replays.replay(
                        id,
                        endpoint: setting.endpoint,
                        tenantID: setting.tenantID,
                        actor: "k"
                    )
                }
                #expect(error?.code == code)
            }
            #expect(try await setting.world.count("webhook_delivery") == 1)
        }
    }

    @Test func aTimeIsAStretchOfTheFeed() async throws {
        try await withDatabase { pool in
            let setting = try await Setting(pool)
            let start = Date(timeIntervalSince1970: (Date().timeIntervalSince1970 - 3600).rounded())
            try await FeedTable.append(
                (0..<10).map { start.addingTimeInterval(Double($0)) },
                tenantID: setting.tenantID,
                pool
            )
            func replay(_ from: Double, _ to: Double) async throws -> ReplayStore.Window {
                try await setting.replays.replay(
                    from: start.addingTimeInterval(from),
                    to: start.addingTimeInterval(to),
                    endpoint: setting.endpoint,
                    tenantID: setting.tenantID,
                    actor: "k"
                )
            }
            let some = try await replay(2, 5)
            #expect(some.events == 3, "the end is not in it")
            let row = try await pool.query(
                "SELECT id, cursor_seq, cursor_at, last_seq, deliveries FROM webhook_replay"
            ).decode(UUID.self, Int64.self, Date.self, Int64.self, Int64.self).first
            let made = try #require(row)
            #expect(made.0 == some.id && made.4 == 0)
            let entries = try await FeedReader(pool: pool).page(
                tenantID: setting.tenantID,
                after: FeedPosition(seq: made.1, at: made.2),
                limit: 100
            ).entries.filter { $0.seq <= made.3 }
            #expect(entries.map(\.seq) == [3, 4, 5])
            let none = try await replay(100, 200)
            #expect(none.id == nil && none.events == 0)
            #expect(try await replay(-100, 0).events == 0)
            #expect(try await setting.world.count("webhook_replay") == 1, "nothing to do is no replay")
            #expect(try await replay(-100, 5000).events == 10)
            #expect(try await replay(9, 10).events == 1)
            let error = await #expect(throws: EndpointError.self) { try await replay(0, 10) }
            #expect(error?.code == .conflict && error?.message.contains("3 replays") == true)
            #expect(try await setting.world.count("webhook_replay") == ReplayStore.limit)
        }
    }
}
