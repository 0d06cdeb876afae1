public import Directory
public import Mail

/// Keeps tenants' suppression lists.
public protocol SuppressionKeeping: Sendable {
    /// In the order of addresses.
    func suppressions(
        tenantID: Int32,
        filter: SuppressionFilter,
        limit: Int,
        after: String?,
        before: String?
    ) async throws -> SuppressionStore.Page
    func suppression(of email: EmailAddress, tenantID: Int32) async throws -> Suppression?
    func add(
        _ email: EmailAddress,
        reason: Suppression.Reason,
        stream: MessageStream?,
        detail: String?,
        tenantID: Int32,
        actor: String
    ) async throws -> (suppression: Suppression, isNew: Bool)
    func remove(_ email: EmailAddress, tenantID: Int32, actor: String) async throws -> Bool
    func remove(domain: DomainName, tenantID: Int32, actor: String) async throws -> Int
}

extension SuppressionStore: SuppressionKeeping {}
