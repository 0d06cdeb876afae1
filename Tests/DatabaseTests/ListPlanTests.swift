import Foundation
import Mail
import Postgres
import Testing

@testable import Outbox

/// What a list reads must not grow with what there is.
@Suite("Lists of very much mail")
struct ListPlanTests {
    /// Days, and messages on each of them.
    private static let days = 50
    private static let daily = 1200

    private static func withMail(_ body: (PostgresPool, World, Int32) async throws -> Void) async throws {
        try await withDatabase { pool in
            let world = try await World(pool)
            let small = try world.tenant("standard")
            // One in twenty is the small tenant's.
            let big = Array(repeating: try world.tenant("apa"), count: 19)
            try await world.fill(days * daily, days: days, tenants: big + [small])
            try await body(pool, world, small)
        }
    }

    private struct Look {
        let plan: String

        /// The pages that it has looked at.
        var pages: Int {
            let line = plan.split(separator: "\n").first { $0.contains("Buffers: shared") } ?? ""
            return line.matches(of: #/(?:hit|read)=(?<pages>\d+)/#).reduce(0) { $0 + (Int($1.output.pages) ?? 0) }
        }

        /// The tables of days that it names.
        func days(of parent: String) -> Set<Substring> {
            Set(
                plan.matches(of: #/ on (?<table>[a-z]+_\d{8})/#).map { $0.output.table }.filter {
                    $0.hasPrefix(parent + "_")
                }
            )
        }
    }

    private func look(
        _ search: some ListSearch,
        _ range: IDRange,
        _ pool: PostgresPool,
        of tenant: Int32,
        limit: Int = 21
    ) async throws -> Look {
        let statement = search.find(range, limit: limit, bound: ListReader.bound)
        let look = Look(plan: try await pool.plan(statement, of: tenant))
        #expect(!look.plan.contains("Seq Scan on message") && !look.plan.contains("Seq Scan on outbox"), "\(look.plan)")
        #expect(!look.plan.contains("Seq Scan on event"), "\(look.plan)")
        return look
    }

    @Test("A page is read from the end of an index, on the days where it lies, for a large tenant and a small one")
    func pages() async throws {
        try await Self.withMail { pool, world, small in
            let now = Date()
            let middle = IDRange(before: now.addingTimeInterval(-20 * 86_400))
            for tenant in [try world.tenant("apa"), small] {
                let search = MessageSearch(tenantID: tenant, filter: MessageFilter(), isAscending: false)
                for range in [IDRange(), middle] {
                    let part = try #require(range.parts(isAscending: false, now: now).first)
                    let page = try await look(search, part, pool, of: tenant)
                    #expect(page.pages < 120, "\(page.plan)")
                    // Those of days to come are there already.
                    #expect(page.days(of: "message").count <= (range == middle ? 2 : 10), "\(page.plan)")
                    let rows = RecipientSearch(tenantID: tenant, filter: RecipientFilter(), isAscending: false)
                    let recipients = try await look(rows, part, pool, of: tenant)
                    #expect(recipients.pages < 300, "\(recipients.plan)")
                    #expect(recipients.days(of: "outbox").count <= (range == middle ? 2 : 10), "\(recipients.plan)")
                }
            }
        }
    }

    @Test("A tenant with much mail, none of it new, is not looked for among everybody's")
    func oldMail() async throws {
        try await Self.withMail { pool, world, small in
            _ = try await pool.query(
                """
                INSERT INTO message (id, tenant_id, lane_id, region, stream, priority, split, recipients, sender, size)
                SELECT message_of(new_id()), \(small), 1, 'AT', 'transactional', 1, true, 1, 'shop@standard.example', 1
                FROM generate_series(1, 30000)
                """
            )
            let part = try #require(IDRange().parts(isAscending: false, now: Date()).first)
            let apa = try world.tenant("apa")
            let search = MessageSearch(tenantID: apa, filter: MessageFilter(), isAscending: false)
            let page = try await look(search, part, pool, of: apa)
            #expect(page.pages < 120, "\(page.plan)")
        }
    }

    @Test("An address and a failure are found by their own indexes, wherever they lie")
    func indexes() async throws {
        try await Self.withMail { pool, world, small in
            var to = MessageFilter()
            to.to = "r459@d3.example"
            let address = try await look(
                MessageSearch(tenantID: small, filter: to, isAscending: false),
                IDRange(),
                pool,
                of: small
            )
            #expect(address.plan.contains("address_hash"), "\(address.plan)")
            #expect(address.pages < 400, "\(address.plan)")

            var bounced = RecipientFilter()
            bounced.status = .bounced
            let search = RecipientSearch(tenantID: small, filter: bounced, isAscending: false)
            let failures = try await look(search, IDRange(), pool, of: small)
            #expect(failures.plan.contains("status"), "\(failures.plan)")
            #expect(failures.days(of: "event").count >= Self.days)
            // 30 of the small tenant's 3,000.
            #expect(failures.pages < 600, "\(failures.plan)")
            let found = try await ListReader(pool: pool).recipients(
                tenantID: small,
                filter: bounced,
                limit: 100,
                after: nil,
                before: nil
            )
            #expect(found.items.count == Self.days * Self.daily / 20 / 100 && found.edge == nil)
        }
    }

    @Test("A search for what is rare ends after so many candidates, says how far it came, and misses nothing")
    func bounds() async throws {
        try await Self.withMail { pool, world, _ in
            let total = Self.days * Self.daily / 1000
            for isAscending in [false, true] {
                var found: [MessageID] = []
                var cursor: MessageID? = isAscending ? MessageID.earliest(milliseconds: 0) : nil
                var calls = 0
                repeat {
                    let page = try await world.messages(
                        limit: 10,
                        after: isAscending ? nil : cursor,
                        before: isAscending ? cursor : nil,
                        bound: 3000
                    ) { $0.tag = .init(name: "rare") }
                    let items = isAscending ? page.items.reversed() : page.items
                    found += items.map(\.id)
                    cursor = page.items.count == 10 ? items.last?.id : page.edge
                    calls += 1
                } while cursor != nil && calls < 100
                #expect(calls > 15 && calls < 40, "\(calls)")

                #expect(found.count == total, "\(found.count)")
                #expect(found == (isAscending ? found.sorted() : found.sorted().reversed()))
            }
        }
    }

    @Test("A broadcast's recipients count as what they are, in pages, searches and statuses")
    func broadcasts() async throws {
        try await withDatabase { pool in
            let world = try await World(pool)
            let messages = try (0..<4).map { _ in try world.message() }
            try await world.accept(messages)
            for message in messages.dropFirst() {
                _ = try await pool.query(
                    """
                    INSERT INTO outbox (id, tenant_id, email, kind, status)
                    SELECT (left(\(message.id.uuid)::text, 32) || lpad(to_hex(n), 4, '0'))::uuid, \(message.tenantID),
                           'r' || n || '@b.example', 'to', CASE n WHEN 900 THEN 90 ELSE 80 END
                    FROM generate_series(2, 40000) AS n
                    """
                )
                _ = try await pool.query("UPDATE message SET recipients = 40000 WHERE id = \(message.id.uuid)")
            }
            let ids = messages.map(\.id)
            let page = try await world.messages()
            #expect(page.items.map(\.id) == [ids[3], ids[2]] && page.edge == ids[2])
            #expect(page.items[0].summary.counts == [.queued: 1, .delivered: 39_998, .bounced: 1])
            #expect(page.items[0].to.count == 10)
            let rest = try await world.messages(after: page.edge)
            #expect(rest.items.map(\.id) == [ids[1], ids[0]] && rest.edge == nil)

            let mixed = try await world.messages(bound: 50_000) { $0.status = .mixed }
            #expect(mixed.items.map(\.id) == [ids[3], ids[2]])
            let queued = try await world.messages(bound: 50_000) { $0.status = .all(.queued) }
            #expect(queued.items.isEmpty && queued.edge == ids[2])
            let further = try await world.messages(after: queued.edge, bound: 50_000) { $0.status = .all(.queued) }
            #expect(further.items.map(\.id) == [ids[0]])

            // In the middle of a broadcast a page goes on where the one before ended.
            let first = try await world.recipients(limit: 100)
            #expect(first.items.map(\.id.number) == Array((39_901...40_000).reversed()))
            let second = try await world.recipients(limit: 100, after: first.items.last?.id)
            #expect(second.items.map(\.id.number) == Array((39_801...39_900).reversed()))
            let back = try await world.recipients(limit: 100, before: second.items.first?.id)
            #expect(back.items.map(\.id) == first.items.map(\.id))
            var left: [OutboxID] = []
            var cursor: OutboxID?
            var calls = 0
            repeat {
                let page = try await world.recipients(after: cursor, bound: 30_000) { $0.status = .queued }
                left += page.items.map(\.id)
                cursor = page.edge
                calls += 1
            } while cursor != nil && calls < 9
            #expect(left == ids.reversed().compactMap { $0.outbox(1) })
        }
    }

    @Test("Settling and evidence do not touch an index of the rows")
    func hotUpdates() async throws {
        try await withDatabase { pool in
            let world = try await World(pool)
            let calls = try await world.claimed(try (0..<5).map { _ in try world.message() })
            let counts = try await pool.withTransaction { connection in
                let outcomes = calls.map { Outcome(call: $0, result: .sent(sesMessageID: "ses-\($0.entry.text)")) }
                _ = try await connection.query(SettleStatement.settle(outcomes, finished: []))
                let evidence = try calls.map { try world.evidence(.delivered, $0.entry, "ses-\($0.entry.text)") }
                _ = try await EvidenceStore.apply(evidence, on: connection)
                return try await connection.query(
                    """
                    SELECT sum(pg_stat_get_xact_tuples_updated(oid))::bigint, sum(pg_stat_get_xact_tuples_hot_updated(oid))::bigint
                    FROM pg_class WHERE relname ~ '^outbox_[0-9]{8}$'
                    """
                ).decode(Int.self, Int.self)
            }
            #expect(counts.first?.0 == 10 && counts.first?.1 == 10)
        }
    }
}
