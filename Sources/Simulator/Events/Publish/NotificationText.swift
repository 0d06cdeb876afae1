/// The text of a notification for its destination, with what a fault does to it. The same for each attempt.
struct NotificationText {
    private static let subject = "Amazon SES Email Event Notification"

    let envelope: Envelope
    let names: AmazonNames
    let queueFormat: EventOptions.Queue.Format

    func body(of notification: Notification) -> String {
        switch notification.content {
        case .setUp:
            return envelope.notification(
                id: notification.id,
                at: notification.at,
                subject: Self.subject,
                message: "Successfully validated SNS topic for Amazon SES event publishing."
            )
        case .event(let event, let format):
            let message = message(of: event, format)
            guard notification.destination == .queue, queueFormat != .sns else {
                return self.envelope(message, notification, event.fault, format)
            }
            return queueFormat == .raw ? message : bridged(message, notification, event.text)
        }
    }

    private func message(of event: SaidEvent, _ format: NotificationFormat) -> String {
        var tags = TagChange.none
        var name: String?
        switch event.fault {
        case .noTags: tags = .removed
        case .foreignTag(let id): tags = .foreign(id: id)
        case .unknownType: name = "Teleport"
        default: break
        }
        var json = event.text.json(format, tags: tags, name: name)
        if case .giant(let bytes) = event.fault {
            json.removeLast()
            json += #","padding":"\#(String(repeating: "x", count: max(0, bytes - json.utf8.count)))"}"#
        }
        if event.fault == .malformed { json = String(json.dropLast(json.count / 2)) }
        // SES ends the events of configuration sets with a new line.
        return format == .event ? json + "\n" : json
    }

    private func envelope(
        _ message: String,
        _ notification: Notification,
        _ fault: EventFault?,
        _ format: NotificationFormat
    ) -> String {
        var at = notification.at
        var topic: String?
        switch fault {
        case .shiftedTimestamp(let age): at -= age.wholeNanoseconds / 1_000_000
        case .foreignTopic(let arn): topic = arn
        default: break
        }
        return envelope.notification(
            id: notification.id,
            at: at,
            subject: format == .event ? Self.subject : nil,
            message: message,
            topicARN: topic,
            forge: fault == .forge
        )
    }

    private func bridged(_ message: String, _ notification: Notification, _ text: EventText) -> String {
        let set = text.mail.configurationSet.map { [names.configurationSet($0)] } ?? []
        let detail = message.last == "\n" ? String(message.dropLast()) : message
        return """
            {"version":"0","id":"\(notification.id)","detail-type":"\(text.kind.detailType)","source":"aws.ses",\
            "account":"\(names.account)","time":"\(WireTime.text(text.at))","region":"\(names.region)",\
            "resources":\(JSONText.quoted(set)),"detail":\(detail)}
            """
    }
}
