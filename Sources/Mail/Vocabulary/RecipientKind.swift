/// Where a recipient stands in the message's header; a `bcc` recipient stands in none.
public enum RecipientKind: String, CaseIterable, Codable, Sendable {
    case to
    case cc
    case bcc
}
