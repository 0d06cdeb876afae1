public import Mail

/// What some recipients of broadcasts have of their own. A damaged one harms nobody else.
public struct RecipientData: Sendable {
    public var values: [OutboxID: TemplateValue] = [:]
    /// Whose data cannot be read.
    public var damaged: Set<OutboxID> = []

    public init() {}
}
