/// One header field as a tenant gave it: a name and its unencoded, unfolded value.
public struct HeaderField: Hashable, Codable, Sendable {
    public var name: String
    public var value: String

    public init(name: String, value: String) {
        self.name = name
        self.value = value
    }
}
