/// What became of a notification, once it is durable.
public enum NotificationResult: Hashable, Sendable {
    /// About mail of ours: applied, or known already.
    case done
    /// About no mail that is known to be ours: counted and dropped, waiting durably for its row, or a notice in words.
    case notOurs
    /// It can never be applied: the intake keeps it for the operator.
    case kept(reason: String, detail: String)
    /// Transient: the sender is to try again.
    case busy
}
