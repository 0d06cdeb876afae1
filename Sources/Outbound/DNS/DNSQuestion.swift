/// A question to DNS.
public struct DNSQuestion: Hashable, Sendable {
    /// The kinds of records that are asked for (RFC 1035, section 3.2.2).
    public enum Kind: Int32, Sendable, Codable {
        case cname = 5
        case mx = 15
        case txt = 16
    }

    /// ASCII, without a dot at the end.
    public let name: String
    public let kind: Kind

    public init(_ name: String, _ kind: Kind) {
        self.name = name
        self.kind = kind
    }
}

/// What DNS says to a question.
public enum DNSAnswer: Hashable, Sendable {
    /// The records as texts: a target's name in lower case, `10 mail.example`, or a text with its pieces joined. Sorted. Empty
    /// where there are none.
    case records([String])
    /// There was no answer, for this reason; nothing is known.
    case unknown(String)
}
