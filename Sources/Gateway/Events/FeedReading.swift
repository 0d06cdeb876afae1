public import Outbox

/// Reads tenants' event feeds.
public protocol FeedReading: Sendable {
    func position(tenantID: Int32, after seq: Int64) async throws -> FeedPosition
    func page(tenantID: Int32, after position: FeedPosition, limit: Int) async throws -> FeedPage
    /// The first place that is kept; nil for a tenant without events.
    func oldest(tenantID: Int32) async throws -> Int64?
    /// The ends of several tenants' feeds in one statement; a tenant without events is missing.
    func heads(of tenantIDs: [Int32]) async throws -> [Int32: FeedPosition]
}

extension FeedReader: FeedReading {}
