import Foundation

@testable import Mail

/// What is made of a tenant's message: it says what the tenant said, to whom and from whom they said, and nothing else.
enum ComposeProperties {
    private static let builder = MessageBuilder(maximumBytes: 1 << 20)

    static func check(_ input: [UInt8]) {
        let fields = input.fields(13)
        let texts = fields.map(\.text)
        var draft = Draft(from: texts[0], to: .one(texts[1]))
        if !texts[2].isEmpty { draft.cc = .many(texts[2].components("\n").map(String.init)) }
        if !texts[3].isEmpty { draft.bcc = .one(texts[3]) }
        if !texts[4].isEmpty { draft.replyTo = .many(texts[4].components("\n").map(String.init)) }
        draft.subject = texts[5]
        draft.text = texts[6].isEmpty ? nil : texts[6]
        draft.html = texts[7].isEmpty ? nil : texts[7]
        if !texts[8].isEmpty {
            let lines = texts[8].components("\n").map(String.init)
            draft.headers = lines.map { line in
                let parts = line.split(separator: ":", maxSplits: 1, omittingEmptySubsequences: false).map(String.init)
                return HeaderField(name: parts[0], value: parts.count > 1 ? parts[1] : "")
            }
        }
        if !texts[9].isEmpty {
            let attachment = Draft.Attachment(
                filename: texts[9],
                content: fields[12],
                contentType: texts[10].isEmpty ? nil : texts[10],
                contentID: texts[11].isEmpty ? nil : texts[11]
            )
            draft.attachments = [attachment]
        }
        check(draft)
    }

    static func check(_ draft: Draft) {
        let message: ComposedMessage
        do {
            message = try builder.build(draft, seed: 1)
        } catch {
            require(!error.failures.isEmpty, "refused without a reason")
            require(error.failures.allSatisfy { $0.detail.utf8.count < 1000 }, "a long reason")
            return
        }
        require((try? builder.build(draft, seed: 1)) == message, "the same draft makes another message")
        require((1...50).contains(message.recipients.count), "\(message.recipients.count) recipients")
        let keys = Set(message.recipients.map(\.address.matchKey))
        require(keys.count == message.recipients.count, "a recipient stands twice")
        require(message.senders.first == message.from, "the sender is not among the senders")
        switch message.content {
        case .simple(let simple): check(simple, of: draft, message)
        case .raw(let bytes) where draft.raw != nil: RawMessageProperties.check(bytes)
        case .raw(let bytes): check(MIMEReader.read(bytes), bytes, of: draft, message)
        }
    }

    private static func check(_ simple: SimpleContent, of draft: Draft, _ message: ComposedMessage) {
        for form in [simple.from, simple.to] + simple.replyTo {
            require(form.isPrintableASCII, "an address with other than printable ASCII")
        }
        require((try? EmailAddress(parsing: simple.from)) == message.from, "another sender")
        require((try? EmailAddress(parsing: simple.to)) == message.recipients[0].address, "another recipient")
        require(!simple.subject.unicodeScalars.contains(where: HeaderRules.isForbidden), "a control character")
        require(simple.headers.count <= 15, "\(simple.headers.count) headers")
        for header in simple.headers {
            require(header.name.isPrintableASCII && header.value.isPrintableASCII, "a header that SES does not take")
            require(!header.name.contains(":"), "a colon in a header's name")
        }
    }

    private static func check(
        _ part: MIMEReader.Part,
        _ bytes: [UInt8],
        of draft: Draft,
        _ message: ComposedMessage
    ) {
        let to = message.recipients.filter { $0.kind == .to }.map(\.address)
        let cc = message.recipients.filter { $0.kind == .cc }.map(\.address)
        let replyTo = draft.replyTo.texts.compactMap { try? EmailAddress(parsing: $0) }
        var names = ["From"]
        if !to.isEmpty { names.append("To") }
        if !cc.isEmpty { names.append("Cc") }
        if !replyTo.isEmpty { names.append("Reply-To") }
        names += ["Subject"] + draft.headers.map(\.name) + ["MIME-Version", "Content-Type"]
        let found = part.fields.map(\.name)
        require(Array(found.prefix(names.count)) == names, "the fields are \(found) and not \(names)")
        let rest = Set(found.dropFirst(names.count))
        require(rest.isSubset(of: ["Content-Transfer-Encoding"]), "there are more fields: \(rest)")
        require(addresses(part, "from") == [message.from], "another sender")
        require(addresses(part, "to") == to, "other recipients")
        require(addresses(part, "cc") == cc, "other copies")
        require(addresses(part, "reply-to") == replyTo, "other addresses to reply to")
        let subject = draft.subject ?? ""
        let written = part.value("subject") ?? ""
        require(text(written).isSame(as: subject), "another subject: \(written)")
        for (field, header) in zip(part.fields.drop { $0.name != "Subject" }.dropFirst(), draft.headers) {
            let value = header.value.trimmingSpaces
            require(text(field.value).isSame(as: value), "\(header.name) says \(field.value)")
        }
        checkBodies(part, of: draft)
        let raw = unwrap(try? RawMessage(parsing: bytes), "a message of ours would be refused as a raw one")
        require(raw.from == [message.from] && raw.bytes == bytes, "a message of ours is another as a raw one")
    }

    private static func addresses(_ part: MIMEReader.Part, _ name: String) -> [EmailAddress] {
        guard let value = part.value(name) else { return [] }
        var parser = AddressParser(value.utf8)
        return (try? parser.parseList()) ?? []
    }

    private static func text(_ value: String) -> String {
        EncodedWord.decodeAll(Array(value.utf8.dropFirst()))
    }

    private static func checkBodies(_ part: MIMEReader.Part, of draft: Draft) {
        var leaves = part.leaves[...]
        let bodies = [("text/plain", draft.text), ("text/html", draft.html)]
        for case (let type, let text?) in bodies where !text.isEmpty {
            let leaf = unwrap(leaves.popFirst(), "there is no \(type)")
            let value = MIMEParameters(leaf.value("content-type") ?? "")
            require(value.value == type && value["charset"] == "utf-8", "the type is \(value.value)")
            // A line end closes a message of one part.
            let body = leaf.body.text
            let expected = normalised(text)
            require(
                body.isSame(as: expected) || part.parts.isEmpty && body.isSame(as: expected + "\r\n"),
                "the \(type) is \(body.debugDescription) and not \(expected.debugDescription)"
            )
        }
        require(leaves.count == draft.attachments.count, "\(leaves.count) files")
        for (leaf, file) in zip(leaves, draft.attachments) {
            require(leaf.body == file.content, "a file has changed")
            let disposition = MIMEParameters(leaf.value("content-disposition") ?? "")
            require(disposition["filename"]?.isSame(as: file.filename) == true, "a file is called \(disposition)")
            require(["inline", "attachment"].contains(disposition.value), "a file is \(disposition.value)")
        }
    }

    /// Each line end as CRLF.
    private static func normalised(_ text: String) -> String {
        var result = ""
        var previous: Unicode.Scalar?
        for scalar in text.unicodeScalars {
            if scalar == "\r" || (scalar == "\n" && previous != "\r") {
                result += "\r\n"
            } else if scalar != "\n" {
                result.unicodeScalars.append(scalar)
            }
            previous = scalar
        }
        return result
    }
}

extension String {
    var trimmingSpaces: String {
        let bytes = utf8.drop { $0 == 0x20 }
        guard let last = bytes.lastIndex(where: { $0 != 0x20 }) else { return "" }
        return String(Substring(bytes[...last]))
    }
}
