/// What a listener tells its consumer.
public enum PostgresListenerEvent: Sendable, Hashable {
    /// The subscription stands from here on. Whatever was notified before, between two connections say, has been missed:
    /// read the state that the notifications are about.
    case resync
    case notification(PostgresNotification)
}
