public import Foundation
public import Mail

/// Which messages are asked for; nil: any.
public struct MessageFilter: Equatable, Sendable {
    public enum Status: Equatable, Sendable {
        /// All of its recipients have this one.
        case all(MessageStatus)
        /// Its recipients differ.
        case mixed
    }

    /// What a message is tagged with: a name, with any value where none is given.
    public struct Tag: Equatable, Sendable {
        public var name: String
        public var value: String?

        public init(name: String, value: String? = nil) {
            self.name = name
            self.value = value
        }
    }

    /// Who sent it, in lower case: an address, or anybody at a domain.
    public enum Sender: Equatable, Sendable {
        case address(String)
        case domain(String)
    }

    public var status: Status?
    /// The address of a recipient, in lower case.
    public var to: String?
    public var tag: Tag?
    public var region: String?
    public var from: Sender?
    /// From then on, to the millisecond.
    public var createdAfter: Date?
    /// Earlier than that.
    public var createdBefore: Date?

    public init() {}
}

/// Which recipients are asked for; nil: any.
public struct RecipientFilter: Equatable, Sendable {
    public var status: MessageStatus?
    /// Of the address, in lower case and Punycode.
    public var domain: String?
    public var region: String?
    /// From then on, to the millisecond.
    public var createdAfter: Date?
    /// Earlier than that.
    public var createdBefore: Date?

    public init() {}
}
