import Foundation
import Outbound
import Outbox
import Signing

/// Sends one delivery as Standard Webhooks says: signed, with the event's id, and with the time of this attempt.
struct DeliverySender: Sendable {
    private static let timeouts = Timeouts(connect: .seconds(5), response: .seconds(20), total: .seconds(20))
    private static let answerBytes = 16 << 10

    let client: HTTPClient
    let egress: EgressPolicy
    let allowsHTTP: Bool

    /// - Parameter traceparent: hands a trace that is recorded on to the endpoint.
    func send(
        _ entry: FeedEntry,
        eventID: String,
        of delivery: ClaimedDelivery,
        traceparent: String? = nil
    ) async -> DeliveryAnswer {
        guard allowsHTTP || !delivery.url.hasPrefix("http://") else { return .failure("http_not_allowed") }
        guard !delivery.secrets.isEmpty else { return .failure("no_secret") }
        let body = entry.body
        let timestamp = Int64(Date().timeIntervalSince1970)
        var request = OutboundRequest(
            method: .post,
            url: delivery.url,
            headers: [
                "Content-Type": "application/json",
                "User-Agent": "Sluice-Webhooks/1",
                "webhook-id": eventID,
                "webhook-timestamp": "\(timestamp)",
                "webhook-signature": StandardWebhook.header(
                    id: eventID,
                    timestamp: timestamp,
                    body: body,
                    secrets: delivery.secrets
                ),
            ],
            body: body,
            timeouts: Self.timeouts,
            maxResponseBytes: Self.answerBytes,
            cutsLongResponse: true,
            egress: egress
        )
        if let traceparent { request.headers.append(name: "traceparent", value: traceparent) }
        do {
            return Self.answer(try await client.send(request))
        } catch  where error.code == .rewindRefused {
            // The receiver closed the idle connection that was used. It may have read the request: the id tells it that the
            // second one is the same.
            return await sendAgain(request)
        } catch {
            return Self.answer(error)
        }
    }

    private func sendAgain(_ request: OutboundRequest) async -> DeliveryAnswer {
        do {
            return Self.answer(try await client.send(request))
        } catch {
            return Self.answer(error)
        }
    }

    private static func answer(_ response: OutboundResponse) -> DeliveryAnswer {
        .status(response.status, retryAfter: response.headers["Retry-After"])
    }

    private static func answer(_ error: OutboundError) -> DeliveryAnswer {
        switch error.code {
        case .unresolved: .failure("unresolved_host")
        case .addressRefused: .failure("address_refused")
        case .connectFailed: .failure("connect_failed")
        case .tls: .failure("tls")
        case .reset, .rewindRefused: .failure("connection_reset")
        case .invalidRequest: .failure("invalid_url")
        case .protocolError, .responseTooLarge: .failure("not_http")
        case .cancelled, .shutDown, .resetByClient: .interrupted
        case _ where error.code.timedOutPhase != nil: .failure("timeout")
        default: .failure("failed")
        }
    }
}
