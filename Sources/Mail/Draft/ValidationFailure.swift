/// One thing that is wrong with a draft: where (JSON pointer, RFC 6901, into the request) and what. Holds no
/// addresses and no content.
public struct ValidationFailure: Hashable, Sendable {
    public let pointer: String
    public let detail: String

    public init(pointer: String, detail: String) {
        self.pointer = pointer
        self.detail = detail
    }
}
