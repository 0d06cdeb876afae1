import Foundation
import Mail
import Outbound
import SES
import Signing
import Testing

@testable import AWS

/// Calls to MiniStack with AUTH=true, which verifies signatures, dates and session tokens as AWS does.
@Suite(
    "SES calls to MiniStack",
    .enabled(if: RefereeProcess.folder != nil, RefereeProcess.skipped),
    .serialized,
    RefereeTrait(program: .ministack, environment: ["AUTH": "true"])
)
struct MiniStackTests {
    private let url = RefereeScope.url
    private let call = SendCall(
        from: "Sender <s@sender.example>",
        to: ["r@example.org"],
        content: .simple(
            SimpleContent(from: "s@sender.example", to: "r@example.org", subject: "Größe 😀", text: "Hallo\n")
        ),
        tags: [.outboxID("018f-1"), .attempt(1)]
    )

    private func aws(_ provider: CredentialProvider, endpoint: String? = nil, skew: Double = 0) throws -> AWSClient {
        try AWSClient(
            .ses,
            region: "us-east-1",
            endpoint: endpoint ?? url,
            credentials: provider,
            client: TestHTTP.client,
            time: TimeSource(wall: { Date() + skew }),
            logger: TestHTTP.quiet
        )
    }

    private func user(_ name: String) async throws -> SigV4Credentials {
        let keys = try await RefereeIAM(url).makeUser(name)
        let identity = #"{"EmailIdentity":"sender.example"}"#
        let call = AWSCall(method: .post, path: "/v2/email/identities", body: Array(identity.utf8))
        let reply = try await aws(CredentialProvider(fixed: .init(keys: keys, source: "test"))).send(call)
        // Another test may have made it.
        try #require(reply.status == 200 || reply.serviceError?.code == "AlreadyExistsException")
        return keys
    }

    @Test("Long-term keys: account, send, and the message as it was kept")
    func longTerm() async throws {
        let provider = CredentialProvider(fixed: .init(keys: try await user("long"), source: "test"))
        let ses = SESClient(aws: try aws(provider))
        let account = try await ses.account()
        #expect(account.maxSendRate == 14)
        #expect(account.max24HourSend == 50_000)
        #expect(account.sendingEnabled)
        guard case .sent(let id) = await ses.send(call).outcome else {
            Issue.record("not sent")
            return
        }
        let answer = try await TestHTTP.client.send(.init(method: .get, url: url + "/_ministack/ses/messages"))
        let kept = String(decoding: answer.body, as: UTF8.self)
        #expect(kept.contains(id))
        #expect(kept.contains(#""BodyText": "Hallo\n""#))
        #expect(kept.contains("Gr\\u00f6\\u00dfe"))
    }

    @Test("Bulk: each entry as we filled it, byte by byte")
    func bulk() async throws {
        let ses = SESClient(
            aws: try aws(CredentialProvider(fixed: .init(keys: try await user("bulk"), source: "test")))
        )
        let html = "<p class=\"a\">{{no tag}} &amp; \\ 'ä' 😀</p>\n"
        let entries = (1...3).map { number in
            BulkCall.Entry(
                to: "r\(number)@example.org",
                content: TemplateSource(subject: "Größe \(number)", text: "Zeile \"\(number)\"\n", html: html),
                tags: [.outboxID("018f-\(number)"), .attempt(1)]
            )
        }
        let call = BulkCall(
            from: "Sender <s@sender.example>",
            shared: TemplateSource(subject: "", text: "", html: ""),
            entries: entries
        )
        let ids = await ses.send(call).outcomes.map { outcome in
            if case .sent(let id) = outcome { id } else { "\(outcome)" }
        }
        #expect(Set(ids).count == 3)
        let answer = try await TestHTTP.client.send(.init(method: .get, url: url + "/_ministack/ses/messages"))
        struct Kept: Decodable {
            struct Message: Decodable {
                let MessageId: String
                let Subject: String?
                let BodyText: String?
                let BodyHtml: String?
            }

            /// By AWS account.
            let messages: [String: [Message]]
        }
        let kept = try JSONDecoder().decode(Kept.self, from: Data(answer.body)).messages.values.joined()
        for (number, id) in zip(1...3, ids) {
            let message = try #require(kept.first { $0.MessageId == id })
            #expect(message.Subject == "Größe \(number)")
            #expect(message.BodyText == "Zeile \"\(number)\"\n")
            #expect(message.BodyHtml == html)
        }
    }

    @Test("Session credentials of a role, assumed by the chain")
    func session() async throws {
        let keys = try await user("assumer")
        let arn = try await RefereeIAM(url).makeRole(
            "sender",
            trust: RefereeIAM.trust(
                principal: #"{"AWS":"arn:aws:iam::000000000000:user/assumer"}"#,
                action: "sts:AssumeRole"
            )
        )
        let environment = [
            "AWS_ACCESS_KEY_ID": keys.accessKeyID, "AWS_SECRET_ACCESS_KEY": keys.secretAccessKey,
            "AWS_ENDPOINT_URL_STS": url,
        ]
        let provider = CredentialProvider(
            .role(arn: arn),
            settings: CredentialSettings(environment: environment, homeFolder: nil),
            client: TestHTTP.client,
            logger: TestHTTP.quiet
        )
        let ses = SESClient(aws: try aws(provider))
        #expect(try await ses.account().productionAccess)
        #expect(await ses.send(call).outcome.name == "sent")
        let session = try await provider.credentials().keys
        let forged = SigV4Credentials(
            accessKeyID: session.accessKeyID,
            secretAccessKey: session.secretAccessKey,
            sessionToken: "x" + (session.sessionToken ?? "")
        )
        let stranger = SESClient(aws: try aws(CredentialProvider(fixed: .init(keys: forged, source: "test"))))
        #expect(await stranger.send(call).outcome.name == "notSent credentials")
    }

    @Test("Wrong secret, unknown key: the credentials' fault, and nothing is kept")
    func refused() async throws {
        let keys = try await user("refused")
        let wrong = [
            SigV4Credentials(accessKeyID: keys.accessKeyID, secretAccessKey: keys.secretAccessKey + "x"),
            SigV4Credentials(accessKeyID: "AKIANOBODYKNOWS00000", secretAccessKey: keys.secretAccessKey),
        ]
        for keys in wrong {
            let ses = SESClient(aws: try aws(CredentialProvider(fixed: .init(keys: keys, source: "test"))))
            #expect(await ses.send(call).outcome.name == "notSent credentials")
            let failure = await #expect(throws: SendFailure.self) { try await ses.account() }
            #expect(failure?.kind == .credentials)
        }
    }

    @Test("A request as we sign it is accepted; the same with another body is not")
    func tampered() async throws {
        let keys = try await user("tampered")
        let recorder = try LoopbackServer(replies: [.status(200, #"{"MessageId":"x"}"#)])
        // Signed for MiniStack's own host and port, recorded at another.
        let ses = SESClient(
            aws: try aws(CredentialProvider(fixed: .init(keys: keys, source: "test")), endpoint: recorder.url)
        )
        _ = await ses.send(call)
        let recorded = try #require(recorder.requests.first)
        var headers: HeaderFields = [:]
        for name in ["Host", "Content-Type", "X-Amz-Date", "Authorization"] {
            headers.append(name: name, value: try #require(recorded.header(name)))
        }
        var request = OutboundRequest(method: .post, url: url + recorded.target, headers: headers, body: recorded.body)
        #expect(try await TestHTTP.client.send(request).status == 200)
        request.body = Array(recorded.text.replacing("r@example.org", with: "x@example.org").utf8)
        let refused = try await TestHTTP.client.send(request)
        #expect(refused.status == 403)
        #expect(refused.headers["x-amzn-errortype"]?.contains("InvalidSignatureException") == true)
    }

    @Test("A clock that is an hour off is corrected by the first refusal", arguments: [-3600.0, 3600])
    func skew(seconds: Double) async throws {
        let keys = try await user("skewed\(seconds < 0 ? "behind" : "ahead")")
        let ses = SESClient(aws: try aws(CredentialProvider(fixed: .init(keys: keys, source: "test")), skew: seconds))
        #expect(await ses.send(call).outcome.name == "sent")
        #expect(try await ses.account().sendingEnabled)
    }

    @Test("Paths and queries that are encoded twice")
    func encoding() async throws {
        let keys = try await user("encoder")
        let aws = try aws(CredentialProvider(fixed: .init(keys: keys, source: "test")))
        let identity = "user+tag@example.com"
        let create = AWSCall(
            method: .post,
            path: "/v2/email/identities",
            body: Array(#"{"EmailIdentity":"\#(identity)"}"#.utf8)
        )
        #expect(try await aws.send(create).status == 200)
        let path = "/v2/email/identities/" + PercentCoding.encode(identity)
        #expect(try await aws.send(AWSCall(method: .get, path: path)).status == 200)
        var list = AWSCall(method: .get, path: "/v2/email/suppression/addresses")
        list.query = [
            .init(name: "Reason", value: "COMPLAINT"), .init(name: "Reason", value: "BOUNCE"),
            .init(name: "NextToken", value: "a/b= +"),
        ]
        #expect(try await aws.send(list).status != 403)
    }

    @Test("Identities are made with three tokens for DKIM, found again, and missed")
    func identities() async throws {
        let ses = SESClient(
            aws: try aws(CredentialProvider(fixed: .init(keys: try await user("identities"), source: "test")))
        )
        try await ses.createIdentity("made.example")
        let status = try #require(try await ses.identity("made.example"))
        #expect(status.isVerified && status.dkimTokens.count == 3 && status.dkimOrigin == "AWS_SES")
        #expect(try await ses.identity("none.example") == nil)
    }

    @Test("An identity that is not verified is the sender's business")
    func unverified() async throws {
        let keys = try await user("unverified")
        let ses = SESClient(aws: try aws(CredentialProvider(fixed: .init(keys: keys, source: "test"))))
        var foreign = call
        foreign.from = "s@stranger.example"
        let result = await ses.send(foreign)
        #expect(result.outcome.name == "notSent identityUnverified")
    }
}

extension SendOutcome {
    fileprivate var name: String {
        if case .sent = self { "sent" } else { kind }
    }
}
