/// The body of `POST /send`.
struct Submission: Encodable, Sendable {
    struct Attachment: Encodable, Sendable {
        var filename: String
        var content: String
        var contentType: String

        private enum CodingKeys: String, CodingKey {
            case filename, content
            case contentType = "content_type"
        }
    }

    var from = "Shop <shop@apa.example>"
    var to = ["reader@example.org"]
    var subject: String? = "Hello"
    var text: String? = "It works."
    var html: String?
    var raw: String?
    var attachments: [Attachment]?
    var region: String?
    var stream: String?
    var scheduledAt: String?
    var expiresAt: String?

    private enum CodingKeys: String, CodingKey {
        case from, to, subject, text, html, raw, attachments, region, stream
        case scheduledAt = "scheduled_at"
        case expiresAt = "expires_at"
    }
}
