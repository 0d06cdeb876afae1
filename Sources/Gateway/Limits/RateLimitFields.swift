import Directory
import HTTPTypes

/// What a tenant is told of its rate with every answer (draft-ietf-httpapi-ratelimit-headers): the policy, and how it stands by
/// what it has asked itself.
struct RateLimitFields: Sendable {
    private static let policyName = HTTPField.Name("RateLimit-Policy")
    private static let stateName = HTTPField.Name("RateLimit")

    private let policy: String
    private let state: String

    /// - Parameter rate: requests a second.
    init(rate: Int, _ admission: RequestAdmission) {
        policy = "\"default\";q=\(rate);w=1"
        state = "\"default\";r=\(min(admission.remaining, rate));t=\(admission.reset)"
    }

    func write(into headers: inout HTTPFields) {
        if let name = Self.policyName { headers[name] = policy }
        if let name = Self.stateName { headers[name] = state }
    }
}
