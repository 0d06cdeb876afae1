import AWS
import Foundation
import Outbound
import Signing
import Testing

@testable import Feedback

/// Topics and queues of an emulator, by calls that are not ours.
struct RefereeQueue {
    let url: String
    private let sns: AWSClient
    private let sqs: AWSClient

    init(_ url: String) throws {
        self.url = url
        let keys = SigV4Credentials(accessKeyID: "test", secretAccessKey: "test")
        func client(_ service: AWSService) throws -> AWSClient {
            try AWSClient(
                service,
                region: "us-east-1",
                endpoint: url,
                credentials: CredentialProvider(fixed: AWSCredentials(keys: keys, source: "test")),
                client: TestHTTP.client,
                logger: TestHTTP.quiet
            )
        }
        sns = try client(.sns)
        sqs = try client(.sqs)
    }

    /// What the answer to an SNS call holds in an element of that name.
    @discardableResult
    func sns(_ action: String, _ parameters: [String: String], answer element: String = "") async throws -> String {
        let form = parameters.merging(["Action": action, "Version": "2010-03-31"]) { $1 }
            .map { "\(PercentCoding.encode($0.key))=\(PercentCoding.encode($0.value))" }
            .joined(separator: "&")
        let call = AWSCall(
            method: .post,
            path: "/",
            contentType: "application/x-www-form-urlencoded; charset=utf-8",
            body: Array(form.utf8)
        )
        let reply = try await sns.send(call)
        let text = String(decoding: reply.body, as: UTF8.self)
        guard reply.status == 200 else { throw RefereeFailure(description: "\(action): \(reply.status) \(text)") }
        guard !element.isEmpty else { return text }
        let parts = text.split(separator: "<\(element)>", maxSplits: 1)
        return String(try #require(parts.last?.split(separator: "</\(element)>").first))
    }

    func topic(_ name: String) async throws -> String {
        try await sns("CreateTopic", ["Name": name], answer: "TopicArn")
    }

    func subscribe(_ topic: String, _ protocolName: String, _ endpoint: String) async throws {
        try await sns("Subscribe", ["TopicArn": topic, "Protocol": protocolName, "Endpoint": endpoint])
    }

    func publish(_ topic: String, _ message: String) async throws {
        try await sns("Publish", ["TopicArn": topic, "Message": message])
    }

    @discardableResult
    func sqs(_ action: String, _ request: [String: Any]) async throws -> [String: Any] {
        let body = try JSONSerialization.data(withJSONObject: request)
        let call = AWSCall(
            method: .post,
            path: "/",
            contentType: "application/x-amz-json-1.0",
            headers: ["X-Amz-Target": "AmazonSQS.\(action)"],
            body: Array(body)
        )
        let reply = try await sqs.send(call)
        let text = String(decoding: reply.body, as: UTF8.self)
        guard reply.status == 200 else { throw RefereeFailure(description: "\(action): \(reply.status) \(text)") }
        let answer = reply.body.isEmpty ? nil : try JSONSerialization.jsonObject(with: Data(reply.body))
        return answer as? [String: Any] ?? [:]
    }

    func queue(_ name: String) async throws -> QueueURL {
        let answer = try await sqs("CreateQueue", ["QueueName": name])
        let text = try #require(answer["QueueUrl"] as? String)
        return try #require(QueueURL(text))
    }

    func send(_ queue: QueueURL, _ body: String) async throws {
        try await sqs("SendMessage", ["QueueUrl": queue.text, "MessageBody": body])
    }

    /// Messages that are in the queue, hidden ones included.
    func count(_ queue: QueueURL) async throws -> Int {
        let attributes = try await client(queue).attributes()
        let names = ["ApproximateNumberOfMessages", "ApproximateNumberOfMessagesNotVisible"]
        return names.compactMap { attributes[$0].flatMap { Int($0) } }.reduce(0, +)
    }

    func client(_ queue: QueueURL) -> SQSClient { SQSClient(queue: queue, aws: sqs) }

    func reader(
        _ queue: QueueURL,
        topics: [String] = [],
        taker: TestTaker,
        records: TestRecords,
        isCurrent: @escaping @Sendable () -> Bool = { true }
    ) -> QueueReader {
        QueueReader(
            account: TestAccount.make(topics: topics, queue: queue.text, region: "us-east-1"),
            client: client(queue),
            taker: taker,
            records: records,
            topics: { topics },
            isCurrent: isCurrent,
            isReady: { true },
            logger: TestHTTP.quiet
        )
    }
}
