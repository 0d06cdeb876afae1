/// The checks on an endpoint's URL that need no network. Where its name leads is checked at every connection.
enum EndpointURL {
    static let maximumLength = 2048

    /// The URL with scheme and host in lower case.
    /// - Throws: what is wrong with it, to be put behind its name.
    static func check(_ text: String, allowsHTTP: Bool) throws(EndpointURLError) -> String {
        guard text.utf8.count <= maximumLength else {
            throw EndpointURLError("is longer than \(maximumLength) bytes")
        }
        try checkCharacters(text)
        guard let colon = text.firstRange(of: "://") else {
            throw EndpointURLError("must be absolute, such as https://hooks.example.com/sluice")
        }
        let scheme = text[..<colon.lowerBound].lowercased()
        guard scheme == "https" || (allowsHTTP && scheme == "http") else {
            throw EndpointURLError(allowsHTTP ? "must begin with https:// or http://" : "must begin with https://")
        }
        let rest = text[colon.upperBound...]
        let authority = rest.prefix { $0 != "/" && $0 != "?" }
        guard !authority.contains("@") else {
            throw EndpointURLError("must not hold a user name or a password; check the signature instead")
        }
        let lower = authority.lowercased()
        try checkAuthority(lower)
        let path = rest[authority.endIndex...]
        return scheme + "://" + lower + (path.hasPrefix("/") ? String(path) : "/" + path)
    }

    /// What RFC 3986 allows, without fragments.
    private static func checkCharacters(_ text: String) throws(EndpointURLError) {
        let bytes = Array(text.utf8)
        for (index, byte) in bytes.enumerated() {
            switch byte {
            case UInt8(ascii: "#"): throw EndpointURLError("must not have a fragment (#...)")
            case UInt8(ascii: "%"):
                guard index + 2 < bytes.count, isHex(bytes[index + 1]), isHex(bytes[index + 2]) else {
                    throw EndpointURLError("holds a % that two hexadecimal digits do not follow")
                }
            case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
                UInt8(ascii: "0")...UInt8(ascii: "9"):
                continue
            case 0x80...:
                throw EndpointURLError("must be ASCII: write the host in Punycode and all else percent-encoded")
            default:
                guard "-._~:/?[]@!$&'()*+,;=".utf8.contains(byte) else {
                    throw EndpointURLError("holds white space or a character that a URL must not hold")
                }
            }
        }
    }

    private static func checkAuthority(_ authority: String) throws(EndpointURLError) {
        if authority.hasPrefix("[") {
            guard let end = authority.firstIndex(of: "]"),
                authority[authority.index(after: authority.startIndex)..<end].utf8.allSatisfy({
                    isHex($0) || $0 == UInt8(ascii: ":") || $0 == UInt8(ascii: ".")
                }), authority[..<end].contains(":")
            else { throw EndpointURLError("has no valid host") }
            return try checkPort(authority[authority.index(after: end)...])
        }
        let host = authority.prefix { $0 != ":" }
        let labels = host.split(separator: ".", omittingEmptySubsequences: false)
        for label in labels {
            guard (1...63).contains(label.utf8.count), !label.hasPrefix("-"), !label.hasSuffix("-"),
                label.utf8.allSatisfy(isHostByte)
            else { throw EndpointURLError("has no valid host") }
        }
        guard host.utf8.count <= 253 else { throw EndpointURLError("has a host longer than 253 bytes") }
        // Such as 2130706433, 0x7f.1 and 0177.0.0.1, which are other ways to write an address.
        if let last = labels.last, isNumeric(last), !isAddress(labels) {
            throw EndpointURLError("has a host that ends with a number and is no IPv4 address of four decimal parts")
        }
        try checkPort(authority[host.endIndex...])
    }

    private static func checkPort(_ text: some StringProtocol) throws(EndpointURLError) {
        guard !text.isEmpty else { return }
        guard text.hasPrefix(":"), text.dropFirst().utf8.allSatisfy(isDigit),
            let port = UInt16(text.dropFirst()), port > 0
        else { throw EndpointURLError("has no valid port") }
    }

    private static func isNumeric(_ label: Substring) -> Bool {
        label.utf8.allSatisfy(isDigit) || (label.hasPrefix("0x") && label.dropFirst(2).utf8.allSatisfy(isHex))
    }

    private static func isAddress(_ labels: [Substring]) -> Bool {
        labels.count == 4 && labels.allSatisfy { label in UInt8(label).map { String($0) == label } ?? false }
    }

    private static func isHostByte(_ byte: UInt8) -> Bool {
        (UInt8(ascii: "a")...UInt8(ascii: "z")).contains(byte) || isDigit(byte) || byte == UInt8(ascii: "-")
            || byte == UInt8(ascii: "_")
    }

    private static func isDigit(_ byte: UInt8) -> Bool { (UInt8(ascii: "0")...UInt8(ascii: "9")).contains(byte) }

    private static func isHex(_ byte: UInt8) -> Bool {
        isDigit(byte) || (UInt8(ascii: "a")...UInt8(ascii: "f")).contains(byte)
            || (UInt8(ascii: "A")...UInt8(ascii: "F")).contains(byte)
    }
}

/// What is wrong with a URL; the URL itself is not in it.
struct EndpointURLError: Error {
    let message: String

    init(_ message: String) {
        self.message = message
    }
}
