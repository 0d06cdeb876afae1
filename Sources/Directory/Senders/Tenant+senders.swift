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
