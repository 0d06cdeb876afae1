/// An address member of a request, which may be one string or an array of strings; failures point at what was written.
public enum AddressField: Hashable, Sendable, ExpressibleByArrayLiteral, ExpressibleByStringLiteral {
    case one(String)
    case many([String])

    public init(arrayLiteral elements: String...) {
        self = .many(elements)
    }

    public init(stringLiteral value: String) {
        self = .one(value)
    }

    /// The addresses as written.
    public var texts: [String] {
        switch self {
        case .one(let text): [text]
        case .many(let texts): texts
        }
    }

    /// Each text with the JSON pointer to it, below `member` (`/to`).
    func pointed(at member: String) -> [(pointer: String, text: String)] {
        switch self {
        case .one(let text): [(member, text)]
        case .many(let texts): texts.enumerated().map { ("\(member)/\($0.offset)", $0.element) }
        }
    }
}
