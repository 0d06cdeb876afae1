public import Postgres

/// Names one event: its outbox row and what happened to it. A notice that is about no message has an id of its own in
/// the row's place.
public struct EventReference: Hashable, Sendable {
    public let outboxID: PostgresUUID
    public let identity: String

    public init(outboxID: PostgresUUID, identity: String) {
        self.outboxID = outboxID
        self.identity = identity
    }
}
