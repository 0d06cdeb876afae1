public import Mail
public import Outbox

/// Takes down that somebody does not want a tenant's bulk mail any more.
public protocol UnsubscribeKeeping: Sendable {
    /// Whether it is news.
    func unsubscribe(_ email: String, from copy: OutboxID, tenantID: Int32) async throws -> Bool
}

extension UnsubscribeStore: UnsubscribeKeeping {}

/// What the links in bulk mail's headers stand on.
public struct UnsubscribeServices: Sendable {
    let directory: any DirectorySource
    let store: any UnsubscribeKeeping

    public init(directory: any DirectorySource, store: any UnsubscribeKeeping) {
        self.directory = directory
        self.store = store
    }
}
