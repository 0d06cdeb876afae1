import Foundation
import SES
import Testing

@Suite("Calls about identities")
struct IdentityRequestTests {
    private static let answer = """
        {"IdentityType":"DOMAIN","VerifiedForSendingStatus":true,"VerificationStatus":"SUCCESS","DkimAttributes":\
        {"SigningEnabled":true,"Status":"SUCCESS","Tokens":["a","b","c"],"SigningAttributesOrigin":"AWS_SES",\
        "SigningHostedZone":"dkim.eu-south-1.amazonses.com"},"MailFromAttributes":{"MailFromDomain":"bounce.x.example",\
        "MailFromDomainStatus":"PENDING","BehaviorOnMxFailure":"USE_DEFAULT_VALUE"},"ConfigurationSetName":"set"}
        """

    @Test("Are what the API expects, and their answers are read")
    func requests() async throws {
        let server = try LoopbackServer(replies: [
            .status(200, Self.answer), .status(404, "{}", headers: ["x-amzn-ErrorType": "NotFoundException"]),
            .status(200, "{}"), .status(400, "{}", headers: ["x-amzn-ErrorType": "AlreadyExistsException"]),
            .status(200, "{}"),
            .status(200, #"{"VerifiedForSendingStatus":false,"MailFromAttributes":{"MailFromDomain":""}}"#),
            .status(200, "[]"),
            .status(429, #"{"message":"slow"}"#, headers: ["x-amzn-ErrorType": "TooManyRequestsException"]),
        ])
        defer { server.stop() }
        let ses = try TestSES.client(server.url)
        let status = try #require(try await ses.identity("x.example"))
        #expect(status.isVerified && status.dkimTokens == ["a", "b", "c"] && status.dkimState == "SUCCESS")
        #expect(status.dkimZone == "dkim.eu-south-1.amazonses.com" && status.configurationSet == "set")
        #expect(status.mailFrom == "bounce.x.example" && status.mailFromState == "PENDING")
        #expect(try await ses.identity("a+b@x.example") == nil)
        try await ses.createIdentity("x.example")
        try await ses.createIdentity("x.example")
        try await ses.setMailFrom("bounce.x.example", of: "x.example")
        let bare = try #require(try await ses.identity("y.example"))
        #expect(!bare.isVerified && bare.mailFrom == nil && bare.dkimTokens.isEmpty)
        for kind in [SendFailure.Kind.temporary, .throttled] {
            let failure = await #expect(throws: SendFailure.self) { try await ses.identity("z.example") }
            #expect(failure?.kind == kind)
        }
        let requests = server.requests
        #expect(
            requests.map { "\($0.method) \($0.target)" }.prefix(5) == [
                "GET /v2/email/identities/x.example", "GET /v2/email/identities/a%2Bb%40x.example",
                "POST /v2/email/identities", "POST /v2/email/identities",
                "PUT /v2/email/identities/x.example/mail-from",
            ]
        )
        let bodies = try requests[2...4].map {
            try JSONSerialization.jsonObject(with: Data($0.body)) as? [String: String]
        }
        #expect(bodies[0] == ["EmailIdentity": "x.example"])
        #expect(bodies[2] == ["MailFromDomain": "bounce.x.example", "BehaviorOnMxFailure": "USE_DEFAULT_VALUE"])
    }
}
