import AWS
import Foundation
import Mail
import Outbound
import Signing
import Testing

@testable import SES

/// Every kind of end of a call, over a server that plays SES's part.
@Suite("Outcomes of a send")
struct ClassificationTests {
    struct Case: CustomTestStringConvertible, Sendable {
        var name: String
        var status = 400
        var code: String?
        var message: String?
        var body: String?
        var isUnknown = false
        let kind: SendFailure.Kind

        init(
            _ status: Int,
            _ code: String?,
            _ message: String? = nil,
            body: String? = nil,
            isUnknown: Bool = false,
            is kind: SendFailure.Kind
        ) {
            self.status = status
            self.code = code
            self.message = message
            self.body = body
            self.isUnknown = isUnknown
            self.kind = kind
            name = "\(status) \(code ?? "-") \(message ?? body ?? "")"
        }

        var testDescription: String { name }

        var reply: LoopbackReply {
            .status(
                status,
                body ?? message.map { #"{"message":"\#($0)"}"# } ?? "{}",
                headers: code.map { ["x-amzn-errortype": $0] } ?? [:]
            )
        }
    }

    static let refusals: [Case] = [
        // Rate.
        Case(429, "TooManyRequestsException", "Maximum sending rate exceeded.", is: .throttled),
        Case(400, "Throttling", "Maximum sending rate exceeded.", is: .throttled),
        Case(400, "ThrottlingException", "Rate exceeded", is: .throttled),
        Case(503, "ThrottlingException", "Rate exceeded", is: .throttled),
        Case(400, "LimitExceededException", "too many", is: .throttled),
        Case(503, "SlowDown", is: .throttled),
        Case(429, nil, body: "<html>", is: .throttled),
        // Quota.
        Case(400, "Throttling", "Daily message quota exceeded.", is: .dailyQuota),
        Case(429, "TooManyRequestsException", "Daily message quota exceeded", is: .dailyQuota),
        Case(400, "LimitExceededException", "Daily message quota exceeded.", is: .dailyQuota),
        Case(400, "MessageRejected", "Daily message quota exceeded.", is: .dailyQuota),
        // Pauses.
        Case(400, "SendingPausedException", "paused", is: .accountPaused),
        Case(400, "AccountSuspendedException", "restricted", is: .accountPaused),
        Case(
            400,
            "MessageRejected",
            "Sending paused for this account. For more information, please check the inbox of the email address "
                + "associated with your AWS account.",
            is: .accountPaused
        ),
        Case(400, "ConfigurationSetSendingPausedException", "paused", is: .accountPaused),
        // The operator's.
        Case(404, "NotFoundException", "Configuration set <x> does not exist.", is: .configuration),
        Case(400, "MailFromDomainNotVerifiedException", "The MAIL FROM domain is not verified", is: .configuration),
        Case(404, nil, body: "<html>", is: .configuration),
        Case(301, nil, is: .configuration),
        Case(405, nil, is: .configuration),
        // The credentials'.
        Case(403, "InvalidSignatureException", "The request signature we calculated does not match", is: .credentials),
        Case(
            403,
            "UnrecognizedClientException",
            "The security token included in the request is invalid.",
            is: .credentials
        ),
        Case(403, "MissingAuthenticationTokenException", is: .credentials),
        Case(403, "ExpiredTokenException", is: .credentials),
        Case(403, "AccessDeniedException", "User is not authorized", is: .credentials),
        Case(400, "AccessDeniedException", is: .credentials),
        Case(400, "IncompleteSignature", is: .credentials),
        Case(403, nil, body: "<ErrorResponse/>", is: .credentials),
        Case(401, nil, is: .credentials),
        // The sender's and the message's.
        Case(
            400,
            "MessageRejected",
            "Email address is not verified. The following identities failed the check in region US-EAST-1: a@x, b@y",
            is: .identityUnverified
        ),
        Case(400, "MessageRejected", "Email address not verified x@nope.com", is: .identityUnverified),
        Case(400, "MessageRejected", "Transaction failed: virus", is: .rejected),
        Case(400, "BadRequestException", "Local address contains control or whitespace", is: .rejected),
        Case(400, "InvalidParameterValue", is: .rejected),
        Case(413, nil, body: "too large", is: .rejected),
        Case(400, nil, body: "<html>", is: .rejected),
        Case(400, nil, body: #"{"__type":"com.amazonaws.ses#BadRequestException","Message":"no"}"#, is: .rejected),
        // Not this time.
        Case(408, nil, is: .temporary),
        Case(400, "RequestTimeout", is: .temporary),
        Case(409, "ConflictException", is: .temporary),
        // Who knows.
        Case(500, "InternalFailure", isUnknown: true, is: .ambiguous),
        Case(500, "ConcurrentModificationException", isUnknown: true, is: .ambiguous),
        Case(503, "ServiceUnavailable", isUnknown: true, is: .ambiguous),
        Case(500, nil, body: #"{"message":"Daily message quota exceeded"}"#, isUnknown: true, is: .ambiguous),
        Case(502, nil, body: "<html>Bad gateway", isUnknown: true, is: .ambiguous),
        Case(504, nil, isUnknown: true, is: .ambiguous),
        Case(200, nil, body: "{}", isUnknown: true, is: .ambiguous),
        Case(200, nil, body: #"{"MessageId":""}"#, isUnknown: true, is: .ambiguous),
        Case(200, nil, body: #"{"MessageId":7}"#, isUnknown: true, is: .ambiguous),
        Case(200, nil, body: "<html>Welcome", isUnknown: true, is: .ambiguous),
        Case(202, nil, body: "", isUnknown: true, is: .ambiguous),
    ]

    private let call = SendCall(from: "s@example.com", to: ["r@example.org"], content: .raw(Array("From: s".utf8)))

    @Test("What SES says", arguments: refusals)
    func refusal(_ example: Case) async throws {
        let server = try LoopbackServer(replies: [example.reply])
        let result = await (try TestSES.client(server.url)).send(call)
        let failure = SendFailure(
            example.kind,
            code: result.outcome.failure?.code,
            message: result.outcome.failure?.message ?? ""
        )
        #expect(result.outcome == (example.isUnknown ? .unknown(failure) : .notSent(failure)))
        #expect(result.isAnswered)
        #expect(result.bodySentAt != nil)
        #expect(result.bodySentAt.map { $0 <= result.endedAt } == true)
        #expect(server.requests.count == 1, "never repeated")
        #expect(
            failure.code == (example.code ?? (example.body?.contains("__type") == true ? "BadRequestException" : nil))
        )
        #expect(failure.message.contains("\(example.status)"))
    }

    @Test("Taken: the message id, and instants in order")
    func sent() async throws {
        let server = try LoopbackServer(replies: [.status(200, #"{"MessageId":"0100-a"}"#)])
        let before = ContinuousClock.now
        let result = await (try TestSES.client(server.url)).send(call)
        #expect(result.outcome == .sent(messageID: "0100-a"))
        #expect(result.isAnswered)
        let sentAt = try #require(result.bodySentAt)
        #expect(before <= sentAt && sentAt <= result.endedAt && result.endedAt <= .now)
    }

    @Test("Hung up after the whole request: unknown, and not repeated")
    func hangUpAfterBody() async throws {
        let server = try LoopbackServer(replies: [.hangUp(afterBody: true)])
        let result = await (try TestSES.client(server.url)).send(call)
        #expect(result.outcome.kind == "unknown ambiguous")
        #expect(!result.isAnswered)
        #expect(server.requests.count == 1)
    }

    @Test("No answer in time: unknown")
    func silence() async throws {
        let server = try LoopbackServer(replies: [.silence])
        let timeouts = Timeouts(connect: .seconds(5), response: .milliseconds(200), total: .seconds(10))
        let result = await (try TestSES.client(server.url, timeouts: timeouts)).send(call)
        #expect(result.outcome.kind == "unknown ambiguous")
    }

    @Test("Hung up before the end of a long request: never whole there, so not sent")
    func hangUpBeforeBody() async throws {
        let server = try LoopbackServer(replies: [.hangUp(afterBody: false)])
        let long = SendCall(from: "s@x", to: ["r@x"], content: .raw([UInt8](repeating: 65, count: 24 << 20)))
        let result = await (try TestSES.client(server.url)).send(long)
        #expect(result.outcome.kind == "notSent temporary")
        #expect(!result.isAnswered)
        #expect(server.requests.isEmpty)
    }

    @Test("An answer before the end of a long request: what refuses, refuses; a fault is no riddle")
    func early() async throws {
        let long = SendCall(from: "s@x", to: ["r@x"], content: .raw([UInt8](repeating: 65, count: 24 << 20)))
        let full = try LoopbackServer(replies: [.early(LoopbackAnswer(status: 413, body: "too large"))])
        #expect(await (try TestSES.client(full.url)).send(long).outcome.kind == "notSent rejected")
        let faulty = try LoopbackServer(replies: [.early(LoopbackAnswer(status: 503, body: "busy"))])
        let result = await (try TestSES.client(faulty.url)).send(long)
        #expect(result.outcome.kind == "notSent temporary")
        #expect(result.bodySentAt == nil)
    }

    @Test("No connection: not sent, and the account is to wait")
    func unreachable() async throws {
        let closed = try TestSES.client("http://127.0.0.1:\(try LoopbackServer.freePort())")
        #expect(await closed.send(call).outcome.kind == "notSent unreachable")
        let nowhere = try TestSES.client("http://no-such-host.invalid")
        #expect(await nowhere.send(call).outcome.kind == "notSent unreachable")
        let server = try LoopbackServer(replies: [.status(200)])
        let plain = try TestSES.client("https://127.0.0.1:\(server.port)")
        #expect(await plain.send(call).outcome.kind == "notSent unreachable", "no TLS there")
    }

    @Test("A deadline that has passed: not sent, nothing arrives")
    func deadline() async throws {
        let server = try LoopbackServer(replies: [.status(200, #"{"MessageId":"x"}"#)])
        var late = call
        late.deadline = SendDeadline(.now - .seconds(1))
        let result = await (try TestSES.client(server.url)).send(late)
        #expect(result.outcome.kind == "notSent stopped")
        #expect(server.requests.isEmpty)
    }

    @Test("Without credentials: not sent, and the message says what to do")
    func credentials() async throws {
        let server = try LoopbackServer(replies: [.status(200)])
        let provider = CredentialProvider(
            .chain,
            settings: CredentialSettings(environment: ["AWS_EC2_METADATA_DISABLED": "true"], homeFolder: nil),
            client: TestHTTP.client,
            logger: TestHTTP.quiet
        )
        let result = await (try TestSES.client(server.url, credentials: provider)).send(call)
        #expect(result.outcome.kind == "notSent credentials")
        #expect(result.outcome.failure?.message.contains("no credentials found") == true)
        #expect(server.requests.isEmpty)
    }

    @Test("SES's words without addresses, on one line, of bounded length")
    func cleaned() {
        #expect(
            FailureText.clean("The following\r\n identities: a.b@x.example, <c@y.example>;d@z")
                == "The following identities: *@x.example, <*@y.example>;*@z"
        )
        #expect(FailureText.clean("\"a\"@x @y a@b@c plain") == "\"a\"@x @y *@*@c plain")
        #expect(FailureText.clean(String(repeating: "x", count: 2000)).count == 500)
        #expect(FailureText.clean("") == "")
    }

    @Test("GetAccount: figures, refusals, nonsense")
    func account() async throws {
        let server = try LoopbackServer { request in
            guard request.method == "GET", request.target == "/v2/email/account" else { return .status(404) }
            return .status(
                200,
                #"{"SendQuota":{"Max24HourSend":-1,"MaxSendRate":14.5,"SentLast24Hours":3.0},"SendingEnabled":false,"#
                    + #""EnforcementStatus":"PROBATION","ProductionAccessEnabled":true,"Details":{"MailType":"X"}}"#
            )
        }
        let status = try await (try TestSES.client(server.url)).account()
        #expect(
            status
                == AccountStatus(
                    max24HourSend: -1,
                    maxSendRate: 14.5,
                    sentLast24Hours: 3,
                    sendingEnabled: false,
                    enforcementStatus: "PROBATION",
                    productionAccess: true
                )
        )
        let failures: [(LoopbackReply, SendFailure.Kind)] = [
            (.status(429, "{}", headers: ["x-amzn-errortype": "TooManyRequestsException"]), .throttled),
            (.status(403, "{}"), .credentials), (.status(500, "{}"), .temporary), (.status(200, "{}"), .temporary),
            (.hangUp(afterBody: true), .temporary),
        ]
        for (reply, kind) in failures {
            let server = try LoopbackServer(replies: [reply])
            let client = try TestSES.client(server.url)
            let failure = await #expect(throws: SendFailure.self) { try await client.account() }
            #expect(failure?.kind == kind)
        }
    }
}

extension SendOutcome {
    var failure: SendFailure? {
        switch self {
        case .sent: nil
        case .notSent(let failure), .unknown(let failure): failure
        }
    }

    /// Such as `notSent throttled`.
    var kind: String {
        switch self {
        case .sent: "sent"
        case .notSent(let failure): "notSent \(failure.kind)"
        case .unknown(let failure): "unknown \(failure.kind)"
        }
    }
}
