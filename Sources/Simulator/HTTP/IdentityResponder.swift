import Foundation
import HTTPTypes
import Hummingbird

/// Answers SES's calls about identities, and makes configuration sets.
struct IdentityResponder: Sendable {
    private static let identities = "/v2/email/identities"
    private static let sets = "/v2/email/configuration-sets"

    let simulation: Simulation

    /// Nil where the path is none of these.
    func respond(to request: Request, path: String) async throws -> Response? {
        let isList = path == Self.identities || path == Self.sets && request.method == .post
        guard isList || path.hasPrefix(Self.identities + "/") else { return nil }
        // Signatures are not checked, but an unsigned call is a mistake.
        guard request.headers[.authorization] != nil else { return refusal(.unauthenticated) }
        if isList {
            guard request.method == .post else { return nil }
            return try await path == Self.sets ? createSet(request) : create(request)
        }
        let parts = path.dropFirst(Self.identities.count + 1).split(separator: "/", omittingEmptySubsequences: false)
        guard let name = parts.first.flatMap({ String($0).removingPercentEncoding }), !name.isEmpty else {
            return refusal(.badRequest("The identity is not percent-encoded UTF-8"))
        }
        switch (request.method, parts.count) {
        case (.get, 1): return get(name)
        case (.put, 2) where parts[1] == "mail-from": return try await setMailFrom(request, of: name)
        default: return nil
        }
    }

    private func create(_ request: Request) async throws -> Response {
        guard let members = try await members(of: request), let name = members["EmailIdentity"], !name.isEmpty else {
            return refusal(.badRequest("EmailIdentity is required"))
        }
        guard simulation.withSES({ ses, _ in ses.identities.create(name) }) else {
            return refusal(Self.exists("Email identity \(name) already exist."))
        }
        let entry = IdentityBook.Entry(name: name.lowercased())
        return answer(
            """
            {"IdentityType":"\(entry.isDomain ? "DOMAIN" : "EMAIL_ADDRESS")","VerifiedForSendingStatus":false,\
            "DkimAttributes":\(Self.dkim(entry))}
            """
        )
    }

    private func createSet(_ request: Request) async throws -> Response {
        guard let members = try await members(of: request), let name = members["ConfigurationSetName"], !name.isEmpty
        else { return refusal(.badRequest("ConfigurationSetName is required")) }
        guard simulation.withSES({ ses, _ in ses.identities.createSet(name) }) else {
            return refusal(Self.exists("Configuration set <\(name)> already exists."))
        }
        return answer("{}")
    }

    private func get(_ name: String) -> Response {
        guard let entry = simulation.withSES({ ses, _ in ses.identities.known(name) }) else {
            return refusal(missing(name))
        }
        let mailFrom =
            entry.mailFrom.map { #""MailFromDomain":\#(JSONText.quoted($0)),"# }
            .map { $0 + #""MailFromDomainStatus":"\#(entry.mailFromState)","# } ?? ""
        return answer(
            """
            {"IdentityType":"\(entry.isDomain ? "DOMAIN" : "EMAIL_ADDRESS")","FeedbackForwardingStatus":true,\
            "VerifiedForSendingStatus":\(entry.isVerified),"DkimAttributes":\(Self.dkim(entry)),\
            "MailFromAttributes":{\(mailFrom)"BehaviorOnMxFailure":"USE_DEFAULT_VALUE"},\
            "VerificationStatus":"\(entry.dkim)","Policies":{},"Tags":[]}
            """
        )
    }

    private func setMailFrom(_ request: Request, of name: String) async throws -> Response {
        guard let members = try await members(of: request) else { return refusal(.badRequest("No JSON object")) }
        let domain = members["MailFromDomain"].flatMap { $0.isEmpty ? nil : $0 }
        if let domain, !domain.lowercased().hasSuffix("." + (name.split(separator: "@").last ?? "").lowercased()) {
            return refusal(.badRequest("Provided MAIL-FROM domain <\(domain)> is not subdomain of the identity."))
        }
        let isThere = simulation.withSES { ses, _ in
            guard var entry = ses.identities[name] else { return false }
            entry.mailFrom = domain
            entry.mailFromState = "PENDING"
            ses.identities[name] = entry
            return true
        }
        return isThere ? answer("{}") : refusal(missing(name))
    }

    /// The members that are strings; nil for what is no object.
    private func members(of request: Request) async throws -> [String: String]? {
        guard let body = try await request.wholeBody() else { return nil }
        return IdentityBody.members(body)
    }

    private static func dkim(_ entry: IdentityBook.Entry) -> String {
        let tokens = entry.isDomain ? entry.tokens : []
        return """
            {"SigningEnabled":\(entry.isDomain),"Status":"\(entry.isDomain ? entry.dkim : "NOT_STARTED")",\
            "Tokens":\(JSONText.quoted(tokens)),"SigningAttributesOrigin":"AWS_SES",\
            "NextSigningKeyLength":"RSA_2048_BIT"}
            """
    }

    private static func exists(_ message: String) -> ServiceFailure {
        ServiceFailure(status: 400, code: "AlreadyExistsException", message: message)
    }

    private func missing(_ name: String) -> ServiceFailure {
        ServiceFailure(status: 404, code: "NotFoundException", message: "Email identity \(name) does not exist.")
    }

    private func answer(_ body: String) -> Response {
        Response(ses: 200, error: nil, body: body, requestID: simulation.requestID())
    }

    private func refusal(_ failure: ServiceFailure) -> Response {
        CallResponder(simulation: simulation).refusal(failure)
    }
}

/// A JSON object of which the members with strings are wanted.
enum IdentityBody {
    static func members(_ body: [UInt8]) -> [String: String]? {
        var members: [String: String] = [:]
        do throws(ServiceFailure) {
            var reader = try JSONReader(body)
            try reader.object { (name, reader) throws(ServiceFailure) in
                if reader.isString() { members[name] = try reader.string() } else { try reader.skip() }
            }
            try reader.end()
        } catch {
            return nil
        }
        return members
    }
}
