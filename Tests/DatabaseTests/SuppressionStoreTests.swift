import Directory
import Foundation
import Mail
import Postgres
import Testing

/// Suppression lists as tenants keep them, and what their removals mean for SES's own.
@Suite(.timeLimit(.minutes(5))) struct SuppressionStoreTests {
    private struct Setting {
        let pool: PostgresPool
        let store: SuppressionStore
        let apa: Int32
        let other: Int32

        init(_ pool: PostgresPool) async throws {
            self.pool = pool
            let world = try await World(pool)
            store = SuppressionStore(pool: pool)
            apa = try #require(world.directory.tenant(named: "apa")?.id)
            other = try #require(world.directory.tenant(named: "standard")?.id)
        }

        func address(_ text: String) throws -> EmailAddress { try EmailAddress(parsing: text) }

        func add(_ texts: [String], reason: Suppression.Reason = .manual, tenant: Int32? = nil) async throws {
            for text in texts {
                _ = try await store.add(
                    try address(text),
                    reason: reason,
                    detail: nil,
                    tenantID: tenant ?? apa,
                    actor: "k"
                )
            }
        }

        func list(
            _ filter: SuppressionFilter = SuppressionFilter(),
            limit: Int = 100,
            after: String? = nil,
            before: String? = nil,
            tenant: Int32? = nil
        ) async throws -> [String] {
            try await store.suppressions(
                tenantID: tenant ?? apa,
                filter: filter,
                limit: limit,
                after: after,
                before: before
            ).suppressions.map(\.email)
        }

        func mirrored() async throws -> [String] {
            try await pool.query(
                "SELECT email || ' ' || reason || ' ' || removes || ' ' || attempts FROM suppression_mirror ORDER BY email"
            ).decode(String.self)
        }
    }

    @Test func isKeptInTheComparedForm() async throws {
        try await withDatabase { pool in
            let setting = try await Setting(pool)
            let email = try setting.address("Ann.Ö@Bücher.Example".replacing("Ö", with: "O"))
            let (new, isNew) = try await setting.store.add(
                email,
                reason: .complaint,
                detail: "asked",
                tenantID: setting.apa,
                actor: "key:1"
            )
            #expect(isNew && new.email == "ann.o@xn--bcher-kva.example" && new.reason == .complaint)
            #expect(new.detail == "asked" && new.messageID == nil)
            let (same, isNewAgain) = try await setting.store.add(
                try setting.address("ANN.O@xn--bcher-kva.example"),
                reason: .manual,
                detail: nil,
                tenantID: setting.apa,
                actor: "key:2"
            )
            #expect(!isNewAgain && same == new, "what is there stays")
            let added = try await AuditReader(pool: pool).entries(limit: 2).filter {
                $0.object.contains("suppressions")
            }
            #expect(added.map(\.object) == ["suppressions at xn--bcher-kva.example of tenant apa"], "and is no change")
            #expect(added.map(\.detail) == [#"{"change": "1 added (complaint)"}"#])
            #expect(added.first?.actor == "key:1" && added.first?.action == "create")
            #expect(try await setting.store.suppression(of: email, tenantID: setting.apa) == new)
            #expect(try await setting.store.suppression(of: email, tenantID: setting.other) == nil)
            #expect(try await !setting.store.remove(email, tenantID: setting.other, actor: "k"))
            #expect(try await setting.store.remove(email, tenantID: setting.apa, actor: "key:1"))
            #expect(try await !setting.store.remove(email, tenantID: setting.apa, actor: "key:1"))
            let audit = try await AuditReader(pool: pool).entries(limit: 1)
            #expect(audit.first?.object == "suppressions at xn--bcher-kva.example of tenant apa")
            #expect(audit.first?.detail == #"{"change": "1 removed"}"# && audit.first?.actor == "key:1")
        }
    }

    @Test func namesTheMessageOfAnEvent() async throws {
        try await withDatabase { pool in
            let setting = try await Setting(pool)
            _ = try await pool.query(
                """
                INSERT INTO suppression (tenant_id, email, reason, detail, outbox_id)
                SELECT \(setting.apa), 'a@b.example', 'bounce', '550', '018f0000-0000-7abc-8000-000000000003'
                """
            )
            let row = try await setting.store.suppression(of: setting.address("a@b.example"), tenantID: setting.apa)
            #expect(row?.messageID == "018f0000-0000-7abc-8000-000000000000")
        }
    }

    @Test func comesByPagesInBothDirectionsWithoutAGap() async throws {
        try await withDatabase { pool in
            let setting = try await Setting(pool)
            let all = [
                "a+1@x.example", "a-1@x.example", "a.1@x.example", "a@x.example", "a_1@x.example", "aa@x.example",
                "b@x.example",
            ]
            try await setting.add(all.shuffled())
            try await setting.add(["a0@x.example"], tenant: setting.other)
            let sorted = all.sorted { Array($0.utf8).lexicographicallyPrecedes(Array($1.utf8)) }
            var forward: [String] = []
            while case let page = try await setting.list(limit: 2, after: forward.last), !page.isEmpty {
                forward += page
            }
            #expect(forward == sorted)
            var backward = try await setting.list(limit: 2, before: "~")
            while case let page = try await setting.list(limit: 2, before: backward[0]), !page.isEmpty {
                backward = page + backward
            }
            #expect(backward == sorted)
        }
    }

    @Test func isSearched() async throws {
        try await withDatabase { pool in
            let setting = try await Setting(pool)
            try await setting.add(["ann@x.example", "anna@y.example", "bob@x.example", "a%n@x.example"])
            try await setting.add(["anne@x.example"], reason: .bounce)
            try await setting.add(["ann@x.example"], tenant: setting.other)
            #expect(
                try await setting.list(.init(prefix: "ann")) == ["ann@x.example", "anna@y.example", "anne@x.example"]
            )
            #expect(try await setting.list(.init(prefix: "a%n")) == ["a%n@x.example"])
            #expect(try await setting.list(.init(prefix: "")).count == 5)
            #expect(try await setting.list(.init(domain: "y.example")) == ["anna@y.example"])
            #expect(
                try await setting.list(.init(domain: "x.example"), limit: 2, after: "a%n@x.example")
                    == ["ann@x.example", "anne@x.example"]
            )
            #expect(
                try await setting.list(.init(prefix: "ann", domain: "x.example", reason: .bounce)) == ["anne@x.example"]
            )
            #expect(try await setting.list(.init(reason: .complaint)).isEmpty)
        }
    }

    /// One call looks at a bounded number of addresses, and says how far it came; going on from there misses none.
    @Test func aRareReasonIsFoundStepByStep() async throws {
        try await withDatabase { pool in
            let setting = try await Setting(pool)
            try await setting.add((10..<60).map { "a\($0)@x.example" })
            try await setting.add(["a00@x.example", "a30x@x.example", "b@x.example"], reason: .complaint)
            let store = SuppressionStore(pool: pool, bound: 20)
            func walk(from start: String, backward: Bool) async throws -> (found: [String], calls: Int) {
                var found: [String] = []
                var calls = 0
                var place = start
                while true {
                    let page = try await store.suppressions(
                        tenantID: setting.apa,
                        filter: .init(reason: .complaint),
                        limit: 2,
                        after: backward ? nil : place,
                        before: backward ? place : nil
                    )
                    calls += 1
                    found += page.suppressions.map(\.email)
                    let full = page.suppressions.count == 2 ? found.last : nil
                    guard let next = full ?? page.edge else { return (found, calls) }
                    place = next
                }
            }
            let forward = try await walk(from: "", backward: false)
            #expect(forward.found == ["a00@x.example", "a30x@x.example", "b@x.example"] && forward.calls == 3)
            let backward = try await walk(from: "c", backward: true)
            #expect(backward.found == ["b@x.example", "a30x@x.example", "a00@x.example"] && backward.calls == 3)
            let all = try await store.suppressions(
                tenantID: setting.apa,
                filter: .init(),
                limit: 100,
                after: nil,
                before: nil
            )
            #expect(all.suppressions.count == 53 && all.edge == nil)
        }
    }

    /// Both keep the order of an index, whatever the database's collation is.
    @Test func searchesFollowAnIndex() async throws {
        try await withDatabase { pool in
            let setting = try await Setting(pool)
            for (condition, index) in [
                ("email >= 'a' AND email < 'b'", "suppression_pkey"), ("domain = 'x.example'", "suppression_domain"),
            ] {
                let plan = try await pool.query(
                    """
                    EXPLAIN SELECT * FROM suppression WHERE tenant_id = \(raw: "\(setting.apa)") AND \(raw: condition)
                    ORDER BY email LIMIT 10
                    """
                ).decode(String.self).joined(separator: "\n")
                #expect(plan.contains(index) && !plan.contains("Sort"), "\(plan)")
            }
        }
    }

    @Test func aDomainIsRemovedInBatches() async throws {
        try await withDatabase { pool in
            let setting = try await Setting(pool)
            _ = try await pool.query(
                """
                INSERT INTO suppression (tenant_id, email, reason)
                SELECT \(setting.apa), 'a' || n || '@x.example', 'bounce' FROM generate_series(1, 2500) AS n
                """
            )
            try await setting.add(["a@sub.x.example", "a@y.example"])
            try await setting.add(["a@x.example"], tenant: setting.other)
            let removed = try await setting.store.remove(
                domain: try DomainName(parsing: "X.example"),
                tenantID: setting.apa,
                actor: "key:1"
            )
            #expect(removed == 2500)
            #expect(try await setting.list() == ["a@sub.x.example", "a@y.example"])
            #expect(try await setting.list(tenant: setting.other) == ["a@x.example"])
            let audit = try await AuditReader(pool: pool).entries(limit: 3).map(\.detail)
            #expect(
                audit == [
                    #"{"change": "500 removed"}"#, #"{"change": "1000 removed"}"#, #"{"change": "1000 removed"}"#,
                ]
            )
            #expect(try await setting.mirrored().isEmpty, "no account mirrors")
        }
    }

    @Test func removalsReachSESUnlessAnotherTenantNeedsThem() async throws {
        try await withDatabase { pool in
            let setting = try await Setting(pool)
            _ = try await pool.query("UPDATE account SET mirror_suppressions = true WHERE name = 'main'")
            try await setting.add(["a@x.example"], reason: .complaint)
            try await setting.add(["b@x.example", "c@x.example"], reason: .bounce)
            try await setting.add(["d@y.example"])
            try await setting.add(["c@x.example"], tenant: setting.other)
            // One that was on its way there, with failures, is turned round.
            _ = try await pool.query(
                """
                INSERT INTO suppression_mirror (account_id, email, reason, attempts, due_at)
                SELECT id, 'b@x.example', 'bounce', 4, now() + interval '1 h' FROM account WHERE name = 'main'
                """
            )
            let domain = try DomainName(parsing: "x.example")
            #expect(try await setting.store.remove(domain: domain, tenantID: setting.apa, actor: "k") == 3)
            #expect(try await setting.mirrored() == ["a@x.example complaint true 0", "b@x.example bounce true 0"])
            let due = try await pool.query("SELECT bool_and(due_at <= now()) FROM suppression_mirror").decode(Bool.self)
            #expect(due == [true])
            #expect(try await setting.store.remove(setting.address("d@y.example"), tenantID: setting.apa, actor: "k"))
            #expect(try await setting.mirrored().last == "d@y.example bounce true 0")
            #expect(try await setting.store.remove(setting.address("c@x.example"), tenantID: setting.other, actor: "k"))
            #expect(try await setting.mirrored().contains("c@x.example bounce true 0"), "now nobody needs it")
        }
    }
}
