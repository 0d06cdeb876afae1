/// Where members are whose names stand before them in the same object: the first outside of a batch's messages and the first in
/// each of them, which is what is told. All of them may take a thousand times the room of the text.
struct RepeatedMembers: Sendable, Equatable {
    var outside: String?
    /// By the message's place in the batch.
    var inMessages: [Int: String] = [:]

    /// Of the whole text, for those who know no messages.
    var any: String? { outside ?? inMessages.min { $0.key < $1.key }?.value }
}
