/// An email tag: SES repeats it in every event about the message. Names and values are letters, digits, `_` and `-`, at
/// most 256 of them.
public struct SESTag: Hashable, Sendable {
    /// The tag that carries the outbox id. Tenants may not use it.
    public static let outboxIDName = "sluice-id"

    /// The tag that carries the number of the attempt, from 1. Tenants may not use it.
    public static let attemptName = "sluice-attempt"

    public let name: String
    public let value: String

    public init(name: String, value: String) {
        self.name = name
        self.value = value
    }

    public static func outboxID(_ id: String) -> SESTag { SESTag(name: outboxIDName, value: id) }

    public static func attempt(_ number: Int) -> SESTag { SESTag(name: attemptName, value: "\(number)") }
}
