/// What was drawn for a request when it had been read: how long until it counts, how long from then to the answer, and
/// what goes wrong.
struct Plan: Sendable {
    /// Nanoseconds from the end of the request to the instant at which it counts.
    var before: Int64
    /// Nanoseconds from that instant to the answer.
    var after: Int64
    var fault: FaultRule.Fault?
}
