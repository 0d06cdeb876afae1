/// A file as `POST /send` takes it.
struct SendAttachment {
    private static let names = ["filename", "content", "content_type", "content_id"]

    private(set) var filename = ""
    /// Base64.
    private(set) var content = ""
    private(set) var contentType: String?
    private(set) var contentID: String?

    init(_ json: JSONElement) throws(JSONFault) {
        var missing: Set = ["filename", "content"]
        try json.members { (name, value) throws(JSONFault) in
            missing.remove(name)
            switch name {
            case "filename": filename = try value.string()
            case "content": content = try value.string()
            case "content_type": contentType = try value.ifPresent?.string()
            case "content_id": contentID = try value.ifPresent?.string()
            default: throw .unknown(name, known: Self.names)
            }
        }
        if let name = missing.min() { throw .required(name) }
    }
}
