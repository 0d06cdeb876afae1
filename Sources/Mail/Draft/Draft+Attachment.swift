extension Draft {
    /// A file that goes with a message. With a content id, and with an HTML body to refer to it, it is shown inline
    /// (RFC 2392).
    public struct Attachment: Hashable, Sendable {
        public var filename: String
        /// The file's bytes, decoded.
        public var content: [UInt8]
        /// A media type with parameters, `text/calendar; method=REQUEST`; nil: guessed from the file name.
        public var contentType: String?
        /// What `cid:` links name, with or without angle brackets.
        public var contentID: String?

        public init(filename: String, content: [UInt8], contentType: String? = nil, contentID: String? = nil) {
            self.filename = filename
            self.content = content
            self.contentType = contentType
            self.contentID = contentID
        }
    }
}
