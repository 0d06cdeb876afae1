import Directory
import Foundation
import Logging
import Mail
import Postgres
import Testing

@testable import Outbox
@testable import Sealing

/// Addresses of which nothing is left.
@Suite("Erasures")
struct ErasureTests {
    private func store(_ pool: PostgresPool) throws -> (ErasureStore, Pseudonyms) {
        let pseudonyms = Pseudonyms(pool: pool, vault: try TestVault.make(pool))
        return (ErasureStore(pool: pool, pseudonyms: pseudonyms), pseudonyms)
    }

    /// Runs all steps that can be made now.
    private func work(_ pool: PostgresPool) async throws {
        let step = ErasureStep(pool: pool)
        while try await step.run() {}
    }

    /// Every table and column in which a text occurs.
    private func places(of text: String, _ pool: PostgresPool) async throws -> [String] {
        let tables = try await pool.query(
            """
            SELECT c.relname::text FROM pg_class AS c
            WHERE c.relnamespace = 'public'::regnamespace AND c.relkind IN ('r', 'p') AND NOT c.relispartition ORDER BY 1
            """
        ).decode(String.self)
        var found: [String] = []
        for table in tables {
            let count =
                try await pool.query(
                    """
                    SELECT count(*) FROM \(identifier: table) AS t
                    WHERE strpos(lower(to_jsonb(t)::text), \(text)) > 0
                       OR strpos(to_jsonb(t)::text, encode(convert_to(\(text), 'UTF8'), 'hex')) > 0
                    """
                ).decode(Int.self).first ?? 0
            if count > 0 { found.append(table) }
        }
        return found
    }

    private func send(_ world: World, _ email: String, tenant: String = "apa") async throws -> NewMessage {
        var message = try world.message(tenant: tenant, recipients: [email])
        message.content = try StoredContent(.raw(Array("To: \(email)\r\n\r\nHello".utf8)))
        message.metadata = #"{"customer": "\#(email)"}"#
        message.subject = "For \(email)"
        try await world.accept([message])
        let call = try #require(try await world.claim(message.laneID, 1).first)
        try await world.settle([Outcome(call: call, result: .sent(sesMessageID: "ses-\(message.id)"))])
        return message
    }

    @Test("An address is in no table any more; statistics, its suppression and other tenants' rows stay")
    func erases() async throws {
        try await withDatabase { pool in
            let world = try await World(pool)
            let email = "jane.doe@gone.example"
            let sent = try await send(world, "Jane.Doe@Gone.example")
            let foreign = try await send(world, email, tenant: "standard")
            let waiting = try world.message(recipients: [email, "stays@b.example"])
            try await world.accept([waiting])
            let call = EntryID.row(try #require(sent.id.outbox(1)))
            var bounce = try world.evidence(.bounced, call, "ses-\(sent.id)", recipient: email, suppression: .bounce)
            bounce = Evidence(
                accountID: bounce.accountID,
                entry: bounce.entry,
                attempt: nil,
                sesMessageID: bounce.sesMessageID,
                recipient: email,
                type: .bounced,
                identity: bounce.identity,
                at: bounce.at,
                data:
                    #"{"bounce": {"type": "Permanent", "diagnostic_code": "550 <\#(email)> unknown"}, "reason": "\#(email)"}"#,
                suppression: .bounce
            )
            _ = try await world.apply([bounce])
            _ = try await pool.query(
                "INSERT INTO feedback_kept (account_id, source, reason, detail, body) VALUES (\(try world.accountID), '', 'x', 'x', \(email))"
            )
            let (store, pseudonyms) = try store(pool)
            let erasure = try await store.start(
                try EmailAddress(parsing: email),
                tenantID: sent.tenantID,
                actor: "test"
            )
            #expect(erasure.endedAt == nil)
            let again = try await store.start(try EmailAddress(parsing: email), tenantID: sent.tenantID, actor: "test")
            #expect(again.id == erasure.id, "one at a time")
            try await work(pool)
            let report = try #require(try await store.erasure(erasure.id, tenantID: sent.tenantID))
            #expect(report.endedAt != nil && report.recipients == 2 && report.canceled == 1 && report.suppressions == 1)
            #expect(report.bodies == 1 && report.events >= 1)
            #expect(try await store.erasure(erasure.id, tenantID: foreign.tenantID) == nil)

            // All that is left is the other tenant's.
            _ = try await pool.query("DELETE FROM outbox WHERE tenant_id = \(foreign.tenantID)")
            _ = try await pool.query("DELETE FROM message WHERE tenant_id = \(foreign.tenantID)")
            _ = try await pool.query("DELETE FROM body WHERE id = \(foreign.id.uuid)")
            #expect(try await places(of: "jane.doe", pool).isEmpty)

            let view = try await world.view(sent)
            #expect(view.recipients.map(\.email) == [erasure.pseudonym] && view.recipients.first?.status == .bounced)
            #expect(view.subject == nil && view.metadata == nil)
            #expect(try await world.statuses(waiting) == [.canceled, .queued])
            #expect(try await world.view(waiting).recipients.last?.email == "stays@b.example")
            let data = try await pool.query("SELECT data::text FROM event WHERE type = 'email.bounced'").decode(
                String.self
            )
            #expect(data == [#"{"bounce": {"type": "Permanent"}}"#])

            // Suppressed as before, for this tenant, in whatever case.
            var mail = try world.message(recipients: ["JANE.doe@gone.example", "b@b.example"])
            mail.tenantID = sent.tenantID
            let writer = AcceptWriter(pool: pool, pseudonyms: pseudonyms, logger: Logger(label: "test"))
            let accepted = mail
            try await withThrowingTaskGroup { group in
                group.addTask { try await writer.run() }
                _ = try await writer.accept(accepted)
                group.cancelAll()
            }
            #expect(try await world.statuses(mail) == [.suppressed, .queued])
            let list = SuppressionStore(pool: pool, pseudonyms: pseudonyms)
            let address = try EmailAddress(parsing: email)
            #expect(try await list.suppression(of: address, tenantID: sent.tenantID)?.reason == .bounce)
            #expect(try await list.remove(address, tenantID: sent.tenantID, actor: "test"))
            #expect(try await list.suppression(of: address, tenantID: sent.tenantID) == nil)
        }
    }

    @Test("What is being sent is waited for, and erased once its outcome is known; late word brings nothing back")
    func underWay() async throws {
        try await withDatabase { pool in
            let world = try await World(pool)
            let (message, call) = try await world.call(recipients: ["late@b.example"])
            let (store, _) = try store(pool)
            let erasure = try await store.start(
                try EmailAddress(parsing: "late@b.example"),
                tenantID: message.tenantID,
                actor: "t"
            )
            try await work(pool)
            #expect(try await store.erasure(erasure.id, tenantID: message.tenantID)?.endedAt == nil)
            #expect(try await world.view(message).recipients.first?.email == "late@b.example")
            try await world.settle([Outcome(call: call, result: .sent(sesMessageID: "late-1"))])
            _ = try await pool.query("UPDATE erasure SET next_at = now()")
            try await work(pool)
            #expect(try await store.erasure(erasure.id, tenantID: message.tenantID)?.endedAt != nil)
            _ = try await world.apply([
                try world.evidence(
                    .complained,
                    call.entry,
                    "late-1",
                    recipient: "late@b.example",
                    suppression: .complaint
                )
            ])
            #expect(try await world.statuses(message) == [.complained])
            #expect(try await places(of: "late@b", pool).isEmpty)
            #expect(try await places(of: "why email.complained", pool).isEmpty)
            #expect(try await pool.query("SELECT email FROM suppression").decode(String.self) == [erasure.pseudonym])
        }
    }

    @Test("A recipient of a call to several is left out of it, and the others get it")
    func joint() async throws {
        try await withDatabase { pool in
            let world = try await World(pool)
            let message = try world.message(recipients: ["a@b.example", "gone@b.example", "c@b.example"], split: false)
            try await world.accept([message])
            let (store, _) = try store(pool)
            _ = try await store.start(
                try EmailAddress(parsing: "gone@b.example"),
                tenantID: message.tenantID,
                actor: "t"
            )
            try await work(pool)
            let call = try #require(try await world.claim(message.laneID, 3).first)
            #expect(call.rows.map(\.email) == ["a@b.example", "c@b.example"])
            #expect(try await world.count("body") == 1, "others wait for it")
        }
    }

    @Test("Many rows are erased in steps, and only the tenant's own")
    func steps() async throws {
        try await withDatabase { pool in
            let world = try await World(pool)
            let one = try world.message(recipients: [])
            _ = try await pool.query(
                """
                INSERT INTO outbox (id, tenant_id, email, kind, status)
                SELECT (left(\(one.id.uuid)::text, 32) || lpad(to_hex(n), 4, '0'))::uuid,
                       CASE WHEN n % 2 = 0 THEN \(one.tenantID) ELSE \(one.tenantID) + 1 END,
                       CASE WHEN n % 10 < 2 THEN 'many@b.example' ELSE 'other@b.example' END, 'to', \(MessageStatus.sent.rank)
                FROM generate_series(1, 12000) AS n
                """
            )
            let (store, _) = try store(pool)
            let erasure = try await store.start(
                try EmailAddress(parsing: "many@b.example"),
                tenantID: one.tenantID,
                actor: "t"
            )
            try await work(pool)
            let report = try #require(try await store.erasure(erasure.id, tenantID: one.tenantID))
            #expect(report.recipients == 1200 && report.endedAt != nil)
            let left = try await pool.query(
                "SELECT count(*) FROM outbox WHERE email = 'many@b.example' AND tenant_id <> \(one.tenantID)"
            )
            #expect(try left.decode(Int.self) == [1200])
        }
    }

    @Test("Pseudonyms are the same for one address of one tenant, and nothing without the key")
    func pseudonyms() async throws {
        try await withDatabase { pool in
            let vault = try TestVault.make(pool, TestVault.first)
            let names = Pseudonyms(pool: pool, vault: vault)
            let name = try await names.name(of: "A@b.example", tenantID: 1)
            #expect(try await names.name(of: "a@B.example", tenantID: 1) == name && Pseudonyms.isOne(name))
            #expect(try await names.name(of: "a@b.example", tenantID: 2) != name)
            #expect(
                try await Pseudonyms(pool: pool, vault: vault).name(of: "a@b.example", tenantID: 1) == name,
                "after a start"
            )
            #expect(try await names.name(of: name, tenantID: 1) == name)
            await #expect(throws: SealingError.self) {
                _ = try await Pseudonyms(pool: pool, vault: try TestVault.make(pool)).name(
                    of: "a@b.example",
                    tenantID: 1
                )
            }
            let seen = try await pool.query("SELECT is_pseudonym(\(name)), is_pseudonym('erased-a@b.example')")
                .decode(Bool.self, Bool.self).first
            #expect(seen?.0 == true && seen?.1 == false)
        }
    }
}
