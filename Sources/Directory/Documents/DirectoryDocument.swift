/// What `sluice apply` writes: the accounts and tenants of a configuration file.
public struct DirectoryDocument: Equatable, Sendable {
    public var accounts: [AccountDocument]
    public var tenants: [TenantDocument]

    public init(accounts: [AccountDocument], tenants: [TenantDocument]) {
        self.accounts = accounts
        self.tenants = tenants
    }
}
