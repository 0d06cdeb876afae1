/// The header fields by which a mail program offers to end a subscription with one click (RFC 8058). SES signs what it is given (DKIM).
public struct ListUnsubscribe: Hashable, Sendable {
    /// SES takes no more header fields of a plain mail.
    private static let mostFields = 15
    private static let names = ["List-Unsubscribe", "List-Unsubscribe-Post"]
    /// A signature of the sender's own may cover fields that are not there yet.
    private static let hindrances: Set<String> = ["list-unsubscribe", "list-unsubscribe-post", "dkim-signature"]

    public let fields: [HeaderField]

    /// - Parameter url: `https`, of printable ASCII without angle brackets.
    public init(url: String) {
        fields = zip(Self.names, ["<\(url)>", "List-Unsubscribe=One-Click"]).map { HeaderField(name: $0, value: $1) }
    }

    /// The fields beside those that a plain mail has; none where it has its own, or has no room.
    public func fields(beside others: [HeaderField]) -> [HeaderField] {
        let isFree = others.count + fields.count <= Self.mostFields && fields.allSatisfy(HeaderRules.fitsSimple)
        return isFree && !others.contains { Self.hindrances.contains($0.name.lowercased()) } ? fields : []
    }

    /// A mail with the fields; unchanged where it has its own, has no room, or is signed.
    public func added(to content: MessageContent) -> MessageContent {
        switch content {
        case .simple(let mail):
            .simple(
                SimpleContent(
                    from: mail.from,
                    to: mail.to,
                    replyTo: mail.replyTo,
                    subject: mail.subject,
                    text: mail.text,
                    html: mail.html,
                    headers: mail.headers + fields(beside: mail.headers)
                )
            )
        case .raw(let bytes): .raw(added(to: bytes))
        }
    }

    private func added(to message: [UInt8]) -> [UInt8] {
        let section = HeaderSection(message)
        guard section.reasons.isEmpty, !section.fields.contains(where: { Self.hindrances.contains($0.key) }) else {
            return message
        }
        let lineEnd = message.firstIndex(of: ASCII.lineFeed)
        let isBare = lineEnd.map { $0 == 0 || message[$0 - 1] != ASCII.carriageReturn } ?? false
        var head: [UInt8] = []
        for field in fields { head += "\(field.name): \(field.value)\(isBare ? "\n" : "\r\n")".utf8 }
        return head + message
    }
}
