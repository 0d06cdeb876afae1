/// A checked draft, and the two forms it can take.
struct DraftParts {
    private static let maximumSimpleHeaders = 15
    /// Longer address forms (a long name in encoded words) go into a MIME header, where they can be folded.
    private static let maximumSimpleAddress = 320

    private let from: EmailAddress
    private let recipients: [Recipient]
    private let replyTo: [EmailAddress]
    private let subject: String
    private let text: String?
    private let html: String?
    private let headers: [HeaderField]
    private let attachments: [CheckedAttachment]

    init(_ draft: Draft, check: DraftCheck, from: EmailAddress) {
        self.from = from
        recipients = check.recipients
        replyTo = check.replyTo
        subject = draft.subject ?? ""
        text = draft.text.flatMap { $0.isEmpty ? nil : $0 }
        html = draft.html.flatMap { $0.isEmpty ? nil : $0 }
        headers = check.headers
        attachments = check.attachments
    }

    /// Nil when the mail is not plain enough for SES's simple form.
    var simple: SimpleContent? {
        guard recipients.count == 1, let recipient = recipients.first, recipient.kind == .to, attachments.isEmpty,
            headers.count <= Self.maximumSimpleHeaders, headers.allSatisfy(HeaderRules.fitsSimple),
            haveDistinctNames(headers),
            !EncodedWord.looksEncoded(subject)
        else { return nil }
        let from = from.headerForm
        let to = recipient.address.headerForm
        let replyTo = replyTo.map(\.headerForm)
        guard ([from, to] + replyTo).allSatisfy({ $0.utf8.count <= Self.maximumSimpleAddress }) else { return nil }
        return SimpleContent(
            from: from,
            to: to,
            replyTo: replyTo,
            subject: subject,
            text: text,
            html: html,
            headers: headers
        )
    }

    /// A field that stands twice is left to MIME, because SES does not say what it makes of two of a name.
    private func haveDistinctNames(_ fields: [HeaderField]) -> Bool {
        Set(fields.map { $0.name.lowercased() }).count == fields.count
    }

    var simpleSize: Int {
        [subject, text ?? "", html ?? ""].reduce(0) { $0 + $1.utf8.count }
            + headers.reduce(0) { $0 + $1.name.utf8.count + $1.value.utf8.count + 4 }
    }

    func mime(seed: UInt64) -> [UInt8] {
        MIMEWriter.message(tree, boundarySeed: seed) { header in
            header.addresses("From", [from])
            for (name, kind) in [("To", RecipientKind.to), ("Cc", .cc)] {
                let listed = recipients.filter { $0.kind == kind }.map(\.address)
                // SES refuses an empty To header, but takes a message without one.
                if !listed.isEmpty { header.addresses(name, listed) }
            }
            if !replyTo.isEmpty { header.addresses("Reply-To", replyTo) }
            header.begin("Subject")
            header.unstructured(subject)
            header.end()
            for field in headers {
                header.begin(field.name)
                if HeaderRules.isStructured(field.name.lowercased()) {
                    header.words(field.value)
                } else {
                    header.unstructured(field.value)
                }
                header.end()
            }
            header.field("MIME-Version", "1.0")
        }
    }

    /// mixed(alternative(text, related(html, inline files)), files), each level only where it is needed.
    private var tree: MIMEPart {
        let inline = html == nil ? [] : attachments.filter { $0.contentID != nil }
        let files = html == nil ? attachments : attachments.filter { $0.contentID == nil }
        var body: [MIMEPart] = []
        if let text { body.append(.text("text/plain", text)) }
        if let html {
            let page = MIMEPart.text("text/html", html)
            let images = inline.map { MIMEPart.file($0, inline: true) }
            body.append(
                images.isEmpty
                    ? page : .multipart(subtype: "related", parameters: [("type", "text/html")], parts: [page] + images)
            )
        }
        let root = body.count == 1 ? body[0] : .multipart(subtype: "alternative", parameters: [], parts: body)
        if files.isEmpty { return root }
        let parts = [root] + files.map { MIMEPart.file($0, inline: $0.contentID != nil) }
        return .multipart(subtype: "mixed", parameters: [], parts: parts)
    }
}
