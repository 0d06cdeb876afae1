/// What is signed of a request: everything as it goes on the wire.
public struct SigV4Request: Sendable {
    /// One header field line.
    public struct Header: Sendable {
        public var name: String
        public var value: String

        public init(name: String, value: String) {
            self.name = name
            self.value = value
        }
    }

    public var method: String

    /// The path as sent, percent-encoded.
    public var path: String

    /// The query as sent, without `?`; empty if there is none.
    public var query: String

    /// The fields to sign, `Host` among them. They must leave unchanged.
    public var headers: [Header]

    public var body: [UInt8]

    public init(method: String, path: String, query: String = "", headers: [Header], body: [UInt8] = []) {
        self.method = method
        self.path = path
        self.query = query
        self.headers = headers
        self.body = body
    }
}
