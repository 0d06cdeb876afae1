public import Postgres
import Signing
import Synchronization

/// What stands for an address that is not to be known any more: the same for the same address of a tenant, so that it can still
/// be counted and suppressed, and not to be traced back without a key.
public final class Pseudonyms: Sendable {
    private static let place = SealedPlace(.pseudonymKey, tenantID: 0, id: PostgresUUID(high: 0, low: 0))

    /// Between these two lie all pseudonyms and hardly an address, in the order of their bytes.
    public static let first = "erased-"
    public static let last = "erased."
    private static let domain = "@erased.invalid"

    private let pool: PostgresPool
    private let vault: Vault
    private let known = Mutex<[UInt8]?>(nil)

    public init(pool: PostgresPool, vault: Vault) {
        self.pool = pool
        self.vault = vault
    }

    /// The pseudonyms of addresses, in their order. Upper and lower case are the same address.
    public func names(of emails: [String], tenantID: Int32) async throws -> [String] {
        let key = try await key()
        return emails.map { email in
            let code = HMACSHA256.code(of: "\(tenantID) \(email.lowercased())", key: key)
            return Self.first + Hex.encode(Array(code.prefix(16))) + Self.domain
        }
    }

    public func name(of email: String, tenantID: Int32) async throws -> String {
        if Self.isOne(email) { return email }
        return try await names(of: [email], tenantID: tenantID).first ?? ""
    }

    /// Whether it stands for an address.
    public static func isOne(_ email: String) -> Bool { email.hasPrefix(first) && email.hasSuffix(domain) }

    private func key() async throws -> [UInt8] {
        if let key = known.withLock({ $0 }) { return key }
        var stored = try await stored()
        if stored == nil {
            let fresh = SecureRandom.bytes(32)
            let sealed = try await vault.seal(fresh, at: Self.place)
            _ = try await pool.query(
                """
                INSERT INTO pseudonym_key (key, is_sealed) SELECT \(sealed ?? fresh), \(sealed != nil) ON CONFLICT DO NOTHING
                """
            )
            stored = try await self.stored()
        }
        guard let stored else { throw SealingError(.unavailable, "the key of pseudonyms cannot be read") }
        let key = stored.isSealed ? try await vault.open(stored.key, at: Self.place) : stored.key
        known.withLock { $0 = key }
        return key
    }

    /// Seals the key under the current data key, if it is not.
    public func reseal() async throws {
        guard let stored = try await stored() else { return }
        if stored.isSealed, try await vault.isCurrent(stored.key) { return }
        guard let sealed = try await vault.seal(try await key(), at: Self.place) else { return }
        _ = try await pool.query("UPDATE pseudonym_key SET key = \(sealed), is_sealed = true WHERE key = \(stored.key)")
    }

    private func stored() async throws -> (key: [UInt8], isSealed: Bool)? {
        try await pool.query("SELECT key, is_sealed FROM pseudonym_key").decode([UInt8].self, Bool.self).first
            .map { (key: $0.0, isSealed: $0.1) }
    }
}
