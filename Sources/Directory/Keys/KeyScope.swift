/// What a tenant's key may be used for. The raw values are the API's.
public enum KeyScope: String, CaseIterable, Sendable {
    /// Sends mail, and cancels what waits.
    case send
    /// Reads messages, events and figures.
    case read
    case webhooks
    case suppressions
    case templates
    /// Makes, changes and revokes keys that may do no more than itself.
    case keys
    /// Reads what messages say.
    case content

    /// What a key may do unless its maker says it: everything but to read what others were written.
    public static let standard = Set(allCases).subtracting([.content])
}
