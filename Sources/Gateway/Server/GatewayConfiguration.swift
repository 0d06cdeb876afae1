public import Directory

/// The limits and addresses of the two listeners.
public struct GatewayConfiguration: Sendable {
    public var publicAddress = ListenAddress(host: "127.0.0.1", port: 8080)
    public var operatorAddress = ListenAddress(host: "127.0.0.1", port: 8081)

    /// Whose `X-Forwarded-For` counts where a key is bound to networks, and who speaks for many; nil: nobody's.
    public var trustedProxies: SourceNetworks?

    /// Where the public listener is reached from outside, without a path; nil: as each request came.
    public var publicURL: String?

    /// The largest message in bytes, MIME encoding included; at most 40,000,000 (SES).
    public var maximumMessageBytes = 10 << 20

    /// Request bodies that may be in memory at once, in bytes; over it, requests are refused with 429.
    public var maximumBodyBytesAtOnce = 128 << 20

    /// Broadcasts that may be arriving or being stored at once; over it, they are refused with 503.
    public var maximumBroadcasts = 4

    /// What arriving broadcasts may take on disk together, in bytes; over it, they are refused with 503.
    public var maximumSpoolBytes = 512 << 20

    /// How long the body of a broadcast may take altogether.
    public var broadcastTimeout = Duration.seconds(600)

    /// Requests a second of a tenant whose limits name none, on all nodes together.
    public var standardAPIRate = 20_000

    /// Requests of one tenant that may ask the database at once, besides those that bring mail; the others of it wait.
    public var maximumTenantReads = 4
    /// Searches of one tenant that are under way at once; half of the connections that lists have.
    public var maximumTenantSearches = 2

    /// Requests of one tenant that may be under way on a node.
    public var maximumTenantRequests = 1024

    /// Open connections of one listener. For one more, the one that has been idle for longest is closed; where none is idle, the
    /// new one.
    public var maximumConnections = 4096

    /// The same for those from one address (of IPv6: one /64 network).
    public var maximumConnectionsPerSource = 512

    /// Requests that may wait on one connection for the answer to the one before (pipelining). Beyond, the connection takes no
    /// more, and is closed when those are answered.
    public var maximumPipelined = 100

    /// A connection without a whole request head for so long is closed, one on which a body makes no progress, and one whose
    /// client does not read its answers.
    public var idleTimeout = Duration.seconds(60)

    /// How long a request's body may take altogether.
    public var bodyTimeout = Duration.seconds(120)

    public init() {}

    /// The largest request body: a raw message grows by a third in base64, by a little more when that is wrapped into
    /// lines, and the other members need room too.
    var maximumBodyBytes: Int { maximumMessageBytes / 2 * 3 + (1 << 20) }

    /// Holds connections back from descriptors that the rest of the process needs: those to the database, to SES and to webhooks.
    /// Both listeners together may have three quarters of all.
    ///
    /// - Parameter openFiles: how many the process may have open.
    public mutating func fit(openFiles: Int) {
        maximumConnections = min(maximumConnections, max(1, openFiles / 8 * 3))
        maximumConnectionsPerSource = min(maximumConnectionsPerSource, max(1, maximumConnections / 2))
    }

    /// Whether any number of connections may come from an address: a proxy's, on this machine or a trusted one.
    func isProxy(_ address: String) -> Bool {
        address == "127.0.0.1" || address == "::1" || trustedProxies?.contains(address) ?? false
    }
}
