public import Directory
public import Foundation
public import Mail
public import Outbox

/// Erases addresses for their tenants.
public protocol AddressErasing: Sendable {
    func start(_ email: EmailAddress, tenantID: Int32, actor: String) async throws -> Erasure
    /// Nil where the tenant has no such erasure.
    func erasure(_ id: UUID, tenantID: Int32) async throws -> Erasure?
}

/// Keeps what tenants wish about retention.
public protocol RetentionKeeping: Sendable {
    func wish(tenantID: Int32) async throws -> RetentionWish
    func set(_ wish: RetentionWish, tenantID: Int32, actor: String) async throws
}

/// Gives out all that there is of one tenant, a line at a time.
public protocol TenantExporting: Sendable {
    func run(tenantID: Int32, write: (String) async throws -> Void) async throws
}

/// Notes in the audit what changes nothing.
public protocol AuditNoting: Sendable {
    func note(action: String, object: String, detail: String, actor: String) async throws
}

extension AuditNotes: AuditNoting {}
extension ErasureStore: AddressErasing {}
extension RetentionStore: RetentionKeeping {}
extension TenantExport: TenantExporting {}

/// What the admin's routes on a tenant's privacy stand on.
public struct PrivacyServices: Sendable {
    let erasures: any AddressErasing
    let retention: any RetentionKeeping
    let export: any TenantExporting
    let notes: any AuditNoting

    public init(
        erasures: any AddressErasing,
        retention: any RetentionKeeping,
        export: any TenantExporting,
        notes: any AuditNoting
    ) {
        self.erasures = erasures
        self.retention = retention
        self.export = export
        self.notes = notes
    }
}
