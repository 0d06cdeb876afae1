/// The limits and addresses of the two listeners.
public struct GatewayConfiguration: Sendable {
    public var publicAddress = ListenAddress(host: "127.0.0.1", port: 8080)
    public var operatorAddress = ListenAddress(host: "127.0.0.1", port: 8081)

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

    /// Open connections of one listener; more wait in the kernel's queue.
    public var maximumConnections = 4096

    /// A connection without a whole request head for so long is closed, and one on which a body makes no progress.
    public var idleTimeout = Duration.seconds(60)

    /// How long a request's body may take altogether.
    public var bodyTimeout = Duration.seconds(120)

    public init() {}

    /// The largest request body: a raw message grows by a third in base64, by a little more when that is wrapped into
    /// lines, and the other members need room too.
    var maximumBodyBytes: Int { maximumMessageBytes / 2 * 3 + (1 << 20) }
}
