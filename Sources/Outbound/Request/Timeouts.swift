/// How long each phase of a call may take.
public struct Timeouts: Sendable, Equatable {
    /// From the start of the transfer until a connection is ready for the request: waiting for one of the host's
    /// connections, name resolution, TCP and TLS.
    public var connect: Duration

    /// From the request's last byte given to the socket until the whole answer is in.
    public var response: Duration

    /// From `send` being called to the end, waiting for a free transfer included.
    public var total: Duration

    public init(
        connect: Duration = .seconds(5),
        response: Duration = .seconds(30),
        total: Duration = .seconds(60)
    ) {
        self.connect = connect
        self.response = response
        self.total = total
    }
}

/// The phase whose time ran out; see ``Timeouts``.
public enum TimeoutPhase: String, Hashable, Sendable {
    case connect
    case response
    case total
}
