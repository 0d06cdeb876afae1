public import Mail

/// What there still is of what a message said.
public enum KeptContent: Sendable {
    case whole(MessageContent)
    case templated(TemplatedContent)
    /// Retention, or an erasure, has removed it.
    case removed
    /// It is sealed, and its key cannot be had here.
    case sealed
}
