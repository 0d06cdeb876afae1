/// The body of `POST /send/batch`: messages, of which each is right or wrong by itself.
struct BatchRequest {
    private static let counts = 1...500

    private(set) var messages: [JSONElement] = []
    private(set) var isAtomic = false

    init(_ json: JSONElement) throws(JSONFault) {
        var hasMessages = false
        try json.members { (name, value) throws(JSONFault) in
            switch name {
            case "messages":
                messages = try value.elements()
                hasMessages = true
            case "atomic": isAtomic = try value.ifPresent?.flag() ?? false
            default: throw .unknown(name, known: ["messages", "atomic"])
            }
        }
        guard hasMessages else { throw .required("messages") }
        guard Self.counts.contains(messages.count) else {
            throw JSONFault("there are \(messages.count) messages; 1 to 500 are accepted").inside("messages")
        }
    }
}
