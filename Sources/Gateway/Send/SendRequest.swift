import Mail

/// A message as `POST /send` takes it: right in form, not yet in content.
///
/// Read from the document's elements and not by `Decodable`, which costs several times as much (docs/decisions/0018).
struct SendRequest {
    private static let names = [
        "from", "to", "cc", "bcc", "reply_to", "subject", "text", "html", "headers", "attachments", "raw", "template",
        "data", "region", "stream", "priority", "scheduled_at", "expires_at", "tags", "metadata", "split",
    ]

    private(set) var from = ""
    private(set) var to: AddressField?
    private(set) var cc: AddressField?
    private(set) var bcc: AddressField?
    private(set) var replyTo: AddressField?
    private(set) var subject: String?
    private(set) var text: String?
    private(set) var html: String?
    private(set) var headers: [String: String]?
    private(set) var attachments: [SendAttachment]?
    private(set) var raw: String?
    private(set) var template: String?
    private(set) var data: TemplateValue?
    private(set) var region: String?
    private(set) var stream: String?
    private(set) var priority: String?
    private(set) var scheduledAt: String?
    private(set) var expiresAt: String?
    private(set) var tags: [String: String]?
    private(set) var metadata: [String: String]?
    private(set) var split: Bool?

    init(_ json: JSONElement) throws(JSONFault) {
        var hasSender = false
        try json.members { (name, value) throws(JSONFault) in
            if name == "from" {
                from = try value.string()
                hasSender = true
            } else {
                try read(name, value.ifPresent)
            }
        }
        if !hasSender { throw .required("from") }
    }

    /// - Throws: problem `invalid_message`, with a pointer that starts at the element.
    init(of json: JSONElement) throws(Problem) {
        do throws(JSONFault) { try self.init(json) } catch { throw Problem.invalidMessage([error.failure]) }
    }

    private mutating func read(_ name: String, _ value: JSONElement?) throws(JSONFault) {
        switch name {
        case "to": to = try value?.addresses()
        case "cc": cc = try value?.addresses()
        case "bcc": bcc = try value?.addresses()
        case "reply_to": replyTo = try value?.addresses()
        case "subject": subject = try value?.string()
        case "text": text = try value?.string()
        case "html": html = try value?.string()
        case "headers": headers = try value?.texts()
        case "attachments": attachments = try value?.attachments()
        case "raw": raw = try value?.string()
        case "template": template = try value?.string()
        case "data": data = try value?.templateValue()
        case "region": region = try value?.string()
        case "stream": stream = try value?.string()
        case "priority": priority = try value?.string()
        case "scheduled_at": scheduledAt = try value?.string()
        case "expires_at": expiresAt = try value?.string()
        case "tags": tags = try value?.texts()
        case "metadata": metadata = try value?.texts()
        case "split": split = try value?.flag()
        default: throw .unknown(name, known: Self.names)
        }
    }
}

extension JSONElement {
    /// One address or an array of them.
    fileprivate func addresses() throws(JSONFault) -> AddressField {
        if isString { return .one(try string()) }
        guard isArray else { throw JSONFault("must be a string or an array of strings") }
        return .many(try strings())
    }

    fileprivate func attachments() throws(JSONFault) -> [SendAttachment] {
        var attachments: [SendAttachment] = []
        for (index, element) in try elements().enumerated() {
            do throws(JSONFault) {
                attachments.append(try SendAttachment(element))
            } catch {
                throw error.inside("\(index)")
            }
        }
        return attachments
    }
}
