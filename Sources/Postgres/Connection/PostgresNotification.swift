/// A message that a session sent with `NOTIFY`.
public struct PostgresNotification: Sendable, Hashable {
    public var channel: String
    /// Empty when none was given; at most 8000 bytes.
    public var payload: String
    /// The server process of the session that sent it.
    public var backendPID: Int32
}
