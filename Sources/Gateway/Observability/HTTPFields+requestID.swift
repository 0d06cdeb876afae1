import HTTPTypes

extension HTTPFields {
    private static let requestIDName = HTTPField.Name("X-Request-Id")

    /// The `X-Request-Id` header.
    var requestID: String? {
        get { Self.requestIDName.flatMap { self[$0] } }
        set { if let name = Self.requestIDName { self[name] = newValue } }
    }
}
