import Foundation
import Gateway
import Mail
import Testing

@testable import Outbox

/// What `POST /send` accepts, and what becomes of it.
@Suite(.timeLimit(.minutes(5))) struct SendTests {
    @Test func acceptsAMessage() async throws {
        try await TestGateway.run { gateway in
            let answer = try await gateway.send(
                #"{"from":"Ärzte <a@apa.example>","to":["b@x.example","C <c@y.example>"],"cc":"d@z.example","subject":"Grüße","#
                    + #""text":"Hi","region":"UK","stream":"bulk","priority":"high","tags":{"b":"2","a":"1"},"#
                    + #""metadata":{"order":"é\"7"}}"#
            )
            #expect(answer.status == 202)
            #expect(answer.headers["content-type"] == "application/json")
            let message = try #require(gateway.store.accepted.first)
            #expect(answer.body == #"{"id":"\#(message.id)","status":"queued"}"#)
            #expect(message.tenantID == 1)
            #expect(message.laneID == 21)
            #expect(message.region == "UK")
            #expect(message.stream == .bulk)
            #expect(message.priority == .high)
            #expect(message.split)
            #expect(message.recipients.map(\.email) == ["b@x.example", "c@y.example", "d@z.example"])
            #expect(message.recipients.map(\.kind) == [.to, .to, .cc])
            #expect(message.sender.utf8.allSatisfy { $0 < 0x80 })
            #expect(message.subject == "Grüße")
            #expect(message.tags == #"{"a":"1","b":"2"}"#)
            #expect(message.metadata == #"{"order":"é\"7"}"#)
            #expect(message.scheduledAt == nil)
            #expect(message.expiresAt == nil)
        }
    }

    @Test func takesTheDefaults() async throws {
        try await TestGateway.run { gateway in
            let answer = try await gateway.send(
                #"{"from":"shop@partner.example","to":"b@x.example","subject":"s","html":"<p>","cc":null,"tags":{}}"#
            )
            #expect(answer.status == 202)
            let message = try #require(gateway.store.accepted.first)
            #expect(message.region == "AT")
            #expect(message.laneID == 10)
            #expect(message.stream == .transactional)
            #expect(message.priority == .normal)
            #expect(message.tags == nil)
            #expect(message.metadata == nil)
        }
    }

    @Test func keepsTheRegionThatAWildcardTakes() async throws {
        try await TestGateway.run { gateway in
            let body = #"{"from":"a@omv.example","to":"b@x.example","subject":"s","text":"t","region":"CH"}"#
            #expect(try await gateway.send(body, key: TestDirectory.omvKey).status == 202)
            let message = try #require(gateway.store.accepted.first)
            #expect(message.region == "CH")
            #expect(message.laneID == 30)
        }
    }

    @Test func schedules() async throws {
        try await TestGateway.run { gateway in
            let time = BadMessageTests.time(3600)
            let expiry = BadMessageTests.time(7200)
            let answer = try await gateway.send(
                #"{"from":"a@apa.example","to":"b@x.example","subject":"s","text":"t","scheduled_at":"\#(time)","#
                    + #""expires_at":"\#(expiry)"}"#
            )
            #expect(answer.status == 202)
            #expect(answer.json["status"] as? String == "scheduled")
            let message = try #require(gateway.store.accepted.first)
            #expect(message.scheduledAt?.formatted(.iso8601) == time)
            #expect(message.expiresAt?.formatted(.iso8601) == expiry)
        }
    }

    @Test func takesAScheduleOfRightNowForNow() async throws {
        try await TestGateway.run { gateway in
            let time = Date().formatted(Date.ISO8601FormatStyle(includingFractionalSeconds: true))
            let answer = try await gateway.send(
                #"{"from":"a@apa.example","to":"b@x.example","subject":"s","text":"t","scheduled_at":"\#(time)"}"#
            )
            #expect(answer.json["status"] as? String == "queued")
            #expect(gateway.store.accepted.first?.scheduledAt == nil)
        }
    }

    @Test func takesWrappedBase64() async throws {
        try await TestGateway.run { gateway in
            let answer = try await gateway.send(
                #"{"from":"a@apa.example","to":"b@x.example","subject":"s","text":"t","#
                    + #""attachments":[{"filename":"a.txt","content":"aGVs\r\nbG8=\r\n"}]}"#
            )
            #expect(answer.status == 202)
            let content = try #require(gateway.store.accepted.first?.content)
            #expect(content.kind == .raw)
            #expect(String(decoding: content.bytes, as: UTF8.self).contains("aGVsbG8="))
        }
    }

    @Test func keepsRawBytes() async throws {
        try await TestGateway.run { gateway in
            let raw = "From: A <a@apa.example>\nSubject: =?utf-8?q?Gr=C3=BC=C3=9Fe?=\nX-Odd:  two  spaces\n\n  body\n"
            #expect(try await gateway.send(BadMessageTests.raw(raw)).status == 202)
            let message = try #require(gateway.store.accepted.first)
            #expect(message.content.bytes == Array(raw.utf8))
            #expect(message.subject == "Grüße")
        }
    }

    @Test func sendsUpToTheRateInOneCall() async throws {
        try await TestGateway.run { gateway in
            let to = (0..<10).map { "\"r\($0)@x.example\"" }.joined(separator: ",")
            let answer = try await gateway.send(
                #"{"from":"a@apa.example","to":[\#(to)],"subject":"s","text":"t","region":"UK","split":false}"#
            )
            #expect(answer.status == 202)
            #expect(gateway.store.accepted.first?.split == false)
        }
    }

    @Test func answersOnlyAfterTheCommit() async throws {
        try await TestGateway.run { gateway in
            let (gate, opener) = AsyncStream<Void>.makeStream()
            gateway.store.set { $0.gate = gate }
            try await withThrowingTaskGroup(of: TestAnswer.self) { tasks in
                tasks.addTask { try await gateway.send(Self.good) }
                _ = await gateway.store.commits.first { _ in true }
                #expect(gateway.store.accepted.isEmpty)
                opener.yield()
                let answer = try #require(try await tasks.next())
                #expect(answer.status == 202)
                #expect(gateway.store.accepted.count == 1)
            }
        }
    }

    struct Refusal: Sendable {
        let error: AcceptError
        let status: Int
        let code: String
        let retryAfter: String?
    }

    static let refusals = [
        Refusal(error: AcceptError(.unavailable, "x"), status: 503, code: "database_unavailable", retryAfter: "2"),
        Refusal(error: AcceptError(.full, "x", retryAfter: 7), status: 503, code: "overloaded", retryAfter: "7"),
        Refusal(error: AcceptError(.tenantFull, "x", retryAfter: 3), status: 429, code: "queue_full", retryAfter: "3"),
        Refusal(error: AcceptError(.keyInUse, "x"), status: 409, code: "idempotency_in_progress", retryAfter: "1"),
        Refusal(error: AcceptError(.keyReused, "x"), status: 422, code: "idempotency_key_reused", retryAfter: nil),
        Refusal(error: AcceptError(.stopping, "x"), status: 503, code: "draining", retryAfter: "1"),
        Refusal(error: AcceptError(.refused, "secret"), status: 422, code: "invalid_message", retryAfter: nil),
    ]

    @Test(arguments: refusals) func saysWhyNothingWasStored(_ refusal: Refusal) async throws {
        try await TestGateway.run { gateway in
            gateway.store.set { $0.refusal = refusal.error }
            let answer = try await gateway.send(Self.good)
            #expect(answer.status == refusal.status)
            #expect(answer.code == refusal.code)
            #expect(answer.headers["retry-after"] == refusal.retryAfter)
            #expect(!answer.body.contains("secret"))
        }
    }

    static let good = #"{"from":"a@apa.example","to":"b@x.example","subject":"s","text":"t"}"#
}
