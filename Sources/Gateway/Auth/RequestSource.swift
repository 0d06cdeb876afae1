import Directory
import HTTPTypes

/// Where a request comes from.
enum RequestSource {
    private static let forwarded = HTTPField.Name("X-Forwarded-For")

    /// The peer's address; behind trusted proxies, the right-most of `X-Forwarded-For` that is none of theirs. What stands further
    /// left was written by whoever sent the request, and proves nothing.
    ///
    /// - Returns: nil where a trusted proxy names no address.
    static func address(peer: String?, headers: HTTPFields, proxies: SourceNetworks?) -> String? {
        guard let peer, let proxies, proxies.contains(peer), let forwarded else { return peer }
        // Several headers are one list (RFC 9110, section 5.2).
        let entries = headers[values: forwarded].flatMap { $0.split(separator: ",", omittingEmptySubsequences: false) }
        var address: String?
        for entry in entries.reversed() {
            guard let next = plain(entry) else { return nil }
            address = next
            if !proxies.contains(next) { return next }
        }
        return address
    }

    /// Without white space, and without the port that some proxies add; nil for what is no address.
    private static func plain(_ entry: Substring) -> String? {
        let trimmed = entry.drop { $0 == " " || $0 == "\t" }
        let text = String(trimmed.reversed().drop { $0 == " " || $0 == "\t" }.reversed())
        if SourceNetworks.entry(text) != nil, !text.contains("/") { return text }
        var host = text[...]
        guard let colon = host.lastIndex(of: ":"),
            UInt16(host[host.index(after: colon)...]) != nil || host.hasSuffix("]")
        else { return nil }
        if !host.hasSuffix("]") { host = host[..<colon] }
        if host.hasPrefix("["), host.hasSuffix("]") {
            host = host.dropFirst().dropLast()
        } else if host.contains(":") {
            return nil
        }
        return SourceNetworks.entry(String(host)) == nil || host.contains("/") ? nil : String(host)
    }
}
