import Directory
import Mail
import Outbox
import Postgres
import Testing

@Suite("What follows from evidence")
struct EvidenceEffectTests {
    @Test(
        "An unknown outcome is known by any word of SES's, and nobody sends it again",
        arguments: [EventType.sent, .delivered, .bounced, .opened]
    )
    func unknown(type: EventType) async throws {
        try await withDatabase { pool in
            let world = try await World(pool)
            let (message, call) = try await world.call()
            try await world.settle([Outcome(call: call, result: .unknown(grace: .zero, detail: "reset"))])
            #expect(try await world.statuses(message) == [.unknown])
            #expect(try await world.count("deferred") == 1)
            #expect(try await world.apply([try world.evidence(type, call.entry, "s")]) == [.applied])
            #expect(try await world.statuses(message) == [type.status ?? .sent])
            #expect(try await world.count("deferred") == 0)
            #expect(try await Promoter(pool: pool).promote().queues.isEmpty)
            #expect(try await world.count("ready") == 0)
            #expect(try await world.view(message).recipients.map(\.sesMessageID) == ["s"])
        }
    }

    @Test("A resend that waits already is superseded")
    func superseded() async throws {
        try await withDatabase { pool in
            let world = try await World(pool)
            let (message, call) = try await world.call()
            try await world.settle([Outcome(call: call, result: .unknown(grace: .zero, detail: "reset"))])
            #expect(try await Promoter(pool: pool).promote().queues.count == 1)
            #expect(try await world.statuses(message) == [.queued])
            #expect(try await world.apply([try world.evidence(.sent, call.entry, "s")]) == [.applied])
            #expect(try await world.statuses(message) == [.sent])
            let again = try #require(try await world.claim(message.laneID, 1).first)
            #expect(again.isSuperseded)
            try await world.settle([Outcome(call: again, result: .superseded)])
            #expect(try await world.statuses(message) == [.sent])
            #expect(try await world.events(message) == [.queued, .unknown, .sent])
        }
    }

    @Test("Evidence overrides what was concluded without it", arguments: ["fail", "expire"])
    func concluded(how: String) async throws {
        try await withDatabase { pool in
            let world = try await World(pool)
            _ = try await pool.query("UPDATE tenant SET unknown_policy = 'fail'")
            let (message, call) = try await world.call()
            if how == "fail" {
                try await world.settle([Outcome(call: call, result: .unknown(grace: .zero, detail: "reset"))])
                _ = try await Promoter(pool: pool).promote()
            } else {
                try await world.settle([Outcome(call: call, result: .expired)])
            }
            #expect(try await world.statuses(message) == [how == "fail" ? .failed : .expired])
            let delivery = try world.evidence(.delivered, call.entry, "s", recipient: "a@b.example")
            #expect(try await world.apply([delivery]) == [.applied])
            let recipient = try #require(try await world.view(message).recipients.first)
            #expect(recipient.status == .delivered)
            #expect(recipient.lastEvent == .delivered)
        }
    }

    @Test("A row whose outcome is held for a person is released by evidence")
    func held() async throws {
        try await withDatabase { pool in
            let world = try await World(pool)
            _ = try await pool.query("UPDATE tenant SET unknown_policy = 'hold'")
            let (message, call) = try await world.call()
            try await world.settle([Outcome(call: call, result: .unknown(grace: .zero, detail: "reset"))])
            _ = try await Promoter(pool: pool).promote()
            #expect(try await world.value("SELECT due_at = 'infinity' FROM deferred") == true)
            #expect(try await world.apply([try world.evidence(.sent, call.entry, "s")]) == [.applied])
            #expect(try await world.statuses(message) == [.sent])
            #expect(try await world.count("deferred") == 0)
        }
    }

    @Test("An address is suppressed once, for its tenant alone, and a complaint outweighs a bounce of the same moment")
    func suppression() async throws {
        try await withDatabase { pool in
            let world = try await World(pool)
            let calls = try await world.claimed([
                try world.message(recipients: ["Gone@B.example"]), try world.message(recipients: ["gone@b.example"]),
            ])
            let bounce = try world.evidence(.bounced, calls[0].entry, "s", suppression: .bounce)
            let complaint = try world.evidence(.complained, calls[1].entry, "t", suppression: .complaint)
            #expect(try await world.apply([bounce, complaint]) == [.applied, .applied])
            let rows = try await pool.query("SELECT tenant_id, email, reason, detail, outbox_id::text FROM suppression")
                .decode(Int32.self, String.self, String.self, String.self, String.self)
            #expect(rows.count == 1)
            #expect(rows.first?.0 == world.directory.tenant(named: "apa")?.id)
            #expect(rows.first?.1 == "gone@b.example")
            #expect(rows.first?.2 == "complaint")
            #expect(rows.first?.3 == "why email.complained")
            #expect(rows.first?.4 == calls[1].entry.text)
            // What the tenant removes stays removed: the same word again suppresses nobody.
            _ = try await pool.query("DELETE FROM suppression")
            #expect(try await world.apply([bounce, complaint]) == [.duplicate, .duplicate])
            #expect(try await world.count("suppression") == 0)
            #expect(try await world.count("suppression_mirror") == 0, "the account does not mirror")
        }
    }

    @Test("A mirrored account hears of it, and a removal on its way is turned round")
    func mirror() async throws {
        try await withDatabase { pool in
            let world = try await World(pool)
            _ = try await pool.query("UPDATE account SET mirror_suppressions = true")
            let account = try world.account.id
            let (_, call) = try await world.call(recipients: ["Gone@B.example"])
            _ = try await pool.query(
                """
                INSERT INTO suppression_mirror (account_id, email, reason, removes, attempts, due_at)
                VALUES (\(account), 'gone@b.example', 'bounce', true, 3, 'infinity')
                """
            )
            let complaint = try world.evidence(.complained, call.entry, "s", suppression: .complaint)
            #expect(try await world.apply([complaint]) == [.applied])
            let rows = try await pool.query(
                "SELECT email, reason, removes, attempts, version, due_at <= now() FROM suppression_mirror"
            ).decode(String.self, String.self, Bool.self, Int.self, Int.self, Bool.self)
            #expect(rows.map { "\($0)" } == [#"("gone@b.example", "complaint", false, 0, 2, true)"#])
        }
    }

    @Test("Mail of a tenant that was removed keeps its status, and suppresses nobody")
    func removedTenant() async throws {
        try await withDatabase { pool in
            let world = try await World(pool)
            let (message, call) = try await world.call()
            try await world.settle([Outcome(call: call, result: .sent(sesMessageID: "s"))])
            _ = try await pool.query("DELETE FROM route WHERE tenant_id = \(message.tenantID)")
            _ = try await pool.query("DELETE FROM tenant WHERE id = \(message.tenantID)")
            let bounce = try world.evidence(.bounced, call.entry, "s", suppression: .bounce)
            #expect(try await world.apply([bounce]) == [.applied])
            #expect(try await world.value("SELECT status FROM outbox") == MessageStatus.bounced.rank)
            #expect(try await world.count("suppression") == 0)
        }
    }
}
