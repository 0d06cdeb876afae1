public import Mail
public import Outbox

/// Lists a tenant's mail, newest first; `after` is for older ones, `before` for newer ones.
public protocol MailListing: Sendable {
    func messages(
        tenantID: Int32,
        filter: MessageFilter,
        limit: Int,
        after: MessageID?,
        before: MessageID?
    ) async throws -> ListPage<ListedMessage, MessageID>

    func recipients(
        tenantID: Int32,
        filter: RecipientFilter,
        limit: Int,
        after: OutboxID?,
        before: OutboxID?
    ) async throws -> ListPage<ListedRecipient, OutboxID>
}

/// Says what a tenant used, and what its lanes get now.
public protocol UsageReading: Sendable {
    func usage(tenantID: Int32, from first: String, to last: String) async throws -> Usage
    /// In the order of their numbers; lanes that are not the tenant's are left out.
    func rates(tenantID: Int32, lanes: [Int32]) async throws -> [LaneRate]
    /// How much waits in them.
    func depths(tenantID: Int32, lanes: [Int32]) async throws -> [QueueDepth]
}

extension ListReader: MailListing {}
extension UsageReader: UsageReading {}
