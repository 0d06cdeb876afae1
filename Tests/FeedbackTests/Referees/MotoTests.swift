import Foundation
import Outbound
import Signing
import Testing

@testable import Feedback

/// moto signs its notifications as SNS does (version 2, without a subject), and has SQS.
@Suite(
    "Feedback from moto",
    .enabled(if: RefereeProcess.folder != nil, RefereeProcess.skipped),
    .serialized,
    RefereeTrait(program: .moto)
)
struct MotoTests {
    private let url = RefereeScope.url

    /// The certificate that moto serves under a path of SNS's, which it tells from others by the signed region.
    private func certificate(_ certificateURL: String) async throws(SigningCertificates.Failure) -> [UInt8] {
        let path = certificateURL.split(separator: "/").last.map(String.init) ?? ""
        let request = OutboundRequest(
            method: .get,
            url: url + "/" + path,
            headers: [
                "Authorization":
                    "AWS4-HMAC-SHA256 Credential=x/20260101/us-east-1/sns/aws4_request, SignedHeaders=host, Signature=x"
            ]
        )
        guard let answer = try? await TestHTTP.client.send(request), answer.status == 200 else {
            throw .refused("moto has no such certificate")
        }
        return answer.body
    }

    @Test("Its notifications verify under the certificate that they name, and altered ones do not")
    func genuine() async throws {
        let referee = try RefereeQueue(url)
        let server = try LoopbackServer(replies: [.status(200)])
        defer { server.stop() }
        let topic = try await referee.topic("events")
        try await referee.subscribe(topic, "http", server.url + "/feedback/sns/main")
        let messages = [#"{"eventType":"Send"}"# + "\n", "Größe 😀\t\"\\ \u{7F}", "plain"]
        for message in messages { try await referee.publish(topic, message) }
        for _ in 0..<1000 where server.requests.count < 3 { try await Task.sleep(for: .milliseconds(10)) }
        let certificates = SigningCertificates(policy: CertificatePolicy(roots: .system())) {
            (name) async throws(SigningCertificates.Failure) in try await certificate(name)
        }
        let verifier = SNSVerifier(trusted: [], certificates: certificates)
        #expect(server.requests.count == 3)
        for request in server.requests {
            let envelope = try SNSEnvelope(request.body)
            #expect(envelope.signatureVersion == "2" && messages.contains(envelope.message))
            #expect(await verifier.verdict(on: envelope, now: Date()) == .authentic)
            #expect(EnvelopeAge(of: envelope, now: Date()) == .current)
            var altered = request.text
            for (old, new) in [
                (envelope.messageID, "x"), (envelope.timestamp, "2026-01-01T00:00:00.000Z"), (":events", ":event"),
            ] {
                altered = request.text.replacing(old, with: new)
                #expect(altered != request.text)
                let verdict = await verifier.verdict(on: try SNSEnvelope(Array(altered.utf8)), now: Date())
                #expect(verdict != .authentic)
            }
            let certificateURL = try #require(envelope.signingCertURL)
            let pem = try await certificate(certificateURL)
            let trusted = try #require(X509Certificate.parse(pem: pem))
            let bench = IntakeBench(account: TestAccount.make(topics: [topic]), trusted: trusted)
            #expect(await bench.post(request.body) == .accepted)
            #expect(bench.taker.taken.map { String(decoding: $0.message, as: UTF8.self) } == [envelope.message])
            #expect(await bench.post(Array(request.text.replacing(envelope.messageID, with: "x").utf8)) != .accepted)
        }
    }

    @Test("Receive, delete, poison") func queue() async throws { try await QueueChecks.receiveAndDelete(url) }
    @Test("Busy comes back") func busy() async throws { try await QueueChecks.busyComesBack(url) }
    @Test("A topic by a queue") func topicByQueue() async throws { try await QueueChecks.topicByQueue(url) }
    @Test("No queue") func missing() async throws { try await QueueChecks.missing(url) }
    @Test("The poller follows the directory") func poller() async throws { try await QueueChecks.poller(url) }
}
