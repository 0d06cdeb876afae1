/// A stretch of a tenant's feed.
public struct FeedPage: Sendable {
    /// In order. What retention has dropped is missing.
    public let entries: [FeedEntry]
    /// Where the stretch ends and the next one starts: behind the last entry, and behind what was dropped.
    public let end: FeedPosition
    /// Whether there is more behind it.
    public let hasMore: Bool
}
