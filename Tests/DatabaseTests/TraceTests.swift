import Feedback
import Foundation
import Logging
import Mail
import Outbox
import Postgres
import Telemetry
import Testing

/// A trace's way through the tables: from the request to the claim, the event and the webhook.
struct TraceTests {
    private static let header = "00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01"

    private var quiet: Logger {
        var logger = Logger(label: "test")
        logger.logLevel = .critical
        return logger
    }

    private func context() throws -> TraceContext {
        try #require(TraceContext.parse(Self.header)).context
    }

    @Test func aMessageRemembersItsRequestAndTheClaimReadsIt() async throws {
        try await withDatabase { pool in
            let world = try await World(pool)
            let context = try context()
            let traced = try TraceContext.$current.withValue(context) { try world.message() }
            let plain = try world.message()
            let calls = try await world.claimed([traced, plain])
            let own = try #require(calls.first { $0.entry.message == traced.id })
            #expect(own.trace == context)
            let other = try #require(calls.first { $0.entry.message == plain.id })
            #expect(other.trace == nil)
            let read = await TraceReader(pool: pool).traces(of: [traced.id, plain.id])
            #expect(read == [traced.id: context])
        }
    }

    @Test func whatSESSaysIsInTheMessagesTrace() async throws {
        try await withDatabase { pool in
            let world = try await World(pool)
            let context = try context()
            let traced = try TraceContext.$current.withValue(context) { try world.message() }
            let calls = try await world.claimed([traced, try world.message()])
            let tracer = Tracer(sample: 0)
            let applier = FeedbackApplier(pool: pool, tracer: tracer, logger: quiet)
            try await withThrowingTaskGroup(of: Void.self) { group in
                group.addTask { try await applier.run() }
                for call in calls + calls {
                    let text =
                        #"{"eventType":"Delivery","mail":{"timestamp":"\#(Date().formatted(.iso8601))","messageId":"ses-\#(call.claimID)","#
                        + #""source":"s@apa.example","destination":["a@b.example"],"tags":{"sluice-id":["\#(call.entry.text)"]}},"#
                        + #""delivery":{"timestamp":"\#(Date().formatted(.iso8601))","recipients":["a@b.example"]}}"#
                    let result = await applier.take(
                        Feedback.Notification(
                            accountID: try world.accountID,
                            source: "arn:aws:sns:eu-central-1:1:t",
                            id: "n",
                            receivedAt: Date(),
                            message: Array(text.utf8)
                        )
                    )
                    #expect(result == .done)
                }
                group.cancelAll()
            }
            // Once, though it was said twice, and only of the message that is traced.
            let spans = tracer.take(10)
            #expect(spans.map(\.name) == ["feedback email.delivered"])
            #expect(spans.first?.parent == context)
            #expect(spans.first?.context.traceID == context.traceID)
            #expect(spans.first?.context.spanID != context.spanID)
        }
    }

    @Test func aWebhookHandsTheTraceOn() async throws {
        try await withDatabase { pool in
            let receiver = try WebhookReceiver()
            let world = try await WebhookWorld(pool)
            let context = try context()
            let tracer = Tracer(sample: 0)
            _ = try await world.endpoint(receiver.url)
            try await world.withNode(tracer: tracer) {
                try await TraceContext.$current.withValue(context) { _ = try await world.publish(1) }
                _ = try await world.publish(1)
                try await world.eventually("two webhooks") { receiver.requests.count == 2 }
            }
            receiver.stop()
            let headers = receiver.requests.map { $0.headers["traceparent"] }
            let spans = tracer.take(10)
            #expect(spans.map(\.name) == ["webhook email.queued"])
            #expect(spans.first?.parent == context)
            // The endpoint is told the span of this very request, and nothing of mail that is not traced.
            #expect(Set(headers) == [spans.first?.context.traceparent, nil])
        }
    }
}
