import AWS
import FoundationEssentials
import Outbound

/// Sends notifications to an SQS queue, ten a call.
struct QueuePublisher: Sendable {
    /// Most entries of one call.
    static let batch = 10
    static let concurrency = 4
    /// SQS takes 256 KiB a call.
    private static let callBytes = 250_000

    private let client: AWSClient
    private let url: String
    private let text: NotificationText
    private let timeout: Duration

    init(
        queue: EventOptions.Queue,
        text: NotificationText,
        names: AmazonNames,
        timeout: Duration,
        client: HTTPClient
    ) throws {
        url = queue.url
        self.text = text
        self.timeout = timeout
        let address = QueueAddress(queue.url)
        let settings = CredentialSettings(environment: queue.environment, homeFolder: queue.environment["HOME"])
        self.client = try AWSClient(
            AWSService(signingName: "sqs", hostPrefix: "sqs"),
            region: address?.region ?? names.region,
            endpoint: address?.endpoint,
            credentials: CredentialProvider(.chain, settings: settings, client: client),
            client: client
        )
    }

    /// How the attempt for each notification ended, in order.
    func send(_ batch: [Notification]) async -> [Attempt] {
        let bodies = batch.map(text.body)
        if bodies.reduce(0, { $0 + $1.utf8.count }) <= Self.callBytes { return await send(bodies) }
        var attempts: [Attempt] = []
        for body in bodies { attempts += await send([body]) }
        return attempts
    }

    private struct Answer: Decodable {
        struct Success: Decodable { let Id: String }
        struct Failure: Decodable {
            let Id: String
            let SenderFault: Bool?
        }

        let Successful: [Success]?
        let Failed: [Failure]?
    }

    private func send(_ bodies: [String]) async -> [Attempt] {
        let entries = bodies.enumerated().map { #"{"Id":"\#($0)","MessageBody":\#(JSONText.quoted($1))}"# }
        var call = AWSCall(
            method: .post,
            path: "/",
            contentType: "application/x-amz-json-1.0",
            headers: ["X-Amz-Target": "AmazonSQS.SendMessageBatch"],
            body: Array(#"{"QueueUrl":\#(JSONText.quoted(url)),"Entries":[\#(entries.joined(separator: ","))]}"#.utf8)
        )
        call.timeouts = Timeouts(connect: timeout, response: timeout, total: timeout)
        let reply: AWSReply
        do throws(AWSError) {
            reply = try await client.send(call)
        } catch {
            let failed = Attempt.failed(mayHaveArrived: error.transport?.wholeRequestLeft ?? false)
            return bodies.map { _ in failed }
        }
        guard reply.serviceError == nil else {
            // A missing queue may be there soon; what is too long stays too long.
            let isTooLong = reply.serviceError?.code?.contains("TooLong") == true
            return bodies.map { _ in isTooLong ? .refused : .failed(mayHaveArrived: reply.status >= 500) }
        }
        guard let answer = try? JSONDecoder().decode(Answer.self, from: Data(reply.body)) else {
            return bodies.map { _ in .failed(mayHaveArrived: true) }
        }
        let taken = Set((answer.Successful ?? []).map(\.Id))
        let refused = Set((answer.Failed ?? []).filter { $0.SenderFault == true }.map(\.Id))
        return bodies.indices.map { index in
            taken.contains("\(index)")
                ? .taken : refused.contains("\(index)") ? .refused : .failed(mayHaveArrived: false)
        }
    }
}
