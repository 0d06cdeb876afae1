public import Mail

/// How much to claim from one queue.
public struct ClaimWant: Sendable {
    public let laneID: Int32
    public let priority: Priority
    /// The recipients that the claimed entries may have together.
    public let recipients: Int
    /// Take the entry at the head whatever its size.
    public let takesOversized: Bool

    public init(laneID: Int32, priority: Priority, recipients: Int, takesOversized: Bool = false) {
        self.laneID = laneID
        self.priority = priority
        self.recipients = recipients
        self.takesOversized = takesOversized
    }
}

/// What one claim brought for each want, in the order of the wants.
public struct Claimed: Sendable {
    public struct Answer: Sendable {
        public var entries: [Entry] = []
        /// The recipients of the entry at the head that did not fit.
        public var blockedBy: Int?
    }

    public struct Entry: Sendable {
        public let id: EntryID
        public let recipients: Int

        public init(id: EntryID, recipients: Int) {
            self.id = id
            self.recipients = recipients
        }
    }

    /// The claim's number; nil when nothing was claimed.
    public var id: Int64?
    public var answers: [Answer]
}
