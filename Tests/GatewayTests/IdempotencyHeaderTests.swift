import Foundation
import Gateway
import Testing

@testable import Outbox

/// What a tenant sees of `Idempotency-Key`.
@Suite(.timeLimit(.minutes(5))) struct IdempotencyHeaderTests {
    @Test func repeatsTheAnswer() async throws {
        try await TestGateway.run { gateway in
            let first = try await gateway.send(SendTests.good, idempotencyKey: "order-7")
            #expect(first.status == 202)
            #expect(first.headers["idempotent-replayed"] == nil)
            // Quoted and bare, they are one key.
            let again = try await gateway.send(SendTests.good, idempotencyKey: #""order-7""#)
            #expect(again.status == 202)
            #expect(again.body == first.body)
            #expect(again.headers["idempotent-replayed"] == "true")
            #expect(gateway.store.accepted.count == 1)
        }
    }

    @Test func repeatsABatchWithItsProblems() async throws {
        try await TestGateway.run { gateway in
            let items = [BatchRouteTests.item("0"), "{}"]
            let first = try await gateway.batch(items, headers: ["Idempotency-Key": "b"])
            let again = try await gateway.batch(items, headers: ["Idempotency-Key": "b"])
            #expect(again.body == first.body)
            #expect(again.headers["idempotent-replayed"] == "true")
            #expect(gateway.store.accepted.count == 1)
            // All wrong: nothing to accept, and still the answer is kept.
            let wrong = try await gateway.batch(["{}"], headers: ["Idempotency-Key": "w"])
            #expect(
                try await gateway.batch(["{}"], headers: ["Idempotency-Key": "w"]).headers["idempotent-replayed"]
                    == "true"
            )
            #expect(wrong.status == 202)
        }
    }

    @Test func refusesAnotherRequest() async throws {
        try await TestGateway.run { gateway in
            _ = try await gateway.send(SendTests.good, idempotencyKey: "k")
            let other = try await gateway.send(SendTests.good + " ", idempotencyKey: "k")
            #expect(other.status == 422)
            #expect(other.code == "idempotency_key_reused")
            let batch = try await gateway.batch([SendTests.good], headers: ["Idempotency-Key": "k"])
            #expect(batch.code == "idempotency_key_reused")
            // Also when it would be refused anyway.
            let malformed = try await gateway.send("{}", idempotencyKey: "k")
            #expect(malformed.code == "idempotency_key_reused")
            #expect(gateway.store.accepted.count == 1)
        }
    }

    @Test func keepsNothingOfWhatIsRefused() async throws {
        try await TestGateway.run { gateway in
            let bad = #"{"from":"a@apa.example","to":"x","subject":"s","text":"t"}"#
            let refused = try await gateway.send(bad, idempotencyKey: "k")
            #expect(refused.status == 422)
            let accepted = try await gateway.send(SendTests.good, idempotencyKey: "k")
            #expect(accepted.status == 202)
        }
    }

    /// The tenant asks because it did not hear the answer; since then, its schedule has passed.
    @Test func answersForWhatWouldBeRefusedNow() async throws {
        try await TestGateway.run { gateway in
            let body =
                #"{"from":"a@apa.example","to":"b@x.example","subject":"s","text":"t","scheduled_at":"\#(BadMessageTests.time(-3600))"}"#
            let key = IdempotencyKey("k", tenantID: 1, request: "POST /send", body: Array(body.utf8))
            let refused = try await gateway.send(body, idempotencyKey: "k")
            #expect(refused.status == 422)
            gateway.store.set { $0.answers[key] = #"{"id":"1","status":"scheduled"}"# }
            let answer = try await gateway.send(body, idempotencyKey: "k")
            #expect(answer.status == 202)
            #expect(answer.body == #"{"id":"1","status":"scheduled"}"#)
            #expect(answer.headers["idempotent-replayed"] == "true")
        }
    }

    @Test func answersForWhatAPausedTenantSentBefore() async throws {
        try await TestGateway.run { gateway in
            let key = IdempotencyKey("k", tenantID: 3, request: "POST /send", body: Array(SendTests.good.utf8))
            let refused = try await gateway.send(SendTests.good, idempotencyKey: "k", key: TestDirectory.pausedKey)
            #expect(refused.code == "tenant_paused")
            gateway.store.set { $0.answers[key] = "{}" }
            let answer = try await gateway.send(SendTests.good, idempotencyKey: "k", key: TestDirectory.pausedKey)
            #expect(answer.status == 202)
        }
    }

    @Test(arguments: [
        "", "\"\"", "\"", "\"a", "\"a\"b\"", "\"a\\b\"", "ä", "a\u{7F}", String(repeating: "x", count: 257),
    ])
    func refusesOtherKeys(_ text: String) async throws {
        try await TestGateway.run { gateway in
            let answer = try await gateway.send(SendTests.good, idempotencyKey: text)
            #expect(answer.status == 400)
            #expect(answer.code == "invalid_request")
            #expect(gateway.store.accepted.isEmpty)
        }
    }

    @Test(arguments: [
        "a", "a b", #""a\"b\\""#, "\"\(String(repeating: "x", count: 256))\"", String(repeating: "x", count: 256),
    ])
    func takesKeys(_ text: String) async throws {
        try await TestGateway.run { gateway in
            let answer = try await gateway.send(SendTests.good, idempotencyKey: text)
            #expect(answer.status == 202)
        }
    }

    @Test func refusesTwoKeys() async throws {
        try await TestGateway.run { gateway in
            let answer = try await gateway.send(SendTests.good, idempotencyKey: "a\r\nIdempotency-Key: b")
            #expect(answer.code == "invalid_request")
        }
    }
}

extension TestGateway {
    func send(
        _ body: String,
        idempotencyKey: String,
        key: String = TestDirectory.apaKey
    ) async throws -> TestAnswer {
        let headers = ["Content-Type": "application/json", "Idempotency-Key": idempotencyKey]
        return try await request("POST", "/send", key: key, headers: headers, body: body)
    }
}
