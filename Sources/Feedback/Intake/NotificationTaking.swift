/// What the intake hands its notifications to.
public protocol NotificationTaking: Sendable {
    /// Returns once what it answers is durable.
    func take(_ notification: Notification) async -> NotificationResult
}
