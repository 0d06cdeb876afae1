/// A template as its tenant wrote it. Also what comes out when it is filled: then without any tags.
public struct TemplateSource: Hashable, Codable, Sendable {
    public var subject: String
    public var text: String?
    public var html: String?

    public init(subject: String, text: String?, html: String?) {
        self.subject = subject
        self.text = text
        self.html = html
    }

    /// Bytes of all parts together.
    public var size: Int { subject.utf8.count + (text?.utf8.count ?? 0) + (html?.utf8.count ?? 0) }
}
