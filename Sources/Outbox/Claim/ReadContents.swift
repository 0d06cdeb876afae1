public import Mail

/// The stored contents of some messages.
public struct ReadContents: Sendable {
    public var known: [MessageID: StoredContent] = [:]
    /// Stored by a newer node in a form that this one does not know.
    public var foreign: Set<MessageID> = []
}
