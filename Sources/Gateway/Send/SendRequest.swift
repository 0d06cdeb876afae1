import Mail
import StrictCoding

/// The body of `POST /send`, as it was written: right in form, not yet in content.
struct SendRequest: Decodable {
    let from: String
    let to: AddressField?
    let cc: AddressField?
    let bcc: AddressField?
    let replyTo: AddressField?
    let subject: String?
    let text: String?
    let html: String?
    let headers: [String: String]?
    let attachments: [SendAttachment]?
    let raw: String?
    let template: String?
    let data: TemplateValue?
    let region: String?
    let stream: String?
    let priority: String?
    let scheduledAt: String?
    let expiresAt: String?
    let tags: [String: String]?
    let metadata: [String: String]?
    let split: Bool?

    private enum Keys: String, CodingKey, CaseIterable {
        case from, to, cc, bcc, subject, text, html, headers, attachments, raw, template, data, region, stream, priority
        case tags, metadata, split
        case replyTo = "reply_to"
        case scheduledAt = "scheduled_at"
        case expiresAt = "expires_at"
    }

    init(from decoder: any Decoder) throws {
        let members = try decoder.strictContainer(keyedBy: Keys.self)
        from = try members.decode(String.self, forKey: .from)
        to = try members.addresses(forKey: .to)
        cc = try members.addresses(forKey: .cc)
        bcc = try members.addresses(forKey: .bcc)
        replyTo = try members.addresses(forKey: .replyTo)
        subject = try members.decodeIfPresent(String.self, forKey: .subject)
        text = try members.decodeIfPresent(String.self, forKey: .text)
        html = try members.decodeIfPresent(String.self, forKey: .html)
        headers = try members.decodeIfPresent([String: String].self, forKey: .headers)
        attachments = try members.decodeIfPresent([SendAttachment].self, forKey: .attachments)
        raw = try members.decodeIfPresent(String.self, forKey: .raw)
        template = try members.decodeIfPresent(String.self, forKey: .template)
        data = try members.decodeIfPresent(TemplateValue.self, forKey: .data)
        region = try members.decodeIfPresent(String.self, forKey: .region)
        stream = try members.decodeIfPresent(String.self, forKey: .stream)
        priority = try members.decodeIfPresent(String.self, forKey: .priority)
        scheduledAt = try members.decodeIfPresent(String.self, forKey: .scheduledAt)
        expiresAt = try members.decodeIfPresent(String.self, forKey: .expiresAt)
        tags = try members.decodeIfPresent([String: String].self, forKey: .tags)
        metadata = try members.decodeIfPresent([String: String].self, forKey: .metadata)
        split = try members.decodeIfPresent(Bool.self, forKey: .split)
    }
}

extension KeyedDecodingContainer {
    /// One address or an array of them; nil where there is none.
    fileprivate func addresses(forKey key: Key) throws -> AddressField? {
        guard contains(key), try !decodeNil(forKey: key) else { return nil }
        if let one = try? decode(String.self, forKey: key) { return .one(one) }
        guard var list = try? nestedUnkeyedContainer(forKey: key) else {
            throw DecodingError.dataCorruptedError(
                forKey: key,
                in: self,
                debugDescription: "must be a string or an array of strings"
            )
        }
        var texts: [String] = []
        while !list.isAtEnd { texts.append(try list.decode(String.self)) }
        return .many(texts)
    }
}
