/// The `mail` object that all events of a message share, written once: a class, because many events hold it while they wait.
final class EventMail: Sendable {
    static let sourceIP = "192.0.2.1"
    static let caller = "simulated-user"

    let messageID: String
    /// Wall-clock milliseconds of the acceptance.
    let acceptedAt: Int64
    let domain: String
    let configurationSet: String?
    /// Bare addresses.
    let recipients: [String]
    /// Their numbers in the ledger, and the ledger's generation that gave them; nil where it was full.
    let records: Range<Int>?
    let generation: Int
    private let head: String
    private let content: String
    /// `name: [values]` of each tag of the message.
    private let tags: [(name: String, values: [String])]

    init(_ send: AcceptedSend, names: AmazonNames, recipients: [String], records: Range<Int>?, generation: Int) {
        let submission = send.submission
        let headers = MailHeaders(submission, messageID: send.messageID)
        messageID = send.messageID
        acceptedAt = send.milliseconds
        self.recipients = recipients
        self.records = records
        self.generation = generation
        let source = submission.from ?? headers.from ?? ""
        domain = EmailAddress.domain(source)
        configurationSet = submission.configurationSet
        head = """
            "timestamp":"\(WireTime.text(send.milliseconds))","source":\(JSONText.quoted(source)),\
            "sourceArn":\(JSONText.quoted(names.identity(domain))),"sendingAccountId":"\(names.account)",\
            "messageId":"\(send.messageID)","destination":\(JSONText.quoted(recipients))
            """
        content = headers.members
        tags = Self.grouped(submission.tags)
    }

    /// The object for one event. `tags` nil leaves them out; else it may change them.
    func json(_ kind: EventKind, format: NotificationFormat, tags change: TagChange = .none) -> String {
        var members = head
        if format == .notification {
            members += #","sourceIp":"\#(Self.sourceIP)","callerIdentity":"\#(Self.caller)""#
        }
        if kind != .deliveryDelay { members += "," + content }
        if format == .event { members += #","tags":{\#(tagMembers(kind, change))}"# }
        return "{\(members)}"
    }

    private func tagMembers(_ kind: EventKind, _ change: TagChange) -> String {
        var all: [(name: String, values: [String])] = []
        if let configurationSet { all.append(("ses:configuration-set", [configurationSet])) }
        all += [
            ("ses:source-ip", [Self.sourceIP]), ("ses:from-domain", [domain]), ("ses:caller-identity", [Self.caller]),
        ]
        if kind == .delivery { all.append(("ses:outgoing-ip", ["192.0.2.2"])) }
        switch change {
        case .none: all += tags
        case .removed: break
        case .foreign(let id):
            all += tags.map { $0.name == Submission.idTag ? ($0.name, [id]) : $0 }
        }
        return all.map { "\(JSONText.quoted($0.name)):\(JSONText.quoted($0.values))" }.joined(separator: ",")
    }

    private static func grouped(_ tags: [Submission.Tag]) -> [(name: String, values: [String])] {
        var grouped: [(name: String, values: [String])] = []
        for tag in tags {
            if let index = grouped.firstIndex(where: { $0.name == tag.name }) {
                grouped[index].values.append(tag.value)
            } else {
                grouped.append((tag.name, [tag.value]))
            }
        }
        return grouped
    }
}

/// What a fault does to a message's tags.
enum TagChange: Equatable, Sendable {
    case none
    case removed
    case foreign(id: String)
}

/// Which of SES's two mechanisms a notification comes from.
enum NotificationFormat: Sendable {
    /// A configuration set's event destination: `eventType`.
    case event
    /// An identity's feedback topic: `notificationType`.
    case notification
}
