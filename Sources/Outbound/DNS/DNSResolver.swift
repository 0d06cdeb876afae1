/// Asks DNS, through libunbound: random ids and ports, TCP where an answer is too long, chains of aliases, bounded in size.
public struct DNSResolver: Sendable {
    /// A name server that cannot be one.
    public struct InvalidServer: Error, Sendable, CustomStringConvertible {
        public let description: String
    }

    /// How often a look is taken at what has been found.
    private static let rhythm = Duration.milliseconds(10)
    /// Questions that are asked at once.
    public static let mostQuestions = 32

    private let servers: [String]

    /// - Parameter servers: `192.0.2.53`, `192.0.2.53:5353` or `[2001:db8::53]:53`; none: those of `/etc/resolv.conf`.
    public init(servers: [String] = []) throws(InvalidServer) {
        var checked: [String] = []
        for server in servers {
            guard let server = Self.checked(server) else {
                throw InvalidServer(
                    description: "'\(server)' is no name server: give an address, such as 192.0.2.53, "
                        + "192.0.2.53:5353 or [2001:db8::53]:53"
                )
            }
            checked.append(server)
        }
        self.servers = checked
    }

    /// The answers in the order of the questions, after `limit` at the latest; what came later is unknown.
    public func answers(to questions: [DNSQuestion], within limit: Duration = .seconds(10)) async -> [DNSAnswer] {
        guard !questions.isEmpty else { return [] }
        // Public servers know nothing of names that are reserved for documentation and tests (RFC 6761).
        guard !servers.isEmpty || !questions.allSatisfy({ Self.isReserved($0.name) }) else {
            return questions.map { _ in .records([]) }
        }
        guard questions.count <= Self.mostQuestions, let batch = DNSBatch(questions, servers: servers) else {
            return questions.map { _ in .unknown("the resolver could not be started") }
        }
        let end = ContinuousClock.now + limit
        while batch.advance(), ContinuousClock.now < end, !Task.isCancelled {
            try? await Task.sleep(for: Self.rhythm)
        }
        return batch.answers
    }

    private static func isReserved(_ name: String) -> Bool {
        [".example", ".test", ".invalid", ".localhost"].contains { name.hasSuffix($0) }
    }

    /// As libunbound writes it, `address@port`.
    private static func checked(_ text: String) -> String? {
        var address = text[...]
        var port = Substring("53")
        if text.hasPrefix("[") {
            guard let close = text.firstIndex(of: "]") else { return nil }
            address = text[text.index(after: text.startIndex)..<close]
            let rest = text[text.index(after: close)...]
            guard rest.isEmpty || rest.hasPrefix(":") else { return nil }
            if !rest.isEmpty { port = rest.dropFirst() }
        } else if let colon = text.firstIndex(of: ":"), text.lastIndex(of: ":") == colon {
            address = text[..<colon]
            port = text[text.index(after: colon)...]
        }
        guard NetworkAddress(address) != nil, let number = UInt16(port), number > 0 else { return nil }
        return "\(address)@\(number)"
    }
}
