public import Mail
public import Postgres
public import Telemetry

/// Reads which requests messages came with, for those whose traces are recorded.
public struct TraceReader: Sendable {
    private let pool: PostgresPool

    public init(pool: PostgresPool) {
        self.pool = pool
    }

    /// Only of messages that have one. Nothing when it cannot be read: a trace is for looking at.
    public func traces(of messages: some Sequence<MessageID>) async -> [MessageID: TraceContext] {
        let ids = Set(messages).map(\.uuid)
        guard !ids.isEmpty else { return [:] }
        let rows = try? await pool.query(
            """
            SELECT message.id, message.trace
            FROM unnest(\(ids)) AS wanted (id) JOIN message ON message.id = wanted.id WHERE message.trace IS NOT NULL
            """
        ).decode(PostgresUUID.self, [UInt8].self)
        var traces: [MessageID: TraceContext] = [:]
        for (uuid, bytes) in rows ?? [] {
            guard let id = MessageID(high: uuid.high, low: uuid.low) else { continue }
            traces[id] = TraceContext(bytes: bytes)
        }
        return traces
    }
}
