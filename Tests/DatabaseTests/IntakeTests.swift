import Directory
import Foundation
import Logging
import Outbound
import Postgres
import Signing
import Synchronization
import Testing

@testable import Feedback

/// The way in over SNS as a node has it, with its records in the database.
@Suite("The intake of feedback")
struct IntakeTests {
    private static let topic = "arn:aws:sns:eu-central-1:123456789012:feedback"
    private static let key = SigningKey(
        generating: "Trusted",
        organisation: "Tests",
        notBefore: Int64(Date().timeIntervalSince1970) - 3600,
        notAfter: Int64(Date().timeIntervalSince1970) + 3600
    )

    private final class Taker: NotificationTaking {
        let taken = Mutex<[Feedback.Notification]>([])

        func take(_ notification: Feedback.Notification) async -> NotificationResult {
            taken.withLock { $0.append(notification) }
            return notification.message.first == UInt8(ascii: "{")
                ? .done : .kept(reason: "not_json", detail: "it is not JSON")
        }
    }

    private func envelope(_ message: String, id: String, subject: String = "S") throws -> [UInt8] {
        let time = Date().formatted(Date.ISO8601FormatStyle(includingFractionalSeconds: true))
        let text =
            "Message\n\(message)\nMessageId\n\(id)\nSubject\n\(subject)\nTimestamp\n\(time)\nTopicArn\n\(Self.topic)\n"
            + "Type\nNotification\n"
        let signature = Data(Self.key.signature(of: Array(text.utf8), digest: .sha1)).base64EncodedString()
        return try Array(
            JSONEncoder().encode([
                "Type": "Notification", "MessageId": id, "TopicArn": Self.topic, "Subject": subject, "Message": message,
                "Timestamp": time, "SignatureVersion": "1", "Signature": signature,
                "SigningCertURL": "https://sim/x.pem",
            ])
        )
    }

    @Test("Events are handed on and counted; what is unfit, forged or for nobody is kept for the operator")
    func records() async throws {
        try await withDatabase { pool in
            let world = try await World(pool)
            _ = try await pool.query("UPDATE account SET sns_topics = \([Self.topic])")
            let directory = try await DirectoryLoader.load(pool)
            var logger = Logger(label: "test")
            logger.logLevel = .critical
            let health = SourceHealth(pool: pool, logger: logger)
            let taker = Taker()
            let http = try HTTPClient(logger: logger)
            let intake = SNSIntake(
                directory: { directory },
                taker: taker,
                trusted: try #require(X509Certificate.parse(pem: Array(Self.key.certificatePEM.utf8))),
                pool: pool,
                health: health,
                http: http,
                logger: logger
            )
            for number in 0..<3 {
                let body = try envelope("{\"n\":\(number)}", id: "m\(number)")
                #expect(await intake.handle(account: "main", headers: [], body: body) == .accepted)
            }
            let notice = try envelope("a notice", id: "m4")
            #expect(await intake.handle(account: "main", headers: [], body: notice) == .accepted)
            let valid = try String(decoding: envelope("{}", id: "m5"), as: UTF8.self)
            let forged = Array(valid.replacing("m5", with: "m6").utf8)
            for _ in 0..<3 {
                guard case .refused(let status, _, _) = await intake.handle(account: "main", headers: [], body: forged)
                else {
                    Issue.record("a forgery was not refused")
                    break
                }
                #expect(status == 403)
            }
            await health.flush()
            let id = try world.account.id
            let kept = try await pool.query("SELECT account_id, source, reason FROM feedback_kept ORDER BY id")
                .decode(Int32.self, String.self, String.self)
            #expect(Set(kept.map(\.2)) == ["not_json", "bad_signature"])
            #expect(kept.allSatisfy { $0.0 == id && $0.1 == Self.topic })
            let sources = try await pool.query("SELECT source, events FROM feedback_source")
                .decode(String.self, Int.self)
            #expect(sources.map(\.0) == [Self.topic] && sources.map(\.1) == [3])
            #expect(taker.taken.withLock { $0.map(\.id) } == ["m0", "m1", "m2", "m4"])
            await http.shutdown()
        }
    }
}
