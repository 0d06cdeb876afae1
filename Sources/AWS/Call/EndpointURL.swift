/// The address of a service: `http[s]://host[:port][/path]`, in ASCII, without user name, query or fragment.
struct EndpointURL: Hashable {
    let isSecure: Bool

    /// As written, lower case; an IPv6 address with its brackets.
    let host: String

    /// `nil` for the scheme's own.
    let port: Int?

    /// Without a closing slash; empty for the root.
    let path: String

    init?(_ text: String) {
        guard text.utf8.allSatisfy({ $0 > 0x20 && $0 < 0x7f }), !text.contains(where: { "?#\\@".contains($0) }) else {
            return nil
        }
        let lowered = text.lowercased()
        guard let scheme = ["https://", "http://"].first(where: lowered.hasPrefix) else { return nil }
        isSecure = scheme == "https://"
        let rest = text.dropFirst(scheme.count)
        let authority = rest.prefix { $0 != "/" }.lowercased()
        var path = rest.dropFirst(authority.count)
        while path.last == "/" { path.removeLast() }
        self.path = String(path)
        let bracket = authority.lastIndex(of: "]") ?? authority.startIndex
        if let colon = authority[bracket...].lastIndex(of: ":") {
            let digits = authority[authority.index(after: colon)...]
            guard digits.utf8.allSatisfy({ (0x30...0x39).contains($0) }), let port = UInt16(digits), port > 0 else {
                return nil
            }
            host = String(authority[..<colon])
            self.port = Int(port) == (isSecure ? 443 : 80) ? nil : Int(port)
        } else {
            host = authority
            port = nil
        }
        guard !host.isEmpty else { return nil }
    }

    /// The value of `Host`, without the scheme's own port.
    var hostHeader: String { host + (port.map { ":\($0)" } ?? "") }

    /// The URL of `path` and `query` below it.
    func url(path: String, query: String) -> String {
        "\(isSecure ? "https" : "http")://\(hostHeader)\(self.path)\(path)\(query.isEmpty ? "" : "?" + query)"
    }
}
