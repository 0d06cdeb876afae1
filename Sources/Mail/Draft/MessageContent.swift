/// What is handed to SES: the parts of a plain mail, or a whole MIME message for all recipients.
public enum MessageContent: Hashable, Sendable {
    case simple(SimpleContent)
    case raw([UInt8])
}
