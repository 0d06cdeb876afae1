/// An event's own members in the feed and in webhooks, in the making: a JSON object whose texts are cut, so that a whole
/// webhook stays small whatever a mail server answers.
struct EventData {
    private(set) var json = "{}"

    /// Adds a text; nothing for nil.
    mutating func add(_ name: String, _ value: String?, limit: Int = 256) {
        guard let value else { return }
        member(name, Self.quoted(EventText.clean(value, limit: limit)))
    }

    mutating func add(_ name: String, _ value: Int?) {
        guard let value else { return }
        member(name, "\(value)")
    }

    /// Adds an object; nothing when it would be empty.
    mutating func add(_ name: String, _ build: (inout EventData) -> Void) {
        var inner = EventData()
        build(&inner)
        guard inner.json != "{}" else { return }
        member(name, inner.json)
    }

    private mutating func member(_ name: String, _ value: String) {
        json.removeLast()
        if json.utf8.count > 1 { json += "," }
        json += "\(Self.quoted(name)):\(value)}"
    }

    private static func quoted(_ text: String) -> String {
        var quoted = "\""
        for character in text.unicodeScalars {
            if character == "\"" || character == "\\" { quoted.unicodeScalars.append("\\") }
            quoted.unicodeScalars.append(character)
        }
        return quoted + "\""
    }
}
