public import Outbound
public import SES

/// What SES is asked about identities.
public protocol IdentityAsking: Sendable {
    func identity(_ name: String) async throws(SendFailure) -> IdentityStatus?
    func createIdentity(_ name: String) async throws(SendFailure)
    func setMailFrom(_ domain: String, of name: String) async throws(SendFailure)
}

/// What DNS is asked.
public protocol DNSAsking: Sendable {
    func answers(to questions: [DNSQuestion]) async -> [DNSAnswer]
}

extension SESClient: IdentityAsking {}

extension DNSResolver: DNSAsking {
    public func answers(to questions: [DNSQuestion]) async -> [DNSAnswer] {
        await answers(to: questions, within: .seconds(10))
    }
}
