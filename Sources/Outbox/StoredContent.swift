import Foundation
public import Mail

/// A message's content in the form in which `body` keeps it.
public struct StoredContent: Sendable {
    public enum Kind: Int16, Sendable {
        /// `SimpleContent` as JSON.
        case simple = 0
        /// MIME.
        case raw = 1
        /// `TemplatedContent` as JSON.
        case templated = 2
    }

    /// What it is once it is read.
    public enum Form: Sendable {
        /// To be sent as it is.
        case whole(MessageContent)
        /// To be filled first, for each recipient.
        case templated(TemplatedContent)
    }

    /// Added to a kind whose bytes are sealed. Nodes that know nothing of sealing leave such a message to others.
    static let sealedMark: Int16 = 16

    public let kind: Kind
    public let bytes: [UInt8]
    /// Bytes that it takes in memory when it is sent.
    public let size: Int
    let isSealed: Bool

    init(kind: Kind, bytes: [UInt8]) {
        self.init(kind: kind, bytes: bytes, size: bytes.count)
    }

    private init(kind: Kind, bytes: [UInt8], size: Int, isSealed: Bool = false) {
        self.kind = kind
        self.bytes = bytes
        self.size = size
        self.isSealed = isSealed
    }

    /// The same in sealed bytes, which have no ``form()``.
    func sealed(as bytes: [UInt8]) -> StoredContent {
        StoredContent(kind: kind, bytes: bytes, size: size, isSealed: true)
    }

    /// As `body.kind` has it.
    var storedKind: Int16 { isSealed ? kind.rawValue | Self.sealedMark : kind.rawValue }

    public init(_ content: MessageContent) throws {
        switch content {
        case .simple(let simple): self.init(kind: .simple, bytes: Self.json(simple))
        case .raw(let bytes): self.init(kind: .raw, bytes: bytes)
        }
    }

    /// - Parameter filledSize: bytes of the largest mail that is made of it.
    public init(_ content: TemplatedContent, filledSize: Int) throws {
        let bytes = Array(try JSONEncoder().encode(content))
        self.init(kind: .templated, bytes: bytes, size: bytes.count + filledSize)
    }

    /// - Throws: a decoding error when the stored bytes are damaged.
    public func form() throws -> Form {
        switch kind {
        case .simple: .whole(.simple(try JSONDecoder().decode(SimpleContent.self, from: Data(bytes))))
        case .raw: .whole(.raw(bytes))
        case .templated: .templated(try JSONDecoder().decode(TemplatedContent.self, from: Data(bytes)))
        }
    }
}
