/// A message of a queue as it was received once.
struct QueueMessage: Sendable, Equatable {
    let id: String
    /// Names this receipt of it; a later one has another.
    let receipt: String
    let body: [UInt8]
    /// How often it was received, this time included.
    let receives: Int
}
