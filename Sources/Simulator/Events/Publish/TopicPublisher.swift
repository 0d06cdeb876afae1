import Outbound

/// Posts envelopes to a subscriber, with SNS's headers.
struct TopicPublisher: Sendable {
    let topic: EventOptions.Topic
    let envelope: Envelope
    let text: NotificationText
    let timeout: Duration
    let client: HTTPClient

    /// Hands one notification over.
    func send(_ notification: Notification) async -> Attempt {
        let request = request(
            "Notification",
            id: notification.id,
            body: text.body(of: notification),
            arn: Self.topicARN(of: notification) ?? envelope.topicARN
        )
        do throws(OutboundError) {
            return Self.attempt(try await client.send(request).status)
        } catch {
            return .failed(mayHaveArrived: error.wholeRequestLeft)
        }
    }

    /// Asks the subscriber to confirm; answers why it could not be asked.
    func subscribe(id: String, token: String, at milliseconds: Int64) async -> String? {
        let body = envelope.subscriptionConfirmation(id: id, token: token, at: milliseconds)
        let request = request("SubscriptionConfirmation", id: id, body: body, arn: envelope.topicARN)
        do throws(OutboundError) {
            let status = try await client.send(request).status
            return (200..<300).contains(status) ? nil : "status \(status)"
        } catch {
            return "\(error)"
        }
    }

    /// SNS ends a delivery at any answer from 200 to 4xx.
    static func attempt(_ status: Int) -> Attempt {
        switch status {
        case 200..<300: .taken
        case 300..<500: .refused
        default: .failed(mayHaveArrived: true)
        }
    }

    private func request(_ type: String, id: String, body: String, arn: String) -> OutboundRequest {
        var headers: HeaderFields = [
            "x-amz-sns-message-type": type, "x-amz-sns-message-id": id, "x-amz-sns-topic-arn": arn,
            "Content-Type": "text/plain; charset=UTF-8", "User-Agent": "Amazon Simple Notification Service Agent",
        ]
        if type == "Notification" {
            headers.append(name: "x-amz-sns-subscription-arn", value: envelope.subscriptionARN)
        }
        return OutboundRequest(
            method: .post,
            url: topic.url,
            headers: headers,
            body: Array(body.utf8),
            timeouts: Timeouts(connect: timeout, response: timeout, total: timeout)
        )
    }

    private static func topicARN(of notification: Notification) -> String? {
        guard case .event(let event, _) = notification.content, case .foreignTopic(let arn) = event.fault else {
            return nil
        }
        return arn
    }
}
