import Foundation
import HTTPTypes
import Hummingbird

/// Answers what `sluice doctor` and the mirror of suppressions ask SES: configuration sets and their event destinations (any
/// name exists, unless the simulator is strict), and the account's suppression list.
struct AccountResponder: Sendable {
    private static let addresses = "/v2/email/suppression/addresses"
    private static let sets = "/v2/email/configuration-sets/"
    private static let types = #"["SEND","REJECT","BOUNCE","COMPLAINT","DELIVERY","OPEN","CLICK","DELIVERY_DELAY"]"#

    let simulation: Simulation

    /// Nil where the path is none of these.
    func respond(to request: Request, path: String) async throws -> Response? {
        guard path == Self.addresses || path.hasPrefix(Self.addresses + "/") || path.hasPrefix(Self.sets) else {
            return nil
        }
        // Signatures are not checked, but an unsigned call is a mistake.
        guard request.headers[.authorization] != nil else { return refusal(.unauthenticated) }
        if path.hasPrefix(Self.sets) { return configurationSet(request, String(path.dropFirst(Self.sets.count))) }
        if path == Self.addresses {
            return request.method == .put ? try await put(request) : request.method == .get ? list(request) : nil
        }
        guard let address = String(path.dropFirst(Self.addresses.count + 1)).removingPercentEncoding else {
            return refusal(.badRequest("The address is not percent-encoded UTF-8"))
        }
        switch request.method {
        case .get: return get(address)
        case .delete:
            return simulation.withSES { ses, _ in ses.suppressions.remove(address) } ? answer("{}") : missing(address)
        default: return nil
        }
    }

    private func configurationSet(_ request: Request, _ rest: String) -> Response? {
        guard request.method == .get else { return nil }
        let parts = rest.split(separator: "/", omittingEmptySubsequences: false)
        guard let name = parts.first.flatMap({ String($0).removingPercentEncoding }), !name.isEmpty else { return nil }
        guard simulation.withSES({ ses, _ in ses.identities.hasSet(name) }) else {
            return refusal(
                ServiceFailure(
                    status: 404,
                    code: "NotFoundException",
                    message: "Configuration set <\(name)> does not exist."
                )
            )
        }
        if parts.count == 1 {
            return answer(
                """
                {"ConfigurationSetName":\(JSONText.quoted(name)),"DeliveryOptions":{"TlsPolicy":"OPTIONAL"},\
                "ReputationOptions":{"ReputationMetricsEnabled":true},"SendingOptions":{"SendingEnabled":true},\
                "SuppressionOptions":{"SuppressedReasons":["BOUNCE","COMPLAINT"]},"Tags":[]}
                """
            )
        }
        guard parts.count == 2, parts[1] == "event-destinations" else { return nil }
        return answer(#"{"EventDestinations":[\#(destination ?? "")]}"#)
    }

    private var destination: String? {
        guard let options = simulation.events?.options, options.topic != nil, options.format != .notifications else {
            return nil
        }
        return """
            {"Name":"sluice","Enabled":true,"MatchingEventTypes":\(Self.types),\
            "SnsDestination":{"TopicArn":\(JSONText.quoted(options.topicARN))}}
            """
    }

    private func put(_ request: Request) async throws -> Response {
        guard let body = try await request.wholeBody() else { return refusal(.tooLarge) }
        var address: String?
        var reason: String?
        do throws(ServiceFailure) {
            var reader = try JSONReader(body)
            try reader.object { (name, reader) throws(ServiceFailure) in
                switch name {
                case "EmailAddress": address = try reader.optionalString()
                case "Reason": reason = try reader.optionalString()
                default: try reader.skip()
                }
            }
        } catch {
            return refusal(error)
        }
        guard let address, let reason, SuppressionList.reasons.contains(reason) else {
            return refusal(.badRequest("EmailAddress and Reason, BOUNCE or COMPLAINT, are required"))
        }
        if let fault = EmailAddress(address).fault { return refusal(.badRequest(fault)) }
        let now = BootClock().milliseconds()
        let isAdded = simulation.withSES { ses, _ in ses.suppressions.put(address, reason: reason, at: now) }
        return isAdded ? answer("{}") : refusal(.limitExceeded)
    }

    private func get(_ address: String) -> Response {
        guard let entry = simulation.withSES({ ses, _ in ses.suppressions[address] }) else { return missing(address) }
        return answer(#"{"SuppressedDestination":\#(entry.json)}"#)
    }

    private func list(_ request: Request) -> Response {
        let parameters = request.uri.queryParameters
        let size = parameters["PageSize"].flatMap { Int($0) } ?? 1000
        guard (1...1000).contains(size) else { return refusal(.badRequest("PageSize must be 1 to 1000")) }
        let reasons = parameters.getAll("Reason").map { String($0) }
        let after = parameters["NextToken"].map(String.init)
        let (entries, next) = simulation.withSES { ses, _ in
            ses.suppressions.page(after: after, limit: size, reasons: reasons)
        }
        let list = entries.map(\.json).joined(separator: ",")
        let token = next.map { #","NextToken":\#(JSONText.quoted($0))"# } ?? ""
        return answer(#"{"SuppressedDestinationSummaries":[\#(list)]\#(token)}"#)
    }

    private func missing(_ address: String) -> Response {
        refusal(ServiceFailure(status: 404, code: "NotFoundException", message: "Email address does not exist"))
    }

    private func answer(_ body: String) -> Response {
        Response(ses: 200, error: nil, body: body, requestID: simulation.requestID())
    }

    private func refusal(_ failure: ServiceFailure) -> Response {
        CallResponder(simulation: simulation).refusal(failure)
    }
}

extension SuppressionList.Entry {
    /// Times in SES's JSON are seconds since 1970.
    fileprivate var json: String {
        """
        {"EmailAddress":\(JSONText.quoted(address)),"Reason":"\(reason)","LastUpdateTime":\(Double(updatedAt) / 1000)}
        """
    }
}
