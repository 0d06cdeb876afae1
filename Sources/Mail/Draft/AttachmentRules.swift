/// What attachments may be called and say they are.
enum AttachmentRules {
    struct Problem: Error {
        let detail: String
    }

    /// Nil when the name is fine: 1 to 255 characters, no control characters, no file type that SES refuses.
    static func problem(ofFilename name: String) -> String? {
        if name.utf8.allSatisfy({ $0 == ASCII.space }) { return "a file name is needed" }
        if name.unicodeScalars.contains(where: HeaderRules.isForbidden) {
            return "the file name holds a line break or another control character"
        }
        if name.unicodeScalars.count > 255 { return "the file name is longer than 255 characters" }
        if let blocked = BlockedExtensions.match(name) { return "Amazon SES refuses attachments of type .\(blocked)" }
        return nil
    }

    static func contentType(of attachment: Draft.Attachment) -> Result<ContentType, Problem> {
        guard let text = attachment.contentType else { return .success(.guess(filename: attachment.filename)) }
        guard let type = ContentType(parsing: text) else {
            return .failure(Problem(detail: "this is no media type such as application/pdf (RFC 2045)"))
        }
        if type.mediaType.hasPrefix("multipart/") {
            return .failure(
                Problem(detail: "an attachment cannot be multipart; use raw for a message of your own making")
            )
        }
        if type.mediaType == "message/partial" || type.mediaType == "message/external-body" {
            return .failure(Problem(detail: "attachments of this type are not accepted"))
        }
        return .success(type)
    }

    /// Without angle brackets: 1 to 78 printable ASCII characters, no space, no brackets (RFC 2392; SES's limit).
    static func contentID(of attachment: Draft.Attachment) -> Result<String?, Problem> {
        guard var bytes = attachment.contentID.map({ Array($0.utf8) }) else { return .success(nil) }
        if bytes.first == UInt8(ascii: "<"), bytes.last == UInt8(ascii: ">"), bytes.count >= 2 {
            bytes = Array(bytes[1..<(bytes.count - 1)])
        }
        let allowed = bytes.allSatisfy {
            $0 > 0x20 && $0 < 0x7F && $0 != UInt8(ascii: "<") && $0 != UInt8(ascii: ">") && $0 != UInt8(ascii: "\"")
        }
        guard allowed, (1...78).contains(bytes.count) else {
            return .failure(
                Problem(
                    detail: "a content id has 1 to 78 printable ASCII characters, no space, quotes or angle brackets"
                )
            )
        }
        return .success(String(decoding: bytes, as: UTF8.self))
    }
}
