/// Which versions of an account a change may start from: the `If-Match` of the admin API.
public enum VersionCondition: Equatable, Sendable {
    case any
    /// Any, but there must be one.
    case existing
    case oneOf(Set<Int64>)

    /// - Throws: `DirectoryError.staleVersion` that says which version it is.
    func check(_ account: Account) throws(DirectoryError) {
        guard case .oneOf(let versions) = self, !versions.contains(account.version) else { return }
        throw DirectoryError(
            .staleVersion,
            "account \(account.name) is at version \(account.version) and not the one that you saw: read it again"
        )
    }
}
