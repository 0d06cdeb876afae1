/// What SES refuses in any submission: too many recipients, bad addresses, bad tags.
enum SubmissionLimits {
    /// 40 MB, counted after base64.
    static let messageBytes = 40 << 20
    static let recipients = 50

    /// Counts the mailbox-simulator addresses and sets `refusal` to the first fault, unless there is one already.
    static func check(_ submission: inout Submission) {
        var fault: String?
        for recipient in submission.recipients {
            let address = EmailAddress(recipient)
            if address.isSimulated { submission.exempt += 1 }
            fault = fault ?? address.fault
        }
        for address in submission.replyTo { fault = fault ?? EmailAddress(address).fault }
        if let address = submission.feedbackAddress { fault = fault ?? EmailAddress(address).fault }
        if let arn = submission.identityARN { fault = fault ?? IdentityBook.fault(of: arn, from: submission.from) }
        if let from = submission.from { fault = fault ?? EmailAddress(from).fault }
        if submission.recipients.count > recipients {
            fault = "Recipient count exceeds \(recipients)."
        } else if submission.recipients.isEmpty {
            fault = "Destination has no recipients"
        }
        if let tag = submission.tags.first(where: { !isTagPart($0.name) || !isTagPart($0.value) }) {
            fault = fault ?? "Invalid tag \(tag.name.prefix(64)): only A-Z, a-z, 0-9, _ and - (1 to 256) are allowed"
        }
        if let fault, submission.refusal == nil { submission.refusal = .badRequest(fault) }
    }

    private static func isTagPart(_ text: String) -> Bool {
        let bytes = text.utf8
        return (1...256).contains(bytes.count)
            && bytes.allSatisfy { byte in
                switch byte {
                case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
                    UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "_"), UInt8(ascii: "-"):
                    true
                default: false
                }
            }
    }
}
