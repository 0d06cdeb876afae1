import Foundation
import Testing

@testable import Mail

/// Hundreds of built messages, read by Python's `email` package.
@Suite struct MIMERefereeTests {
    private struct Parsed: Decodable {
        struct File: Decodable, Equatable {
            let name: String
            let type: String
            let disposition: String
            let contentID: String?
            let hash: Int?
        }

        let defects: [String]
        let subject: String
        let addresses: [String: [[String]]]
        let headers: [String: String]
        let text: String?
        let html: String?
        let files: [File]
        let structure: String
    }

    /// Adler-32 stands for contents: Foundation has no digest of its own, zlib's is everywhere.
    private static let script = """
        import email, email.header, email.utils, glob, json, os, sys, zlib
        from email import policy
        def structure(part):
            if part.is_multipart() and part.get_content_maintype() == 'multipart':
                return part.get_content_subtype() + '(' + ','.join(structure(p) for p in part.iter_parts()) + ')'
            return 'file' if part.get_filename() is not None else part.get_content_type()
        def parts(part):
            yield part
            if part.get_content_maintype() == 'multipart':
                for inner in part.iter_parts(): yield from parts(inner)
        result = {}
        for path in glob.glob(os.path.join(sys.argv[1], '*.eml')):
            data = open(path, 'rb').read()
            message = email.message_from_bytes(data, policy=policy.default)
            plain = email.message_from_bytes(data, policy=policy.compat32)
            defects = []
            out = {'addresses': {}, 'headers': {}, 'files': []}
            for part in parts(message):
                defects += [repr(d) for d in part.defects]
                for name, value in part.items():
                    defects += [name + ': ' + repr(d) for d in value.defects]
                if part.is_multipart() and part.get_content_maintype() == 'multipart': continue
                if part.get_filename() is not None:
                    payload = None if part.get_content_type().startswith('message/') else part.get_payload(decode=True)
                    out['files'].append({'name': part.get_filename(), 'type': part.get_content_type(),
                        'disposition': part.get_content_disposition(), 'contentID': part['content-id'],
                        'hash': None if payload is None else zlib.adler32(payload)})
                elif part.get_content_maintype() == 'text':
                    out['html' if part.get_content_subtype() == 'html' else 'text'] = part.get_content()
            for name in ('from', 'to', 'cc', 'bcc', 'reply-to'):
                if message[name] is None: continue
                specs = [a.addr_spec for a in message[name].addresses]
                # Names by the older parser: the registry keeps the space between two encoded words before Python 3.13.
                pairs = email.utils.getaddresses([v.replace('\\r\\n', '') for v in plain.get_all(name)])
                names = [str(email.header.make_header(email.header.decode_header(p[0]))) for p in pairs]
                out['addresses'][name] = [specs, names]
            for name in ('x-campaign', 'x-note', 'list-unsubscribe', 'references', 'mime-version', 'date', 'message-id'):
                if message[name] is not None: out['headers'][name] = str(message[name])
            out['subject'] = str(message['subject'])
            out['structure'] = structure(message)
            out['defects'] = defects
            result[os.path.basename(path)] = out
        print(json.dumps(result))
        """

    @Test(.enabled(if: Python.canImport("email"), "needs Python"))
    func pythonReadsWhatWasMeant() throws {
        var generator = DraftGenerator(seed: 41)
        var drafts: [String: (draft: Draft, message: ComposedMessage)] = [:]
        var simple = 0
        try Python.withTemporaryFolder { folder in
            for number in 0..<400 {
                let draft = generator.next()
                let message = try MessageBuilder().build(draft, seed: UInt64(number))
                guard case .raw(let bytes) = message.content else {
                    simple += 1
                    continue
                }
                #expect(try MessageBuilder().build(draft, seed: UInt64(number)) == message, "same seed, same bytes")
                checkLines(bytes, "draft \(number)")
                try Data(bytes).write(to: folder.appendingPathComponent("\(number).eml"))
                drafts["\(number).eml"] = (draft, message)
            }
            let output = try Python.run(Self.script, folder.path)
            let parsed = try JSONDecoder().decode([String: Parsed].self, from: output)
            #expect(parsed.count == drafts.count)
            for (name, entry) in drafts { compare(try #require(parsed[name]), entry.draft, entry.message, name) }
        }
        #expect(drafts.count > 300)
        #expect(simple > 10)
    }

    private func checkLines(_ bytes: [UInt8], _ name: String) {
        var inHeader = true
        let text = String(decoding: bytes, as: UTF8.self)
        #expect(bytes.allSatisfy { $0 < 0x80 }, "\(name) is not ASCII")
        #expect(text.hasSuffix("\r\n"))
        for line in text.dropLast().split(separator: "\r\n", omittingEmptySubsequences: false) {
            #expect(!line.utf8.contains(10) && !line.utf8.contains(13), "\(name) has a bare line end")
            #expect(line.utf8.count <= 998, "\(name) has a line that is too long")
            if line.isEmpty { inHeader = false }
            guard inHeader, line.utf8.count > (line.contains("=?utf-8?") ? 76 : 78) else { continue }
            // Only what cannot be broken is longer: one word behind the field's name or the fold.
            let words = line.split(separator: " ").count
            #expect(words == 1 || words == 2 && line.first != " ", "\(name): \(line)")
        }
    }

    private func compare(_ parsed: Parsed, _ draft: Draft, _ message: ComposedMessage, _ name: String) {
        #expect(parsed.defects.count == 0, "\(name): \(parsed.defects.prefix(3))")
        #expect(parsed.subject == draft.subject, "\(name)")
        func check(_ header: String, _ expected: [EmailAddress]) {
            let found = parsed.addresses[header] ?? [[], []]
            #expect(found[0] == expected.map(\.addrSpec), "\(name) \(header)")
            #expect(found[1] == expected.map { $0.displayName ?? "" }, "\(name) \(header)")
        }
        check("from", [message.from])
        check("to", message.recipients.filter { $0.kind == .to }.map(\.address))
        check("cc", message.recipients.filter { $0.kind == .cc }.map(\.address))
        check("reply-to", draft.replyTo.texts.compactMap { try? EmailAddress(parsing: $0) })
        #expect(parsed.addresses["bcc"] == nil)
        for recipient in message.recipients where recipient.kind == .bcc {
            if case .raw(let bytes) = message.content {
                #expect(
                    !String(decoding: bytes, as: UTF8.self).contains(recipient.address.addrSpec),
                    "\(name) shows a Bcc address"
                )
            }
        }
        checkBody(parsed.text, draft.text, "\(name) text")
        checkBody(parsed.html, draft.html, "\(name) html")
        for field in draft.headers where parsed.headers[field.name.lowercased()] != nil {
            let value = field.value.trimmingCharacters(in: CharacterSet(charactersIn: " "))
            #expect(parsed.headers[field.name.lowercased()] == value, "\(name) \(field.name)")
        }
        #expect(parsed.headers["mime-version"] == "1.0")
        #expect(parsed.headers["date"] == nil && parsed.headers["message-id"] == nil)
        compareFiles(parsed, draft, name)
        #expect(parsed.structure == structure(draft), "\(name)")
    }

    private func checkBody(_ found: String?, _ expected: String?, _ name: String) {
        let found = found.map(lines) ?? []
        let expected = expected.map(lines) ?? []
        guard found != expected else { return }
        let start = zip(found, expected).prefix { $0 == $1 }.count
        func part(_ scalars: [Unicode.Scalar]) -> String {
            scalars.dropFirst(max(0, start - 10)).prefix(30).map { $0.escaped(asASCII: true) }.joined()
        }
        Issue.record("\(name) differs at \(start): \(part(found)) instead of \(part(expected))")
    }

    private func compareFiles(_ parsed: Parsed, _ draft: Draft, _ name: String) {
        let isShown: (Draft.Attachment) -> Bool = { draft.html != nil && $0.contentID != nil }
        let ordered = draft.attachments.filter(isShown) + draft.attachments.filter { !isShown($0) }
        #expect(parsed.files.count == ordered.count, "\(name)")
        for (file, attachment) in zip(parsed.files, ordered) {
            #expect(file.name == attachment.filename.trimmingCharacters(in: CharacterSet(charactersIn: " ")), "\(name)")
            #expect(file.disposition == (attachment.contentID == nil ? "attachment" : "inline"), "\(name)")
            let id = attachment.contentID.map { $0.hasPrefix("<") ? $0 : "<\($0)>" }
            #expect(file.contentID == id, "\(name)")
            if let hash = file.hash { #expect(hash == adler32(attachment.content), "\(name) \(file.name)") }
            guard let text = attachment.contentType, let type = ContentType(parsing: text)?.mediaType else { continue }
            #expect(file.type == type || type == "message/rfc822" && file.type == "application/octet-stream", "\(name)")
        }
    }

    /// The tree that a draft should give.
    private func structure(_ draft: Draft) -> String {
        let shown = draft.html == nil ? [] : draft.attachments.filter { $0.contentID != nil }
        let others = draft.attachments.count - shown.count
        var html = draft.html == nil ? nil : "text/html"
        if !shown.isEmpty {
            html = "related(" + (["text/html"] + shown.map { _ in "file" }).joined(separator: ",") + ")"
        }
        let bodies = [draft.text == nil ? nil : "text/plain", html].compactMap { $0 }
        let root = bodies.count == 1 ? bodies[0] : "alternative(" + bodies.joined(separator: ",") + ")"
        if others == 0 { return root }
        return "mixed(" + ([root] + (0..<others).map { _ in "file" }).joined(separator: ",") + ")"
    }

    /// Line ends as `\n`, without those at the end: a single body gets one if it has none.
    private func lines(_ text: String) -> [Unicode.Scalar] {
        var result: [Unicode.Scalar] = []
        var previous: Unicode.Scalar = "x"
        for scalar in text.unicodeScalars {
            if !(scalar == "\n" && previous == "\r") { result.append(scalar == "\r" ? "\n" : scalar) }
            previous = scalar
        }
        while result.last == "\n" { result.removeLast() }
        return result
    }

    private func adler32(_ bytes: [UInt8]) -> Int {
        var a = 1
        var b = 0
        for byte in bytes {
            a = (a + Int(byte)) % 65_521
            b = (b + a) % 65_521
        }
        return b << 16 | a
    }
}
