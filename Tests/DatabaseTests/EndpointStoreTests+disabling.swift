import Directory
import Foundation
import Logging
import Outbox
import Postgres
import Signing
import Testing

@testable import Webhooks

/// Endpoints that are disabled and enabled again.
extension EndpointStoreTests {
    @Test func disablingDiscardsWhatWaitsAndEnablingBeginsAnew() async throws {
        try await withDatabase { pool in
            let setting = try await Setting(pool)
            let id = try await setting.make()
            let bystander = try await setting.make()
            let now = Date()
            try await FeedTable.append([now], tenantID: setting.apa, pool)
            let waiting = [try await setting.deliver(id), try await setting.deliver(id, replay: true)]
            let done = try await setting.deliver(id)
            _ = try await pool.query("UPDATE webhook_delivery SET status = 1 WHERE id = \(done)")
            _ = try await pool.query("DELETE FROM webhook_queue WHERE delivery_id = \(done)")
            let theirs = try await setting.deliver(bystander)
            _ = try await ReplayStore(pool: pool).replay(
                from: now.addingTimeInterval(-60),
                to: now.addingTimeInterval(60),
                endpoint: id,
                tenantID: setting.apa,
                actor: "k"
            )
            #expect(try await setting.count("webhook_replay") == 1)
            let failing = now.addingTimeInterval(-3600)
            _ = try await pool.query(
                """
                UPDATE webhook_endpoint SET failures = 12, failing_since = \(failing), hold_until = now() + interval '1 h',
                    created_at = now() - interval '1 day' WHERE id = \(id)
                """
            )
            let off = try await setting.store.change(
                id,
                EndpointChange(status: .disabled),
                tenantID: setting.apa,
                actor: "k"
            )
            #expect(off.missedSince == nil)
            #expect(off.endpoint.status == .disabled && off.endpoint.disabledReason == "tenant")
            #expect(off.endpoint.disabledAt != nil)
            for delivery in waiting { #expect(try await setting.status(delivery) == .discarded) }
            #expect(try await setting.status(done) == .delivered)
            #expect(try await setting.status(theirs) == .pending)
            #expect(try await setting.count("webhook_queue") == 1)
            #expect(try await setting.count("webhook_replay") == 0)
            for attempt in [
                { _ = try await setting.store.test(id, type: EventNames.test, tenantID: setting.apa) },
                { _ = try await ReplayStore(pool: pool).replay(done, endpoint: id, tenantID: setting.apa, actor: "k") },
                {
                    _ = try await ReplayStore(pool: pool).replay(
                        from: failing,
                        to: Date(),
                        endpoint: id,
                        tenantID: setting.apa,
                        actor: "k"
                    )
                },
            ] as [() async throws -> Void] {
                let error = await #expect(throws: EndpointError.self) { try await attempt() }
                #expect(error?.code == .conflict && error?.message.contains("enable it first") == true)
            }
            try await FeedTable.append([now, now], tenantID: setting.apa, pool)
            let on = try await setting.store.change(
                id,
                EndpointChange(status: .active),
                tenantID: setting.apa,
                actor: "k"
            )
            let missed = try #require(on.missedSince)
            #expect(abs(missed.timeIntervalSince(now) + 7200) < 60, "the oldest that was discarded")
            #expect(on.endpoint.status == .active && on.endpoint.disabledAt == nil)
            #expect(on.endpoint.disabledReason == nil && on.endpoint.failingSince == nil)
            let row = try await pool.query(
                "SELECT cursor_seq, failures, hold_until FROM webhook_endpoint WHERE id = \(id)"
            ).decode(Int64.self, Int32.self, Date?.self).first
            #expect(row?.0 == 3 && row?.1 == 0 && row?.2 == nil)
            // Repeated, it skips nothing.
            try await FeedTable.append([now], tenantID: setting.apa, pool)
            let again = try await setting.store.change(
                id,
                EndpointChange(status: .active),
                tenantID: setting.apa,
                actor: "k"
            )
            #expect(again.missedSince == nil)
            let seq = try await pool.query("SELECT cursor_seq FROM webhook_endpoint WHERE id = \(id)").decode(
                Int64.self
            )
            #expect(seq == [3])
        }
    }

    /// What was queued, and what came while it was off: a replay from the time that the answer says brings all of it.
    @Test func aReplayBringsWhatWasMissed() async throws {
        try await withDatabase { pool in
            let setting = try await Setting(pool)
            let began = Date()
            // Before it was made, and not its own.
            try await FeedTable.append([began.addingTimeInterval(-50)], tenantID: setting.apa, pool)
            let id = try await setting.make()
            let fanOut = FanOut(pool: pool, logger: Logger(label: "test"))
            var events: [UUID] = []
            for second in [-40.0, -30, -20] {
                events += try await FeedTable.append([began.addingTimeInterval(second)], tenantID: setting.apa, pool)
                _ = try await fanOut.pass()
            }
            #expect(try await setting.count("webhook_queue") == 3)
            let off = EndpointChange(status: .disabled)
            _ = try await setting.store.change(id, off, tenantID: setting.apa, actor: "k")
            events += try await FeedTable.append([Date()], tenantID: setting.apa, pool)
            let on = EndpointChange(status: .active)
            let changed = try await setting.store.change(id, on, tenantID: setting.apa, actor: "k")
            let missed = try #require(changed.missedSince)
            let to = Date().addingTimeInterval(1)
            let window = try await ReplayStore(pool: pool).replay(
                from: missed,
                to: to,
                endpoint: id,
                tenantID: setting.apa,
                actor: "k"
            )
            #expect(window.events == 4)
            while try await fanOut.passReplays() {}
            let replayed = try await pool.query(
                "SELECT event_id FROM webhook_delivery WHERE replay"
            ).decode(UUID.self)
            #expect(replayed.count == 4 && Set(replayed) == Set(events))
            // Off and on with nothing missed: a replay would bring nothing.
            _ = try await pool.query("DELETE FROM webhook_queue")
            _ = try await setting.store.change(id, off, tenantID: setting.apa, actor: "k")
            let again = try await setting.store.change(id, on, tenantID: setting.apa, actor: "k")
            let nothing = try await ReplayStore(pool: pool).replay(
                from: try #require(again.missedSince),
                to: to,
                endpoint: id,
                tenantID: setting.apa,
                actor: "k"
            )
            #expect(nothing.events == 0)
        }
    }

    /// A dispatcher that writes results locks deliveries and queue rows in an order of its own.
    @Test func disablingWaitsForNoDispatcher() async throws {
        try await withDatabase { pool in
            let setting = try await Setting(pool)
            let id = try await setting.make()
            let busy = try await setting.deliver(id)
            let waiting = try await setting.deliver(id)
            try await pool.withTransaction { dispatcher in
                _ = try await dispatcher.query("UPDATE webhook_delivery SET attempts = '[1]' WHERE id = \(busy)")
                let off = EndpointChange(status: .disabled)
                _ = try await setting.store.change(id, off, tenantID: setting.apa, actor: "k")
                _ = try await dispatcher.query("DELETE FROM webhook_queue WHERE delivery_id = \(busy)")
            }
            #expect(try await setting.status(waiting) == .discarded)
            #expect(try await setting.status(busy) == .pending, "the dispatcher's word on it stands")
            #expect(try await setting.count("webhook_queue") == 0)
        }
    }

    /// Off and on at once: what a dispatcher has in its hands is not sent any more, either.
    @Test func enablingWaitsForDispatchers() async throws {
        try await withDatabase { pool in
            let setting = try await Setting(pool)
            let id = try await setting.make()
            let busy = try await setting.deliver(id)
            let off = EndpointChange(status: .disabled)
            let on = EndpointChange(status: .active)
            try await withThrowingTaskGroup { group in
                try await pool.withTransaction { dispatcher in
                    _ = try await dispatcher.query("UPDATE webhook_delivery SET attempts = '[1]' WHERE id = \(busy)")
                    _ = try await setting.store.change(id, off, tenantID: setting.apa, actor: "k")
                    group.addTask { _ = try await setting.store.change(id, on, tenantID: setting.apa, actor: "k") }
                    try await Task.sleep(for: .milliseconds(200))
                    _ = try await dispatcher.query(
                        "UPDATE webhook_queue SET due_at = now() + interval '1 hour' WHERE delivery_id = \(busy)"
                    )
                }
                try await group.waitForAll()
            }
            #expect(try await setting.status(busy) == .discarded)
            #expect(try await setting.count("webhook_queue") == 0)
            #expect(try await setting.store.endpoint(id, tenantID: setting.apa)?.status == .active)
        }
    }
}
