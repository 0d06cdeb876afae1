import Directory
import Outbound

/// Confirms subscriptions by asking for the URL that SNS gives for it.
struct SubscriptionConfirmer: Sendable {
    let http: HTTPClient

    /// Whether the URL is one to ask for: SNS's own, or the emulator's that the account sends to.
    static func mayAsk(_ url: String, topic: String, account: Account) -> Bool {
        if let origin = SNSOrigin(topic: topic), origin.isConfirmation(url) { return true }
        guard let origin = account.endpoint.flatMap(origin(of:)) else { return false }
        return SNSOrigin.isConfirmation(url, at: origin)
    }

    /// Scheme, host and port of an endpoint.
    static func origin(of endpoint: String) -> String? {
        guard let scheme = ["https://", "http://"].first(where: endpoint.hasPrefix) else { return nil }
        let host = endpoint.dropFirst(scheme.count).prefix { $0 != "/" }
        return host.isEmpty || host.contains("@") ? nil : scheme + host
    }

    /// Why the subscription is not confirmed, or nil once it is.
    func confirm(_ url: String) async -> String? {
        let request = OutboundRequest(
            method: .get,
            url: url,
            timeouts: Timeouts(connect: .seconds(3), response: .seconds(8), total: .seconds(10)),
            maxResponseBytes: 64 << 10
        )
        do throws(OutboundError) {
            let response = try await http.send(request)
            return (200..<300).contains(response.status) ? nil : "SNS answers with status \(response.status)"
        } catch {
            return error.message
        }
    }
}
