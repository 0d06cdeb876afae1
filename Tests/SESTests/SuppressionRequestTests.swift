import Foundation
import SES
import Testing

@Suite("Calls about SES's own suppression list")
struct SuppressionRequestTests {
    @Test("Are what the API expects, and repeating one is no failure")
    func requests() async throws {
        let server = try LoopbackServer(replies: [
            .status(200, "{}"), .status(200, "{}"),
            .status(404, "{}", headers: ["x-amzn-ErrorType": "NotFoundException"]),
            .status(429, #"{"message":"slow"}"#, headers: ["x-amzn-ErrorType": "TooManyRequestsException"]),
        ])
        defer { server.stop() }
        let ses = try TestSES.client(server.url)
        try await ses.putSuppressed("a+b@c.example", reason: .complaint)
        try await ses.deleteSuppressed("a+b/c@c.example")
        try await ses.deleteSuppressed("gone@c.example")
        let failure = await #expect(throws: SendFailure.self) { try await ses.deleteSuppressed("x@c.example") }
        #expect(failure?.kind == .throttled)
        let requests = server.requests
        #expect(
            requests.map { "\($0.method) \($0.target)" }.prefix(2) == [
                "PUT /v2/email/suppression/addresses",
                "DELETE /v2/email/suppression/addresses/a%2Bb%2Fc%40c.example",
            ]
        )
        let body = try JSONSerialization.jsonObject(with: Data(requests[0].body)) as? [String: String]
        #expect(body == ["EmailAddress": "a+b@c.example", "Reason": "COMPLAINT"])
    }
}
