import Foundation
public import Mail

/// A message's content in the form in which `body` keeps it.
public struct StoredContent: Sendable {
    public enum Kind: Int16, Sendable {
        /// `SimpleContent` as JSON.
        case simple = 0
        /// MIME.
        case raw = 1
    }

    public let kind: Kind
    public let bytes: [UInt8]

    init(kind: Kind, bytes: [UInt8]) {
        self.kind = kind
        self.bytes = bytes
    }

    public init(_ content: MessageContent) throws {
        switch content {
        case .simple(let simple): self.init(kind: .simple, bytes: Array(try JSONEncoder().encode(simple)))
        case .raw(let bytes): self.init(kind: .raw, bytes: bytes)
        }
    }

    /// - Throws: a decoding error when the stored bytes are damaged.
    public func content() throws -> MessageContent {
        switch kind {
        case .simple: .simple(try JSONDecoder().decode(SimpleContent.self, from: Data(bytes)))
        case .raw: .raw(bytes)
        }
    }
}
