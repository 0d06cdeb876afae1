/// What goes wrong with an event on its way from SES to the receiver.
public enum EventFault: Sendable, Equatable {
    /// Nobody hears of it.
    case drop
    /// It comes `times` more, as the same SNS message or as others.
    case duplicate(times: Int, sameID: Bool)
    /// It comes later by this much. Goes together with a later rule's fault.
    case delay(Duration)
    /// A message's events come in the opposite order.
    case reorder
    /// The signature is another text's.
    case forge
    /// It comes from a topic that nobody allowed.
    case foreignTopic(arn: String)
    /// Its envelope is older, or newer where negative, than it can be.
    case shiftedTimestamp(Duration)
    /// The message's tags are missing.
    case noTags
    /// The tag names another id.
    case foreignTag(id: String)
    /// It is filled up to so many bytes.
    case giant(bytes: Int)
    /// Its JSON ends in the middle.
    case malformed
    /// Its type is one that nobody knows.
    case unknownType

    /// Whether a receiver that is right takes nothing from it.
    var losesEvent: Bool {
        switch self {
        case .duplicate, .delay, .reorder, .noTags: false
        case .drop, .forge, .foreignTopic, .shiftedTimestamp, .foreignTag, .giant, .malformed, .unknownType: true
        }
    }
}
