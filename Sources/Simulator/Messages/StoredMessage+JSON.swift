extension StoredMessage {
    /// The message as `GET /_simulator/messages` shows it. The content is the very JSON that was sent: `raw` a base64
    /// string, `simple` and `template` SES's own objects.
    var json: [UInt8] {
        var json: [UInt8] = []
        json.append(contentsOf: head.utf8)
        if let content = submission.content {
            json.append(contentsOf: #","kind":"\#(content.kind.rawValue)","\#(content.kind.rawValue)":"#.utf8)
            json.append(contentsOf: content.body[content.value])
            if let replacement = content.replacement {
                json.append(contentsOf: #","replacement":"#.utf8)
                json.append(contentsOf: content.body[replacement])
            }
        }
        json.append(UInt8(ascii: "}"))
        return json
    }

    private var head: String {
        let destination = submission.destination
        let tags = submission.tags.map { "\(JSONText.quoted($0.name)):\(JSONText.quoted($0.value))" }
        return """
            {"message_id":"\(id)","at_ns":\(at),"from":\(JSONText.quoted(submission.from)),\
            "reply_to":\(JSONText.quoted(submission.replyTo)),\
            "destination":{"to":\(JSONText.quoted(destination.to)),"cc":\(JSONText.quoted(destination.cc)),\
            "bcc":\(JSONText.quoted(destination.bcc))},"recipients":\(JSONText.quoted(submission.recipients)),\
            "configuration_set":\(JSONText.quoted(submission.configurationSet)),\
            "identity_arn":\(JSONText.quoted(submission.identityARN)),\
            "feedback_address":\(JSONText.quoted(submission.feedbackAddress)),\
            "feedback_identity_arn":\(JSONText.quoted(submission.feedbackIdentityARN)),"tags":{\(tags.joined(separator: ","))}
            """
    }
}
