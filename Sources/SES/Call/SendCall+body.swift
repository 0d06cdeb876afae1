import FoundationEssentials
import Mail

extension SendCall {
    /// The JSON of `SendEmail` (SES API v2). Texts are UTF-8; a raw message is encoded in Base64 once.
    func body(defaultConfigurationSet: String?) -> [UInt8] {
        var writer = JSONWriter(capacity: 1024 + contentSize)
        writer.object { writer in
            writer.member("FromEmailAddress", from)
            if let identityARN { writer.member("FromEmailAddressIdentityArn", identityARN) }
            if let feedbackAddress { writer.member("FeedbackForwardingEmailAddress", feedbackAddress) }
            if let feedbackIdentityARN {
                writer.member("FeedbackForwardingEmailAddressIdentityArn", feedbackIdentityARN)
            }
            writer.member("Destination") { $0.object(writeDestination) }
            if case .simple(let simple) = content, !simple.replyTo.isEmpty {
                writer.member("ReplyToAddresses") { $0.array(simple.replyTo) { $0.text($1) } }
            }
            writer.member("Content") { $0.object(writeContent) }
            writer.pairs("EmailTags", tags.map { ($0.name, $0.value) })
            if let set = configurationSet ?? defaultConfigurationSet { writer.member("ConfigurationSetName", set) }
        }
        return writer.bytes
    }

    private func writeDestination(_ writer: inout JSONWriter) {
        if !to.isEmpty { writer.member("ToAddresses") { $0.array(to) { $0.text($1) } } }
        if !cc.isEmpty { writer.member("CcAddresses") { $0.array(cc) { $0.text($1) } } }
        if !bcc.isEmpty { writer.member("BccAddresses") { $0.array(bcc) { $0.text($1) } } }
    }

    private func writeContent(_ writer: inout JSONWriter) {
        switch content {
        case .raw(let message):
            writer.member("Raw") { writer in
                writer.object { writer in
                    writer.member("Data") { $0.plainText(Data(message).base64EncodedData()) }
                }
            }
        case .simple(let simple):
            writer.member("Simple") { $0.object { simple.write(to: &$0) } }
        }
    }

    private var contentSize: Int {
        switch content {
        case .raw(let message): message.count / 3 * 4 + 4
        case .simple(let simple):
            (simple.text?.utf8.count ?? 0) + (simple.html?.utf8.count ?? 0) + simple.subject.utf8.count
        }
    }
}

extension SimpleContent {
    fileprivate func write(to writer: inout JSONWriter) {
        writer.member("Subject") { $0.content(subject) }
        writer.member("Body") { writer in
            writer.object { writer in
                // A body must have a part.
                if let text = text ?? (html == nil ? "" : nil) { writer.member("Text") { $0.content(text) } }
                if let html { writer.member("Html") { $0.content(html) } }
            }
        }
        writer.pairs("Headers", headers.map { ($0.name, $0.value) })
    }
}

extension JSONWriter {
    /// SES's `Content`: a text with its charset.
    fileprivate mutating func content(_ text: String) {
        object { writer in
            writer.member("Data", text)
            writer.member("Charset", "UTF-8")
        }
    }
}
