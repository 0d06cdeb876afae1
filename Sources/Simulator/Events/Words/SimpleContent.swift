/// What events show of content that SES writes itself: the subject and the caller's own fields.
enum SimpleContent {
    static func read(_ content: SubmittedContent) -> (subject: String?, fields: [(name: String, value: String)]) {
        var subject: String?
        var fields: [(name: String, value: String)] = []
        guard content.kind == .simple, var reader = try? JSONReader(Array(content.body[content.value])) else {
            return (nil, [])
        }
        // It was read once when it came in; a fault here only leaves the fields out.
        try? reader.object { (name, reader) throws(ServiceFailure) in
            switch name {
            case "Subject":
                if try reader.null() { return }
                try reader.object { (name, reader) throws(ServiceFailure) in
                    if name == "Data" { subject = try reader.optionalString() } else { try reader.skip() }
                }
            case "Headers": fields = try reader.pairs()
            default: try reader.skip()
            }
        }
        return (subject, fields)
    }
}
