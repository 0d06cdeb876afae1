import AWS
import Directory
import FoundationEssentials
import Logging
import Outbound

/// Calls to SQS about one queue (AWS JSON protocol 1.0).
struct SQSClient: Sendable {
    /// SQS gives and takes so many at once.
    static let batch = 10
    /// Ten messages of 1 MiB, escaped.
    private static let longestAnswer = 32 << 20

    let queue: QueueURL
    private let aws: AWSClient

    init(queue: QueueURL, aws: AWSClient) {
        self.queue = queue
        self.aws = aws
    }

    /// With the account's credentials. The account's endpoint is SES's; SQS answers where the queue's URL says.
    init(
        queue: QueueURL,
        account: Account,
        credentials: CredentialProvider,
        http: HTTPClient,
        logger: Logger
    ) throws(AWSError) {
        self.init(
            queue: queue,
            aws: try AWSClient(
                .sqs,
                region: queue.region ?? account.awsRegion,
                endpoint: queue.endpoint,
                credentials: credentials,
                client: http,
                logger: logger
            )
        )
    }

    /// Up to `most` messages, ten at most; none after `wait` whole seconds without any. They are hidden from others for `visibility` seconds.
    func receive(most: Int = Self.batch, wait: Int, visibility: Int) async throws(SQSError) -> [QueueMessage] {
        struct Request: Encodable {
            let QueueUrl: String
            let MaxNumberOfMessages: Int
            let WaitTimeSeconds: Int
            let VisibilityTimeout: Int
            let MessageSystemAttributeNames = ["ApproximateReceiveCount"]
        }
        struct Answer: Decodable {
            struct Message: Decodable {
                let MessageId: String
                let ReceiptHandle: String
                let Body: String
                let Attributes: [String: String]?
            }
            let Messages: [Message]?
        }
        let request = Request(
            QueueUrl: queue.text,
            MaxNumberOfMessages: most,
            WaitTimeSeconds: wait,
            VisibilityTimeout: visibility
        )
        let answer: Answer = try await call("ReceiveMessage", request, wait: wait)
        return (answer.Messages ?? []).map { message in
            QueueMessage(
                id: message.MessageId,
                receipt: message.ReceiptHandle,
                body: Array(message.Body.utf8),
                receives: message.Attributes?["ApproximateReceiveCount"].flatMap { Int($0) } ?? 1
            )
        }
    }

    /// Deletes up to ten receipts; returns how many could not be. Those come again.
    func delete(_ messages: [QueueMessage]) async throws(SQSError) -> Int {
        struct Entry: Encodable {
            let Id: String
            let ReceiptHandle: String
        }
        return try await batch(
            "DeleteMessageBatch",
            messages.enumerated().map { Entry(Id: "\($0.offset)", ReceiptHandle: $0.element.receipt) }
        )
    }

    /// Lets up to ten receipts be seen again after so many seconds each; returns how many could not be.
    func show(_ messages: [(message: QueueMessage, after: Int)]) async throws(SQSError) -> Int {
        struct Entry: Encodable {
            let Id: String
            let ReceiptHandle: String
            let VisibilityTimeout: Int
        }
        return try await batch(
            "ChangeMessageVisibilityBatch",
            messages.enumerated().map {
                Entry(
                    Id: "\($0.offset)",
                    ReceiptHandle: $0.element.message.receipt,
                    VisibilityTimeout: $0.element.after
                )
            }
        )
    }

    /// The queue's attributes by name.
    func attributes(_ names: [String] = ["All"]) async throws(SQSError) -> [String: String] {
        struct Request: Encodable {
            let QueueUrl: String
            let AttributeNames: [String]
        }
        struct Answer: Decodable {
            let Attributes: [String: String]?
        }
        let answer: Answer = try await call(
            "GetQueueAttributes",
            Request(QueueUrl: queue.text, AttributeNames: names)
        )
        return answer.Attributes ?? [:]
    }

    private struct BatchRequest<Entry: Encodable>: Encodable {
        let QueueUrl: String
        let Entries: [Entry]
    }

    private struct BatchAnswer: Decodable {
        struct Failure: Decodable {
            let Id: String
        }
        let Failed: [Failure]?
    }

    private func batch(_ action: String, _ entries: [some Encodable]) async throws(SQSError) -> Int {
        guard !entries.isEmpty else { return 0 }
        let answer: BatchAnswer = try await call(action, BatchRequest(QueueUrl: queue.text, Entries: entries))
        return answer.Failed?.count ?? 0
    }

    private func call<Answer: Decodable>(
        _ action: String,
        _ request: some Encodable,
        wait: Int = 0
    ) async throws(SQSError) -> Answer {
        guard let body = try? JSONEncoder().encode(request) else {
            throw SQSError(code: "encoding", message: "the request to SQS cannot be written")
        }
        var call = AWSCall(
            method: .post,
            path: "/",
            contentType: "application/x-amz-json-1.0",
            headers: ["X-Amz-Target": "AmazonSQS.\(action)"],
            body: Array(body)
        )
        // SQS answers late when nothing comes; the connection must outlast that.
        call.timeouts = Timeouts(
            connect: .seconds(5),
            response: .seconds(wait + 10),
            total: .seconds(wait + 20)
        )
        call.maxResponseBytes = Self.longestAnswer
        let reply: AWSReply
        do throws(AWSError) {
            reply = try await aws.send(call)
        } catch {
            throw SQSError(error)
        }
        if let refusal = reply.serviceError { throw SQSError(refusal) }
        guard
            let answer = try? JSONDecoder().decode(
                Answer.self,
                from: Data(reply.body.isEmpty ? [0x7B, 0x7D] : reply.body)
            )
        else { throw SQSError(code: "decoding", message: "SQS's answer to \(action) is not understood") }
        return answer
    }
}
