/// Which versions of an account or a tenant a change may start from: the `If-Match` of the admin API.
public enum VersionCondition: Equatable, Sendable {
    case any
    /// Any, but there must be one.
    case existing
    case oneOf(Set<Int64>)

    /// - Throws: `DirectoryError.staleVersion` that says which version it is.
    func check(_ account: Account) throws(DirectoryError) {
        try check(account.version, of: "account \(account.name)")
    }

    func check(_ tenant: Tenant) throws(DirectoryError) { try check(tenant.version, of: "tenant \(tenant.name)") }

    private func check(_ version: Int64, of object: String) throws(DirectoryError) {
        guard case .oneOf(let versions) = self, !versions.contains(version) else { return }
        throw DirectoryError(
            .staleVersion,
            "\(object) is at version \(version) and not the one that you saw: read it again"
        )
    }
}
