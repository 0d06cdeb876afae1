/// Finds everything that is wrong with a draft, and keeps what it parsed on the way.
struct DraftCheck {
    static let maximumSubject = 2_000
    private static let maximumItems = 100

    let draft: Draft
    let maximumBytes: Int
    var failures: [ValidationFailure] = []
    private(set) var isTooLarge = false
    private(set) var from: EmailAddress?
    private(set) var recipients: [Recipient] = []
    private(set) var replyTo: [EmailAddress] = []
    private(set) var headers: [HeaderField] = []
    private(set) var attachments: [CheckedAttachment] = []
    private(set) var raw: RawMessage?

    init(_ draft: Draft, maximumBytes: Int) {
        self.draft = draft
        self.maximumBytes = maximumBytes
    }

    mutating func run() {
        from = parse(draft.from, at: "/from")
        checkRecipients()
        if let bytes = draft.raw {
            checkRaw(bytes)
        } else {
            checkReplyTo()
            checkSubject()
            checkBodies()
            checkHeaders()
            checkAttachments()
            checkSize()
        }
    }

    /// What there is to read, and the size of all.
    mutating func checkTexts() {
        checkSubject()
        checkBodies()
        checkSize()
    }

    mutating func fail(_ pointer: String, _ detail: String) {
        failures.append(ValidationFailure(pointer: pointer, detail: detail))
    }

    static func tooLarge(_ size: Int, _ maximum: Int) -> ValidationFailure {
        ValidationFailure(
            pointer: "",
            detail: "the message has \(size) bytes once encoded; at most \(maximum) are accepted"
        )
    }

    private mutating func parse(_ text: String, at pointer: String) -> EmailAddress? {
        do {
            return try EmailAddress(parsing: text)
        } catch {
            fail(pointer, error.message)
            return nil
        }
    }

    private mutating func checkRecipients() {
        let fields: [(RecipientKind, AddressField)] = [(.to, draft.to), (.cc, draft.cc), (.bcc, draft.bcc)]
        let count = fields.reduce(0) { $0 + $1.1.texts.count }
        guard count > 0 else { return fail("/to", "there is no recipient; to, cc or bcc needs one") }
        guard count <= MessageBuilder.maximumRecipients else {
            return fail("/to", "there are \(count) recipients; to, cc and bcc together take at most 50")
        }
        var seen: Set<String> = []
        for (kind, field) in fields {
            for (pointer, text) in field.pointed(at: "/" + kind.rawValue) {
                guard let address = parse(text, at: pointer), seen.insert(address.matchKey).inserted else { continue }
                recipients.append(Recipient(kind: kind, address: address))
            }
        }
    }

    private mutating func checkReplyTo() {
        let texts = draft.replyTo.pointed(at: "/reply_to")
        guard texts.count <= MessageBuilder.maximumRecipients else {
            return fail("/reply_to", "there are \(texts.count) addresses; at most 50 are accepted")
        }
        replyTo = texts.compactMap { parse($0.text, at: $0.pointer) }
    }

    private mutating func checkSubject() {
        guard let subject = draft.subject, !subject.utf8.allSatisfy({ $0 == ASCII.space }) else {
            return fail("/subject", "a subject is needed")
        }
        if subject.unicodeScalars.contains(where: HeaderRules.isForbidden) {
            fail("/subject", "the subject holds a line break or another control character")
        }
        if subject.unicodeScalars.count > Self.maximumSubject {
            fail("/subject", "the subject is longer than 2000 characters")
        }
    }

    private mutating func checkBodies() {
        if (draft.text ?? "").isEmpty && (draft.html ?? "").isEmpty { fail("/text", "text or html is needed") }
        if draft.text?.holdsNUL == true { fail("/text", "the text holds a NUL character") }
        if draft.html?.holdsNUL == true { fail("/html", "the text holds a NUL character") }
    }

    private mutating func checkHeaders() {
        guard draft.headers.count <= Self.maximumItems else {
            return fail("/headers", "there are \(draft.headers.count) headers; at most 100 are accepted")
        }
        var seen: Set<String> = []
        for field in draft.headers {
            let pointer = "/headers/" + ValidationFailure.token(field.name)
            let problems = HeaderRules.problems(of: field)
            for problem in problems { fail(pointer, problem) }
            let key = field.name.lowercased()
            if !seen.insert(key).inserted, HeaderRules.isSingle(key) {
                fail(pointer, "this header may appear only once")
            }
            guard problems.isEmpty else { continue }
            headers.append(HeaderField(name: field.name, value: Self.trimmed(field.value)))
        }
    }

    private static func trimmed(_ value: String) -> String {
        let bytes = value.utf8.drop { $0 == ASCII.space }
        guard let last = bytes.lastIndex(where: { $0 != ASCII.space }) else { return "" }
        return String(Substring(bytes[...last]))
    }

    private mutating func checkAttachments() {
        guard draft.attachments.count <= Self.maximumItems else {
            return fail("/attachments", "there are \(draft.attachments.count) attachments; at most 100 are accepted")
        }
        var contentIDs: Set<String> = []
        for (index, attachment) in draft.attachments.enumerated() {
            let pointer = "/attachments/\(index)"
            if let problem = AttachmentRules.problem(ofFilename: attachment.filename) {
                fail(pointer + "/filename", problem)
            }
            let type = AttachmentRules.contentType(of: attachment)
            if case .failure(let problem) = type { fail(pointer + "/content_type", problem.detail) }
            let contentID = AttachmentRules.contentID(of: attachment)
            if case .failure(let problem) = contentID { fail(pointer + "/content_id", problem.detail) }
            guard case .success(let type) = type, case .success(let contentID) = contentID else { continue }
            if let contentID, !contentIDs.insert(contentID).inserted {
                fail(pointer + "/content_id", "another attachment has the same content id")
            }
            attachments.append(
                CheckedAttachment(
                    filename: attachment.filename,
                    content: attachment.content,
                    contentType: type,
                    contentID: contentID
                )
            )
        }
    }

    /// Before anything is encoded: what the parts take at least.
    private mutating func checkSize() {
        let files = draft.attachments.reduce(0) { $0 + WrappedBase64.length(of: $1.content.count) }
        let texts = [draft.subject, draft.text, draft.html].reduce(0) { $0 + ($1?.utf8.count ?? 0) }
        let size = files + texts + headers.reduce(0) { $0 + $1.name.utf8.count + $1.value.utf8.count }
        guard size > maximumBytes else { return }
        isTooLarge = true
        failures.append(Self.tooLarge(size, maximumBytes))
    }

    private mutating func checkRaw(_ bytes: [UInt8]) {
        let others: [(String, Bool)] = [
            ("/subject", draft.subject != nil), ("/text", draft.text != nil), ("/html", draft.html != nil),
            ("/headers", !draft.headers.isEmpty), ("/attachments", !draft.attachments.isEmpty),
            ("/reply_to", !draft.replyTo.texts.isEmpty),
        ]
        for (pointer, isGiven) in others where isGiven {
            fail(pointer, "this goes into the raw message itself and cannot be given beside it")
        }
        guard bytes.count <= maximumBytes else {
            isTooLarge = true
            failures.append(Self.tooLarge(bytes.count, maximumBytes))
            return
        }
        do {
            raw = try RawMessage(parsing: bytes)
        } catch {
            for reason in error.reasons { fail("/raw", reason.message) }
        }
    }
}
