import Mail

/// A message's content while its calls need it; gives its bytes back to the budget when the last of them is done.
final class LoadedContent: Sendable {
    let content: MessageContent
    private let bytes: Int
    private let budget: ByteBudget

    init(_ content: MessageContent, bytes: Int, budget: ByteBudget) {
        self.content = content
        self.bytes = bytes
        self.budget = budget
    }

    deinit {
        budget.giveBack(bytes)
    }
}
