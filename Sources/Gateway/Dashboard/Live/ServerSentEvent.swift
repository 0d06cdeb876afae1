import Dashboard

/// Events as a browser's `EventSource` reads them (HTML Living Standard, section 9.2).
enum ServerSentEvent {
    /// How soon a browser comes back, in milliseconds.
    static let opening = "retry: 2000\n\n"

    /// The node is there.
    static let beat = "event: beat\ndata: \n\n"

    static func part(_ part: LivePart) -> String {
        let json = JSONValue.object([("id", .string(part.id)), ("html", .string(part.html))])
        return "event: part\ndata: \(json.text)\n\n"
    }
}
