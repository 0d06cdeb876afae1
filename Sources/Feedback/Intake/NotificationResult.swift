/// What became of a notification, once it is durable.
public enum NotificationResult: Hashable, Sendable {
    /// Applied, known already, waiting durably, or not ours and counted.
    case done
    /// It can never be applied: the intake keeps it for the operator.
    case kept(reason: String, detail: String)
    /// Transient: the sender is to try again.
    case busy
}
