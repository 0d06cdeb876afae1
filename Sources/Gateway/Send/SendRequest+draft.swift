import Mail

extension SendRequest {
    /// The message itself, and what cannot be read of it.
    func draft() -> (draft: Draft, failures: [ValidationFailure]) {
        var failures: [ValidationFailure] = []
        func decoded(_ text: String, at pointer: String) -> [UInt8] {
            guard let bytes = Base64Text.decode(text) else {
                failures.append(ValidationFailure(pointer: pointer, detail: "is not base64 (RFC 4648, section 4)"))
                return []
            }
            return bytes
        }
        let attachments = (attachments ?? []).enumerated().map { index, attachment in
            Draft.Attachment(
                filename: attachment.filename,
                content: decoded(attachment.content, at: "/attachments/\(index)/content"),
                contentType: attachment.contentType,
                contentID: attachment.contentID
            )
        }
        let draft = Draft(
            from: from,
            to: to ?? [],
            cc: cc ?? [],
            bcc: bcc ?? [],
            replyTo: replyTo ?? [],
            subject: subject,
            text: text,
            html: html,
            // JSON objects have no order.
            headers: (headers ?? [:]).sorted { $0.key < $1.key }.map { HeaderField(name: $0.key, value: $0.value) },
            attachments: attachments,
            raw: raw.map { decoded($0, at: "/raw") }
        )
        return (draft, failures)
    }
}
