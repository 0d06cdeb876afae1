/// Where a listener accepts connections: a host name or address, and a port; 0 takes any free port.
public struct ListenAddress: Hashable, Sendable, CustomStringConvertible {
    public var host: String
    public var port: Int

    public init(host: String, port: Int) {
        self.host = host
        self.port = port
    }

    /// Reads `127.0.0.1:8080`, `localhost:8080` or `[::1]:8080`. Throws `invalidAddress`.
    public init(parsing text: String) throws(GatewayError) {
        guard let colon = text.lastIndex(of: ":"), let port = UInt16(text[text.index(after: colon)...]) else {
            throw Self.refusal(text)
        }
        var host = text[..<colon]
        if host.hasPrefix("["), host.hasSuffix("]") {
            host = host.dropFirst().dropLast()
        } else if host.contains(":") {
            throw Self.refusal(text)
        }
        guard !host.isEmpty else { throw Self.refusal(text) }
        self.init(host: String(host), port: Int(port))
    }

    public var description: String {
        host.contains(":") ? "[\(host)]:\(port)" : "\(host):\(port)"
    }

    private static func refusal(_ text: String) -> GatewayError {
        GatewayError(.invalidAddress, "'\(text)' is no address to listen on; 127.0.0.1:8080 and [::1]:8080 are")
    }
}
