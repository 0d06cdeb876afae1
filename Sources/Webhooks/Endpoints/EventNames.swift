import Directory
import Mail

/// The event types that endpoints ask for and test events bear.
public enum EventNames {
    /// An endpoint was disabled.
    public static let disabled = "webhook.disabled"
    /// Only by `POST /webhooks/{id}/test`.
    public static let test = "webhook.test"

    /// What an endpoint may ask for.
    public static let known = EventType.allCases.map(\.rawValue) + [disabled] + StandingNotice.allCases.map(\.rawValue)

    /// What a delivery may be of.
    public static let delivered = known + [test]
}
