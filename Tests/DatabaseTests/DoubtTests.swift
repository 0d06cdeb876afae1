import Mail
import Postgres
import Testing

@testable import Outbox

/// What is not certain, or not readable, in the outbox.
@Suite("Doubt") struct DoubtTests {
    private struct Undone: Error {}

    @Test("Whether a commit that was not answered happened can be found out")
    func inquiry() async throws {
        try await withDatabase { pool in
            let world = try await World(pool)
            let inquiry = CommitInquiry(pool: pool, patience: .zero)
            let message = try world.message()
            func fate(_ transaction: String?) async -> CommitInquiry.Fate {
                await inquiry.fate(of: message.id, tenantID: message.tenantID, transaction: transaction)
            }
            var transaction: String?
            do {
                try await pool.withTransaction { connection in
                    transaction = try await connection.query("SELECT pg_current_xact_id()::text").decode(String.self)
                        .first
                    #expect(await fate(transaction) == .unknown, "it may still commit")
                    throw Undone()
                }
            } catch is Undone {}
            #expect(await fate(transaction) == .rolledBack)
            #expect(await fate(nil) == .unknown)
            #expect(await fate("9000000000") == .unknown, "of another history")
            try await world.accept([message])
            #expect(await fate(nil) == .committed)
        }
    }

    @Test("A content of a newer node is not gone")
    func foreignContent() async throws {
        try await withDatabase { pool in
            let world = try await World(pool)
            let message = try world.message()
            try await world.accept([message])
            let call = try #require(try await world.claim(message.laneID, 1).first)
            _ = try await pool.query("UPDATE body SET kind = 99 WHERE id = \(message.id.uuid)")
            let contents = try await world.claimer().contents(of: [message.id])
            #expect(contents.known.isEmpty && contents.foreign == [message.id])
            try await world.settle([Outcome(call: call, result: .postponed(delay: .seconds(30), detail: "later"))])
            let view = try await world.view(message)
            #expect(view.recipients.map(\.status) == [.queued])
            #expect(view.recipients.map(\.attempts) == [0], "none is spent")
            #expect(try await world.count("deferred") == 1)
        }
    }

    @Test("Data that cannot be read are one recipient's trouble")
    func damagedData() async throws {
        try await withDatabase { pool in
            let world = try await World(pool)
            let message = try world.message()
            let ids = try (1...2).map { try #require(message.id.outbox($0)) }
            for (id, data) in zip(ids, [Array("{".utf8), Array(#"{"n":1}"#.utf8)]) {
                _ = try await pool.query("INSERT INTO recipient_data (id, data) VALUES (\(id.uuid), \(data))")
            }
            let own = try await world.claimer().data(of: ids)
            #expect(own.damaged == [ids[0]])
            #expect(own.values == [ids[1]: .object(["n": .integer(1)])])
        }
    }

    @Test("The status of a message is that of all recipients, whichever are shown")
    func laterPages() async throws {
        try await withDatabase { pool in
            let world = try await World(pool)
            let message = try world.message(recipients: ["a@x.example", "b@x.example"])
            try await world.accept([message])
            let call = try #require(try await world.claim(message.laneID, 1).first)
            try await world.settle([Outcome(call: call, result: .sent(sesMessageID: "ses-1"))])
            let reader = MessageReader(pool: pool)
            let rest = try #require(
                try await reader.message(message.id, tenantID: message.tenantID, after: call.rows.first?.id)
            )
            #expect(rest.recipients.map(\.status) == [.queued])
            #expect(rest.summary.counts == [.sent: 1, .queued: 1])
            #expect(rest.crowd?.recipients == 2 && rest.crowd?.next == nil)
        }
    }
}
