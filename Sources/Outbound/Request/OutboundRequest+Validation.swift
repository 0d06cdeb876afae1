extension OutboundRequest {
    /// Fields that frame the message or steer the connection belong to the client.
    private static let reserved = [
        "Content-Length", "Transfer-Encoding", "Connection", "Expect", "Upgrade", "Trailer", "TE", "Keep-Alive",
    ]

    /// Refuses what cannot be sent as it is.
    func validate() throws(OutboundError) {
        guard !method.name.isEmpty, method.name.utf8.allSatisfy(\.isTokenByte) else {
            throw .invalid("the method is not a token")
        }
        guard origin != nil, url.utf8.allSatisfy({ $0 > 0x20 && $0 < 0x7f }), !url.utf8.contains(UInt8(ascii: "#"))
        else {
            throw .invalid("the URL is not an absolute http or https URL in ASCII without user name and fragment")
        }
        for field in headers {
            guard !field.name.isEmpty, field.name.utf8.allSatisfy(\.isTokenByte) else {
                throw .invalid("a header name is not a token")
            }
            guard field.value.utf8.allSatisfy(\.isFieldByte) else {
                throw .invalid("the value of header \(field.name) has a control character")
            }
            guard !Self.reserved.contains(where: field.name.equalsIgnoringCase) else {
                throw .invalid("header \(field.name) is set by the client")
            }
        }
        guard body == nil || method != .head else {
            throw .invalid("a HEAD request has no body")
        }
    }

    /// Scheme, host and port of the URL, which is all of it that error messages show; `nil` if the URL has no such start.
    var origin: Substring? {
        for scheme in ["http://", "https://"] where url.utf8.starts(with: scheme.utf8) {
            let rest = url.dropFirst(scheme.count)
            let authority = rest.prefix { !"/?#\\".contains($0) }
            guard !authority.isEmpty, !authority.contains("@") else { return nil }
            return url[..<authority.endIndex]
        }
        return nil
    }
}

extension UInt8 {
    /// tchar of RFC 9110 section 5.6.2.
    fileprivate var isTokenByte: Bool {
        switch self {
        case UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
            UInt8(ascii: "a")...UInt8(ascii: "z"):
            true
        default: "!#$%&'*+-.^_`|~".utf8.contains(self)
        }
    }

    /// What a field value may hold (RFC 9110 section 5.5): no control character but the tab.
    fileprivate var isFieldByte: Bool { self == 0x09 || (self >= 0x20 && self != 0x7f) }
}
