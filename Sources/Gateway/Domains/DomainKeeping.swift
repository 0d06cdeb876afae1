public import Identities

/// Says what is known of tenants' senders, and has them looked at again.
public protocol DomainKeeping: Sendable {
    /// Of a tenant's own.
    func identities(of names: [String], tenantID: Int32) async throws -> [IdentityRow]
    func identities(of names: [String]) async throws -> [IdentityRow]
    /// Has a tenant's own looked at again soon.
    func checkAgain(_ name: String, tenantID: Int32) async throws
    func checkAgain(_ name: String) async throws
    /// Has SES asked to make an identity.
    func register(_ name: String, accountID: Int32, mailFrom: String?, actor: String) async throws
}

extension IdentityStore: DomainKeeping {}
