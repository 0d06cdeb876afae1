public import Mail

extension Tenant {
    /// The accounts that its mail goes out through: those that it is routed to.
    public var sendingAccounts: [String] { Set(routes.values.map(\.account)).sorted() }

    /// The identity of another AWS account that is used for a sender at an account, as configured.
    public func identityARN(for sender: SenderName, account: String) -> String? {
        rules.all.first { rule in
            rule.account == account && rule.identityARN != nil
                && (rule.name == sender || rule.name?.text == sender.domain.ascii)
        }?.identityARN
    }
}

extension DirectorySnapshot {
    /// The configuration sets that tenants' mail goes out with at an account, where they are not the account's.
    public func configurationSets(ofTenantsAt account: Account) -> [String] {
        let rules = tenants.values.flatMap(\.rules.all).filter { $0.account == account.name }
        return Set(rules.flatMap(\.configurationSets.values)).filter { $0 != account.configurationSet }.sorted()
    }
}
