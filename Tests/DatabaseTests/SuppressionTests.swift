import Foundation
import Mail
import Postgres
import Testing

@testable import Outbox

@Suite("Suppressed addresses")
struct SuppressionTests {
    private func suppress(_ email: String, _ tenantID: Int32, _ pool: PostgresPool) async throws {
        _ = try await pool.query(
            "INSERT INTO suppression (tenant_id, email, reason) VALUES (\(tenantID), \(email), 'manual')"
        )
    }

    @Test("Mail to nobody but suppressed addresses is suppressed when it is accepted, whatever their case")
    func atAccept() async throws {
        try await withDatabase { pool in
            let world = try await World(pool)
            let message = try world.message(recipients: ["Gone@B.example"])
            let scheduled = try world.message(
                recipients: ["gone@b.example"],
                scheduledAt: Date().addingTimeInterval(3600)
            )
            let foreign = try world.message(tenant: "standard", recipients: ["gone@b.example"])
            try await suppress("gone@b.example", message.tenantID, pool)
            try await world.accept([message, scheduled, foreign])
            #expect(try await world.statuses(message) == [.suppressed])
            #expect(try await world.events(message).last == .suppressed)
            #expect(try await world.statuses(scheduled) == [.suppressed])
            #expect(try await world.statuses(foreign) == [.queued])
            #expect(try await world.count("ready") == 1)
            #expect(try await world.count("deferred") == 0)
        }
    }

    @Test(
        "Of several recipients only the suppressed ones are left out, in one call or in many",
        arguments: [true, false]
    )
    func inPart(split: Bool) async throws {
        try await withDatabase { pool in
            let world = try await World(pool)
            let message = try world.message(recipients: ["a@b.example", "gone@b.example", "c@b.example"], split: split)
            try await suppress("gone@b.example", message.tenantID, pool)
            try await world.accept([message])
            #expect(try await world.statuses(message) == [.queued, .suppressed, .queued])
            let calls = try await world.claim(message.laneID, 3)
            #expect(
                calls.map { $0.rows.map(\.email) }
                    == (split ? [["a@b.example"], ["c@b.example"]] : [["a@b.example", "c@b.example"]])
            )
            try await world.settle(calls.map { Outcome(call: $0, result: .sent(sesMessageID: "s-\($0.entry.text)")) })
            #expect(try await world.statuses(message) == [.sent, .suppressed, .sent])
            #expect(try await world.count("claim") == 0)
        }
    }

    @Test("What is suppressed while it waits is found before it is sent; the others of its call go")
    func atSend() async throws {
        try await withDatabase { pool in
            let world = try await World(pool)
            let wide = try world.message(recipients: ["a@b.example", "gone@b.example", "c@b.example"], split: false)
            try await world.accept([wide])
            try await suppress("gone@b.example", wide.tenantID, pool)
            let calls = try await world.claim(wide.laneID, 3)
            #expect(calls.map(\.isSuppressed) == [false, true])
            #expect(calls.map { $0.rows.map(\.email) } == [["a@b.example", "c@b.example"], ["gone@b.example"]])
            // The call goes back once; the credits that it asks for are those of its rows.
            try await world.settle([
                Outcome(call: calls[0], result: .returned), Outcome(call: calls[1], result: .suppressed),
            ])
            #expect(try await pool.query("SELECT recipients FROM ready").decode(Int.self) == [2])
            let again = try await world.claim(wide.laneID, 3)
            #expect(again.map { $0.rows.map(\.email) } == [["a@b.example", "c@b.example"]])
            try await world.settle([Outcome(call: again[0], result: .sent(sesMessageID: "s"))])
            #expect(try await world.statuses(wide) == [.sent, .suppressed, .sent])
            #expect(try await world.events(wide).filter { $0 == .suppressed }.count == 1)
        }
    }

    @Test("A suppressed recipient stays so when its message is recovered, returned, canceled or expires")
    func staysSuppressed() async throws {
        try await withDatabase { pool in
            let world = try await World(pool)
            let recipients = ["a@b.example", "gone@b.example"]
            let recovered = try world.message(recipients: recipients, split: false)
            let canceled = try world.message(region: "UK", recipients: recipients, split: false)
            try await suppress("gone@b.example", recovered.tenantID, pool)
            try await world.accept([recovered, canceled])
            _ = try await Cancellation(pool: pool).cancel(canceled.id, tenantID: canceled.tenantID)
            #expect(try await world.statuses(canceled) == [.canceled, .suppressed])
            _ = try await world.claim(recovered.laneID, 2)
            // A claim that nobody works on goes back with as many recipients as are to be sent to.
            #expect(try await world.claimer().returnForgotten(known: []).count == 1)
            #expect(try await pool.query("SELECT recipients FROM ready").decode(Int.self) == [1])
            _ = try await world.claim(recovered.laneID, 2)
            let moved = try await pool.withTransaction { connection in
                try await ClaimRecovery.recover(node: world.node, epoch: world.epoch, grace: .zero, on: connection)
            }
            #expect(moved == 1)
            #expect(try await world.statuses(recovered) == [.unknown, .suppressed])
            _ = try await Promoter(pool: pool).promote()
            #expect(try await world.statuses(recovered) == [.queued, .suppressed])
        }
    }
}
