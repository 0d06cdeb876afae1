/// An attachment that passed validation.
struct CheckedAttachment {
    let filename: String
    let content: [UInt8]
    let contentType: ContentType
    let contentID: String?
}
