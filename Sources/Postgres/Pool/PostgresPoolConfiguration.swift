/// How many connections a pool keeps and how long callers wait for one.
public struct PostgresPoolConfiguration: Sendable {
    /// At most so many connections at once, each with a thread.
    public var maxConnections = 8
    /// How long a caller waits for a connection before it gets `.poolExhausted`.
    public var acquireTimeout: Duration = .seconds(3)
    /// How many callers may wait at once; the next one gets `.poolExhausted` without a wait.
    public var maxWaiters = 1024
    /// A connection unused for so long is closed.
    public var idleTimeout: Duration = .seconds(300)
    /// A connection is replaced at this age, so that a pool follows a failover and servers' memory is freed.
    public var maxLifetime: Duration = .seconds(1800)
    /// An unused connection is asked for a sign of life this often.
    public var pingInterval: Duration = .seconds(15)
    /// How long the sign of life may take.
    public var pingTimeout: Duration = .seconds(2)

    public init(maxConnections: Int = 8) {
        self.maxConnections = maxConnections
    }
}
