/// How long the phases of one call took. What a reused connection did not need is zero.
public struct TransferTimings: Sendable, Equatable {
    /// Waiting for a free transfer of the client.
    public var queue = Duration.zero
    public var nameLookup = Duration.zero
    /// TCP.
    public var connect = Duration.zero
    public var tls = Duration.zero
    /// From the request's last byte given to the socket to the first byte of the answer, to the accuracy of one turn of
    /// the client's loop.
    public var firstByte = Duration.zero
    /// From `send` to the end of the answer.
    public var total = Duration.zero

    public init() {}
}
