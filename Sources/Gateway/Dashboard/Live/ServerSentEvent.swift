import Dashboard
import FoundationEssentials

/// Events as a browser's `EventSource` reads them (HTML Living Standard, section 9.2).
enum ServerSentEvent {
    /// How soon a browser comes back, in milliseconds.
    static let opening = "retry: 2000\n\n"

    /// The node is there, and what it has told is of this second.
    static func beat(at now: Date) -> String {
        "data: \(Words.clock(Int64(now.timeIntervalSince1970)))\nevent: beat\n\n"
    }

    /// The node is there, but could not find out what is new: what it has told before is old.
    static let stale = "data: \nevent: stale\n\n"

    static func part(_ part: LivePart) -> String {
        let json = JSONValue.object([("id", .string(part.id)), ("html", .string(part.html))])
        return "event: part\ndata: \(json.text)\n\n"
    }
}
