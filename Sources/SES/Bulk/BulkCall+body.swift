import FoundationEssentials
public import Mail

extension BulkCall {
    /// What an entry's texts take in a request, at most.
    public struct Size: Hashable, Sendable {
        /// Bytes of the JSON text that they are sent as. SES counts its characters, of which there are no more.
        public let data: Int
        /// Bytes of the body, where that text stands inside of another.
        public let body: Int

        /// They can be an entry, or what entries share.
        public var fits: Bool { data <= BulkCall.maximumDataSize }
    }

    public static func size(of content: TemplateSource) -> Size {
        var data = 64
        var body = 512
        for part in [content.subject, content.text ?? "", content.html ?? ""] {
            for byte in part.utf8 {
                let (once, twice) =
                    switch byte {
                    case UInt8(ascii: "\""), UInt8(ascii: "\\"): (2, 4)
                    case 0x09, 0x0A, 0x0D: (2, 3)
                    case 0..<0x20: (6, 7)
                    default: (1, 1)
                    }
                data += once
                body += twice
            }
        }
        return Size(data: data, body: body)
    }

    /// The JSON of `SendBulkEmail` (SES API v2).
    func body(configurationSet defaultConfigurationSet: String?) -> [UInt8] {
        let capacity = entries.reduce(4096) { $0 + ($1.content?.size ?? 0) * 5 / 4 + 512 }
        var writer = JSONWriter(capacity: capacity)
        writer.object { writer in
            writer.member("FromEmailAddress", from)
            if let identityARN { writer.member("FromEmailAddressIdentityArn", identityARN) }
            if let feedbackAddress { writer.member("FeedbackForwardingEmailAddress", feedbackAddress) }
            if let feedbackIdentityARN {
                writer.member("FeedbackForwardingEmailAddressIdentityArn", feedbackIdentityARN)
            }
            if !replyTo.isEmpty { writer.member("ReplyToAddresses") { $0.array(replyTo) { $0.text($1) } } }
            writer.member("DefaultContent") { $0.object { $0.member("Template") { $0.object(writeTemplate) } } }
            writer.member("BulkEmailEntries") { $0.array(entries, Self.write) }
            if let set = configurationSet ?? defaultConfigurationSet { writer.member("ConfigurationSetName", set) }
        }
        return writer.bytes
    }

    private func writeTemplate(_ writer: inout JSONWriter) {
        writer.member("TemplateContent") { writer in
            writer.object { writer in
                writer.member("Subject", "{{subject}}")
                if shared.text != nil { writer.member("Text", "{{text}}") }
                if shared.html != nil { writer.member("Html", "{{html}}") }
            }
        }
        writer.member("TemplateData", Self.data(shared))
        writer.pairs("Headers", headers.map { ($0.name, $0.value) })
    }

    private static func write(_ writer: inout JSONWriter, _ entry: Entry) {
        writer.object { writer in
            writer.member("Destination") {
                $0.object { $0.member("ToAddresses") { $0.array([entry.to]) { $0.text($1) } } }
            }
            writer.pairs("ReplacementTags", entry.tags.map { ($0.name, $0.value) })
            writer.pairs("ReplacementHeaders", entry.headers.map { ($0.name, $0.value) })
            guard let content = entry.content else { return }
            writer.member("ReplacementEmailContent") { writer in
                writer.object { writer in
                    writer.member("ReplacementTemplate") {
                        $0.object { $0.member("ReplacementTemplateData", data(content)) }
                    }
                }
            }
        }
    }

    /// The values of the three tags, as the JSON text that SES wants inside of its JSON.
    private static func data(_ content: TemplateSource) -> String {
        var writer = JSONWriter(capacity: content.size * 9 / 8 + 64)
        writer.object { writer in
            writer.member("subject", content.subject)
            if let text = content.text { writer.member("text", text) }
            if let html = content.html { writer.member("html", html) }
        }
        return String(decoding: writer.bytes, as: UTF8.self)
    }
}
