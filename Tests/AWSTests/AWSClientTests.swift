import Foundation
import Outbound
import Signing
import Synchronization
import Testing

@testable import AWS

/// Signed calls over a scripted server.
@Suite("Signed calls")
struct AWSClientTests {
    /// 2026-01-02T03:04:05Z
    private static let now = Date(timeIntervalSince1970: 1_767_323_045)

    private func client(
        _ server: LoopbackServer,
        path: String = "",
        provider: CredentialProvider = CredentialProvider(fixed: .sample("AKID", token: "TOKEN"))
    ) throws -> AWSClient {
        try AWSClient(
            .ses,
            region: "eu-central-1",
            endpoint: server.url + path,
            credentials: provider,
            client: TestHTTP.client,
            time: TimeSource(wall: { Self.now }),
            logger: TestHTTP.quiet
        )
    }

    /// A provider that holds KEY1, and has KEY2 when that is refused.
    private func renewing() async throws -> CredentialProvider {
        let clock = TestClock()
        let fetches = Mutex(0)
        let provider = CredentialProvider(time: clock.source, logger: TestHTTP.quiet) { () async throws(AWSError) in
            .sample(
                fetches.withLock { fetches in
                    fetches += 1
                    return "KEY\(fetches)"
                }
            )
        }
        _ = try await provider.credentials()
        clock.advance(by: .seconds(60))
        return provider
    }

    private var post: AWSCall {
        AWSCall(method: .post, path: "/v2/email/outbound-emails", body: Array("{}".utf8))
    }

    /// What `request`, as it came in, should be signed with.
    private func signature(of request: LoopbackRequest, date: Date = Self.now) throws -> String {
        let names = ["host", "content-type", "x-extra"]
        let target = request.target.split(separator: "?", maxSplits: 1)
        return SigV4Signer(region: "eu-central-1", service: "ses").sign(
            SigV4Request(
                method: request.method,
                path: String(target[0]),
                query: target.count > 1 ? String(target[1]) : "",
                headers: names.compactMap { name in request.header(name).map { .init(name: name, value: $0) } },
                body: request.body
            ),
            with: AWSCredentials.sample("AKID", token: "TOKEN").keys,
            at: SigV4Date(unixSeconds: Int64(date.timeIntervalSince1970))
        ).signature
    }

    @Test("What arrives is what was signed")
    func onTheWire() async throws {
        let server = try LoopbackServer(replies: [.status(200, "{}", headers: ["x-amzn-RequestId": "r-1"])])
        let aws = try client(server, path: "/base/")
        var call = post
        call.headers.append(name: "X-Extra", value: "a  b")
        let sent = try await aws.send(call)
        #expect(sent.status == 200 && sent.serviceError == nil && sent.requestID == "r-1")
        var list = AWSCall(
            method: .get,
            path: "/v2/email/suppression/addresses/" + PercentCoding.encode("a+b@x.example")
        )
        list.query = [.init(name: "Reason", value: "BOUNCE"), .init(name: "Token", value: "a/b= ä")]
        _ = try await aws.send(list)
        let requests = server.requests
        #expect(
            requests.map(\.target) == [
                "/base/v2/email/outbound-emails",
                "/base/v2/email/suppression/addresses/a%2Bb%40x.example?Reason=BOUNCE&Token=a%2Fb%3D%20%C3%A4",
            ]
        )
        for request in requests {
            let authorization = try #require(request.header("authorization"))
            #expect(authorization.hasSuffix(", Signature=" + (try signature(of: request))))
            #expect(request.header("x-amz-date") == "20260102T030405Z")
            #expect(request.header("x-amz-security-token") == "TOKEN")
            #expect(request.header("host") == "127.0.0.1:\(server.port)")
        }
        #expect(requests[0].header("content-type") == "application/json")
        #expect(requests[1].header("content-type") == nil)
        #expect(
            requests[0].header("authorization")?
                .contains("SignedHeaders=content-type;host;x-amz-date;x-amz-security-token;x-extra,") == true
        )
    }

    @Test(
        "A signature out of date: once more, with AWS's clock, which later calls keep",
        arguments: [
            (
                403, "InvalidSignatureException",
                "Signature expired: 20260102T030405Z is now earlier than 20260102T060405Z"
            ),
            (403, "InvalidSignatureException", "Signature not yet current: 2026 is still later than 2025"),
            (400, "RequestExpired", ""),
        ]
    )
    func skew(status: Int, code: String, message: String) async throws {
        let server = try LoopbackServer(replies: [
            .status(
                status,
                #"{"message":"\#(message)"}"#,
                headers: ["x-amzn-errortype": code, "Date": "Fri, 02 Jan 2026 06:04:05 GMT"]
            ), .status(200, "{}"),
        ])
        let aws = try client(server)
        #expect(try await aws.send(post).status == 200)
        #expect(try await aws.send(post).status == 200)
        let dates = server.requests.map { $0.header("x-amz-date") }
        #expect(dates == ["20260102T030405Z", "20260102T060405Z", "20260102T060405Z"])
        let corrected = try #require(server.requests.last)
        let signature = try signature(of: corrected, date: Self.now + 3 * 3600)
        #expect(corrected.header("authorization")?.hasSuffix(signature) == true)
    }

    @Test("A signature out of date by a clock that agrees with ours, or by no clock, is final")
    func skewWithoutRemedy() async throws {
        let headers = ["x-amzn-errortype": "InvalidSignatureException"]
        let body = #"{"message":"Signature expired: 1"}"#
        for date in ["Fri, 02 Jan 2026 03:04:06 GMT", "nonsense"] {
            let server = try LoopbackServer(replies: [
                .status(403, body, headers: headers.merging(["Date": date]) { $1 })
            ])
            let reply = try await client(server).send(post)
            #expect(reply.serviceError?.code == "InvalidSignatureException")
            #expect(server.requests.count == 1)
        }
        let server = try LoopbackServer(replies: [
            .status(403, body, headers: headers.merging(["Date": "Fri, 02 Jan 2026 06:04:05 GMT"]) { $1 })
        ])
        _ = try await client(server).send(post)
        #expect(server.requests.count == 2, "once, however often it is said")
    }

    @Test(
        "Expired or unknown credentials: once more with new ones",
        arguments: ["ExpiredTokenException", "UnrecognizedClientException"]
    )
    func renewed(code: String) async throws {
        let provider = try await renewing()
        let server = try LoopbackServer { request in
            request.header("authorization")?.contains("KEY2") == true
                ? .status(200, "{}") : .status(403, "{}", headers: ["x-amzn-errortype": code])
        }
        let aws = try client(server, provider: provider)
        #expect(try await aws.send(post).status == 200)
        #expect(server.requests.count == 2)
    }

    @Test("Credentials that stay the same: the refusal stands, the call is not repeated")
    func sameCredentials() async throws {
        let server = try LoopbackServer(replies: [.status(403, "{}", headers: ["x-amzn-errortype": "ExpiredToken"])])
        let reply = try await client(server).send(post)
        #expect(reply.serviceError == ServiceError(status: 403, code: "ExpiredToken", message: nil))
        #expect(server.requests.count == 1)
    }

    @Test(
        "Nothing else repeats a call",
        arguments: [
            LoopbackReply.status(500), .status(503, "{}", headers: ["x-amzn-errortype": "Throttling"]), .status(429),
            .status(400, #"{"__type":"BadRequestException"}"#), .status(502, "<html>"),
            // The words that would repeat it, under statuses that do not say that nothing was done.
            .status(
                500,
                #"{"message":"Signature expired"}"#,
                headers: ["x-amzn-errortype": "RequestExpired", "Date": "Fri, 02 Jan 2026 06:04:05 GMT"]
            ),
            .status(500, "{}", headers: ["x-amzn-errortype": "ExpiredToken"]),
        ]
    )
    func notRepeated(reply: LoopbackReply) async throws {
        let server = try LoopbackServer(replies: [reply])
        let answer = try await client(server, provider: try await renewing()).send(post)
        #expect(answer.serviceError != nil)
        #expect(server.requests.count == 1)
    }

    @Test("A connection that ends without an answer is an error and is not repeated")
    func hangUp() async throws {
        let server = try LoopbackServer(replies: [.hangUp(afterBody: true)])
        let aws = try client(server)
        let error = await #expect(throws: AWSError.self) { try await aws.send(post) }
        #expect(error?.code == .transport)
        #expect(error?.transport?.wholeRequestLeft == true)
        #expect(server.requests.count == 1)
    }

    @Test("Without credentials nothing is sent")
    func noCredentials() async throws {
        let server = try LoopbackServer(replies: [.status(200)])
        let provider = CredentialProvider(logger: TestHTTP.quiet) { () async throws(AWSError) in
            throw AWSError(.noCredentials, "nowhere")
        }
        let aws = try client(server, provider: provider)
        let error = await #expect(throws: AWSError.self) { try await aws.send(post) }
        #expect(error?.code == .noCredentials)
        #expect(server.requests.isEmpty)
    }

    @Test("Settings that cannot be used")
    func badSettings() {
        for (region, endpoint) in [("", nil), ("EU", nil), ("a/b", nil), ("eu-west-1", "ftp://x")]
            as [(String, String?)]
        {
            let error = #expect(throws: AWSError.self) {
                try AWSClient(.ses, region: region, endpoint: endpoint, credentials: nil, client: TestHTTP.client)
            }
            #expect(error?.code == .configuration)
        }
    }
}
