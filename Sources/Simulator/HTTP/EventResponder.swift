import HTTPTypes
import Hummingbird
import NIOCore
import Signing

/// The routes of events, below `/_simulator/`:
///
/// | route | |
/// |---|---|
/// | `GET events` | NDJSON of what was said, in order: `{at_ns, outbox_id, ses_message_id, recipient, type, final, state}` |
/// | `GET outcomes` | NDJSON of the status that each (outbox id, recipient) must come to |
/// | `DELETE events` | forgets both |
/// | `GET confirm?Token=` | confirms the topic's subscription, as SNS's `SubscribeURL` does |
/// | `GET SimpleNotificationService-sim.pem` | the certificate that notifications are signed with |
///
/// `x-simulator-truncated` says whether the ledger was full at some time.
struct EventResponder: Sendable {
    private static let page = 4096
    private static let truncated = HTTPField.Name("x-simulator-truncated")

    let simulation: Simulation

    /// Nil where the path is none of these.
    func respond(to request: Request, path: Substring) -> Response? {
        let desk = simulation.events
        switch (request.method, path) {
        case (.get, "events"): return desk.map(events) ?? lines([])
        case (.get, "outcomes"): return desk.map(outcomes) ?? lines([])
        case (.delete, "events"):
            desk?.withStage { stage, _, _ in stage.clear() }
            return Response(status: .noContent)
        case (.get, "confirm"): return confirm(request)
        case (.get, "SimpleNotificationService-sim.pem"):
            guard let key = desk?.options.topic?.key else { return nil }
            return Response(
                status: .ok,
                headers: [.contentType: "application/x-pem-file"],
                body: ResponseBody(byteBuffer: ByteBuffer(string: key.certificatePEM))
            )
        default: return nil
        }
    }

    private func events(_ desk: EventDesk) -> Response {
        let (count, generation, isTruncated) = desk.withStage { stage, _, _ in
            (stage.ledger.events.count, stage.ledger.generation, stage.ledger.isTruncated)
        }
        let body = ResponseBody { writer in
            var position = 0
            while position < count {
                let (lines, read) = desk.withStage { stage, _, _ in
                    stage.ledger.generation == generation
                        ? stage.ledger.eventLines(from: position, limit: min(Self.page, count - position)) : ([], 0)
                }
                guard read > 0 else { break }
                position += read
                try await writer.write(ByteBuffer(bytes: lines))
            }
            try await writer.finish(nil)
        }
        return response(body, isTruncated: isTruncated)
    }

    private func outcomes(_ desk: EventDesk) -> Response {
        let ledger = desk.withStage { stage, _, _ in stage.ledger }
        let outcomes = Outcomes(ledger).lines
        let body = ResponseBody { writer in
            for start in stride(from: 0, to: outcomes.count, by: Self.page) {
                let lines = outcomes[start..<min(start + Self.page, outcomes.count)].map(\.json).joined()
                try await writer.write(ByteBuffer(string: lines))
            }
            try await writer.finish(nil)
        }
        return response(body, isTruncated: ledger.isTruncated)
    }

    private func lines(_ bytes: [UInt8]) -> Response {
        response(ResponseBody(byteBuffer: ByteBuffer(bytes: bytes)), isTruncated: false)
    }

    private func response(_ body: ResponseBody, isTruncated: Bool) -> Response {
        var headers: HTTPFields = [.contentType: "application/x-ndjson"]
        if let name = Self.truncated { headers[name] = "\(isTruncated)" }
        return Response(status: .ok, headers: headers, body: body)
    }

    /// The XML of SNS's ConfirmSubscription.
    private func confirm(_ request: Request) -> Response {
        let token = request.uri.queryParameters["Token"].map(String.init)
        guard let desk = simulation.events, let token, desk.confirm(token: token) else {
            return xml(
                """
                <ErrorResponse xmlns="http://sns.amazonaws.com/doc/2010-03-31/"><Error><Type>Sender</Type>\
                <Code>InvalidParameter</Code><Message>Invalid parameter: Token</Message></Error>\
                <RequestId>\(simulation.requestID())</RequestId></ErrorResponse>
                """,
                status: .badRequest
            )
        }
        let envelope = Envelope(base: "", topicARN: desk.options.topicARN, topic: nil)
        return xml(
            """
            <ConfirmSubscriptionResponse xmlns="http://sns.amazonaws.com/doc/2010-03-31/"><ConfirmSubscriptionResult>\
            <SubscriptionArn>\(envelope.subscriptionARN)</SubscriptionArn></ConfirmSubscriptionResult>\
            <ResponseMetadata><RequestId>\(simulation.requestID())</RequestId></ResponseMetadata>\
            </ConfirmSubscriptionResponse>
            """
        )
    }

    private func xml(_ body: String, status: HTTPResponse.Status = .ok) -> Response {
        Response(
            status: status,
            headers: [.contentType: "text/xml"],
            body: ResponseBody(byteBuffer: ByteBuffer(string: body))
        )
    }
}
