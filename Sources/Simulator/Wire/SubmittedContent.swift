/// Where a message's content lies in the request body: kept as the JSON it came in, so that nothing is rendered twice
/// and tests see the bytes that were sent.
struct SubmittedContent: Sendable {
    enum Kind: String, Sendable {
        case simple
        case raw
        case template
    }

    let kind: Kind
    /// The whole request body.
    let body: [UInt8]
    /// The JSON value of `Content.Simple`, `Content.Raw.Data` or the template.
    let value: Range<Int>
    /// The JSON value of a bulk entry's `ReplacementEmailContent`.
    var replacement: Range<Int>?
}
