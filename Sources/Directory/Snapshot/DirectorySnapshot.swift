public import Foundation

/// The whole directory at one version. Immutable; nodes keep one in memory and replace it when the version grows.
public struct DirectorySnapshot: Sendable {
    /// One of a key's secrets.
    private struct Secret: Sendable {
        let hash: [UInt8]
        let key: KeyRecord
        /// How long it is valid; nil: until it is revoked.
        let until: Date?
    }

    public let version: Int64
    public let accounts: [Int32: Account]
    public let tenants: [Int32: Tenant]
    public let lanes: [Int32: Lane]
    /// Lanes of mail that is only a test. Dispatchers do not know them.
    let testLanes: [Int32: Lane]
    private let testTenants: [Int32: Tenant]
    private let secrets: [[UInt8]: Secret]
    /// Of the links that end subscriptions; nil in a directory that was made by hand.
    public var unsubscribeKey: UnsubscribeKey?

    /// - Parameters:
    ///   - lanes: those of tests, too.
    init(version: Int64, accounts: [Account], tenants: [Tenant], lanes: [Lane], keys: [KeyRecord]) {
        self.version = version
        self.accounts = Dictionary(uniqueKeysWithValues: accounts.map { ($0.id, $0) })
        self.tenants = Dictionary(uniqueKeysWithValues: tenants.map { ($0.id, $0) })
        self.lanes = Dictionary(uniqueKeysWithValues: lanes.filter { !$0.isTest }.map { ($0.id, $0) })
        testLanes = Dictionary(uniqueKeysWithValues: lanes.filter(\.isTest).map { ($0.id, $0) })
        testTenants = Dictionary(
            uniqueKeysWithValues: tenants.compactMap { tenant in tenant.forTests.map { (tenant.id, $0) } }
        )
        var secrets: [[UInt8]: Secret] = [:]
        for key in keys {
            let expiry = key.grant.expiresAt
            secrets[key.hash] = Secret(hash: key.hash, key: key, until: expiry)
            guard let old = key.old else { continue }
            secrets[old.hash] = Secret(hash: old.hash, key: key, until: min(old.until, expiry ?? .distantFuture))
        }
        self.secrets = secrets
    }

    /// Of all tenants, by their numbers; those in which tests live are counted apart.
    public var limits: [Int32: TenantLimits] {
        var limits = tenants.mapValues(\.limits)
        for tenant in testTenants.values { limits[tenant.id] = tenant.limits }
        return limits
    }

    /// A lane of either kind.
    public func lane(_ id: Int32) -> Lane? { lanes[id] ?? testLanes[id] }

    public func account(named name: String) -> Account? { accounts.values.first { $0.name == name } }
    public func tenant(named name: String) -> Tenant? { tenants.values.first { $0.name == name } }

    /// What a key turns out to be at a time.
    ///
    /// The look-up goes by the key's hash, whose timing says nothing about the key; the hash is then compared in
    /// constant time all the same.
    public func find(key: String, at now: Date) -> KeyFinding {
        let finding = find(hash: APIKey.hash(key), at: now)
        if case .unknown = finding, !APIKey.isWellFormed(key) { return .malformed }
        return finding
    }

    /// The same of a key's SHA-256.
    public func find(hash: [UInt8], at now: Date) -> KeyFinding {
        guard let secret = secrets[hash], APIKey.matches(hash, secret.hash) else { return .unknown }
        if let until = secret.until, until <= now { return .expired(until) }
        return .valid(secret.key)
    }

    /// When the next key ends that has not ended by `now`, by whether it is a tenant's or an admin's.
    public func nextKeyExpiries(after now: Date) -> [String: Date] {
        var ends: [String: Date] = [:]
        for secret in secrets.values {
            guard let end = secret.key.grant.expiresAt, end > now else { continue }
            let owner = secret.key.owner == .admin ? "admin" : "tenant"
            ends[owner] = min(end, ends[owner] ?? end)
        }
        return ends
    }

    /// The tenant of a key, narrowed to what the key may do: for a test key the one in which tests live.
    public func tenant(of key: KeyRecord) -> Tenant? {
        guard case .tenant(let id) = key.owner else { return nil }
        return (key.grant.isTest ? testTenants[id] : tenants[id])?.narrowed(to: key)
    }
}
