import StrictCoding

/// A file as `POST /send` takes it.
struct SendAttachment: Decodable {
    let filename: String
    /// Base64.
    let content: String
    let contentType: String?
    let contentID: String?

    private enum Keys: String, CodingKey, CaseIterable {
        case filename, content
        case contentType = "content_type"
        case contentID = "content_id"
    }

    init(from decoder: any Decoder) throws {
        let members = try decoder.strictContainer(keyedBy: Keys.self)
        filename = try members.decode(String.self, forKey: .filename)
        content = try members.decode(String.self, forKey: .content)
        contentType = try members.decodeIfPresent(String.self, forKey: .contentType)
        contentID = try members.decodeIfPresent(String.self, forKey: .contentID)
    }
}
