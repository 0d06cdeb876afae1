import Foundation
import Postgres
import Sealing
import Signing

/// A secret as `webhook_endpoint` keeps it: sealed for its endpoint, where keys are configured.
struct StoredSecret: Sendable {
    let bytes: [UInt8]
    let isSealed: Bool

    init(bytes: [UInt8], isSealed: Bool) {
        self.bytes = bytes
        self.isSealed = isSealed
    }

    init(
        _ secret: WebhookSecret,
        endpoint: PostgresUUID,
        tenantID: Int32,
        vault: Vault?
    ) async throws(SealingError) {
        let sealed = try await vault?.seal(secret.bytes, at: Self.place(endpoint, tenantID))
        self.init(bytes: sealed ?? secret.bytes, isSealed: sealed != nil)
    }

    /// - Throws: also for what is no secret.
    func secret(endpoint: PostgresUUID, tenantID: Int32, vault: Vault?) async throws(SealingError) -> WebhookSecret {
        var bytes = bytes
        if isSealed {
            guard let vault else {
                throw SealingError(
                    .missingKey,
                    "webhook secrets are sealed, and no key is configured under `encryption`"
                )
            }
            bytes = try await vault.open(bytes, at: Self.place(endpoint, tenantID))
        }
        guard let secret = WebhookSecret(bytes: bytes) else {
            throw SealingError(.damaged, "a webhook's secret has \(bytes.count) bytes")
        }
        return secret
    }

    private static func place(_ endpoint: PostgresUUID, _ tenantID: Int32) -> SealedPlace {
        SealedPlace(.webhookSecret, tenantID: tenantID, id: endpoint)
    }
}

extension PostgresUUID {
    init(_ id: UUID) {
        let (a, b, c, d, e, f, g, h, i, j, k, l, m, n, o, p) = id.uuid
        func half(_ bytes: [UInt8]) -> UInt64 { bytes.reduce(0) { $0 << 8 | UInt64($1) } }
        self.init(high: half([a, b, c, d, e, f, g, h]), low: half([i, j, k, l, m, n, o, p]))
    }
}
