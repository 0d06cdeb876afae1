/// Something that came in and can never be applied.
struct KeptNotification: Sendable {
    /// Nil where it names no account of ours.
    let accountID: Int32?
    /// A topic's ARN, a queue's URL, or empty where neither is known.
    let source: String
    /// Such as `bad_signature`.
    let reason: String
    /// The same in words.
    let detail: String
    let body: [UInt8]
}
