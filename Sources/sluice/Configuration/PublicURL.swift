/// `public_url`: where the public listener is reached from outside.
struct PublicURL: Decodable {
    /// Links in mail have room for no more.
    private static let longest = 200

    /// Without a slash at its end.
    let text: String

    init?(_ text: String) {
        guard let scheme = ["https://", "http://"].first(where: { text.hasPrefix($0) }),
            text.utf8.count <= Self.longest,
            text.utf8.allSatisfy({ $0 > 0x20 && $0 < 0x7F }), !text.contains(where: { "<>\"?#@\\".contains($0) })
        else { return nil }
        let rest = text.dropFirst(scheme.count)
        guard let first = rest.first, first != "/" else { return nil }
        var trimmed = text[...]
        while trimmed.last == "/" { trimmed.removeLast() }
        self.text = String(trimmed)
    }

    init(from decoder: any Decoder) throws {
        let container = try decoder.singleValueContainer()
        guard let url = PublicURL(try container.decode(String.self)) else {
            throw DecodingError.dataCorruptedError(
                in: container,
                debugDescription: "must be an https:// URL of at most \(Self.longest) characters, without query or user"
            )
        }
        self = url
    }
}
