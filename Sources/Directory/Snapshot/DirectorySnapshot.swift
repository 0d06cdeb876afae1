/// The whole directory at one version. Immutable; nodes keep one in memory and replace it when the version grows.
public struct DirectorySnapshot: Sendable {
    public let version: Int64
    public let accounts: [Int32: Account]
    public let tenants: [Int32: Tenant]
    public let lanes: [Int32: Lane]
    /// Of the links that end subscriptions; nil in a directory that was made by hand.
    public var unsubscribeKey: UnsubscribeKey?
    private let keys: [[UInt8]: KeyRecord]

    init(version: Int64, accounts: [Account], tenants: [Tenant], lanes: [Lane], keys: [KeyRecord]) {
        self.version = version
        self.accounts = Dictionary(uniqueKeysWithValues: accounts.map { ($0.id, $0) })
        self.tenants = Dictionary(uniqueKeysWithValues: tenants.map { ($0.id, $0) })
        self.lanes = Dictionary(uniqueKeysWithValues: lanes.map { ($0.id, $0) })
        self.keys = Dictionary(uniqueKeysWithValues: keys.map { ($0.hash, $0) })
    }

    public func account(named name: String) -> Account? { accounts.values.first { $0.name == name } }
    public func tenant(named name: String) -> Tenant? { tenants.values.first { $0.name == name } }

    /// Whose key this is, or nil for one that is unknown or revoked.
    ///
    /// The look-up goes by the key's hash, whose timing says nothing about the key; the hash is then compared in
    /// constant time all the same.
    public func owner(of key: String) -> KeyRecord? {
        let hash = APIKey.hash(key)
        guard let record = keys[hash], APIKey.matches(hash, record.hash) else { return nil }
        return record
    }
}
