/// Which header fields a tenant may set, and which may stand in a message only once.
enum HeaderRules {
    /// Refused among `headers`, in lower case: SES or Sluice writes them, a member of the request is there for them,
    /// or they would claim something about the message's way that is not true.
    private static let reserved: Set<String> = [
        "apparently-to", "authentication-results", "bcc", "cc", "date", "delivered-to", "dkim-signature",
        "domainkey-signature", "feedback-id", "from", "message-id", "mime-version", "received", "received-spf",
        "reply-to",
        "return-path", "sender", "subject", "to",
    ]

    /// SES reads and removes `X-SES-*`; `Feedback-ID` (above) is its own too, set through message tags.
    private static let reservedPrefixes = ["x-ses-", "x-amz-", "x-sluice-", "content-", "arc-", "resent-"]

    /// Twice in a message, and SES refuses it ("header fields" in the SES guide). RFC 5322, section 3.6, names fewer.
    private static let single: Set<String> = [
        "accept-language", "acceptlanguage", "archived-at", "auto-submitted", "bounces-to", "comments",
        "content-alternative", "content-base", "content-class", "content-description", "content-disposition",
        "content-duration", "content-id", "content-language", "content-length", "content-location", "content-md5",
        "content-transfer-encoding", "content-type", "date", "delivered-to", "disposition-notification-options",
        "disposition-notification-to", "dkim-signature", "domainkey-signature", "errors-to", "from", "importance",
        "in-reply-to", "keywords", "list-archive", "list-help", "list-id", "list-owner", "list-post", "list-subscribe",
        "list-unsubscribe", "list-unsubscribe-post", "message-context", "message-id", "mime-version", "organization",
        "original-from", "original-message-id", "original-recipient", "original-subject", "precedence", "priority",
        "references", "reply-to", "return-path", "return-receipt-to", "sender", "solicitation", "sensitivity",
        "subject",
        "thread-index", "thread-topic", "user-agent", "vbr-info",
    ]

    /// Fields of ids and URLs, in which an encoded word would mean something else.
    private static let structured: Set<String> = [
        "auto-submitted", "disposition-notification-to", "in-reply-to", "list-archive", "list-help", "list-owner",
        "list-post",
        "list-subscribe", "list-unsubscribe", "list-unsubscribe-post", "references", "return-receipt-to",
    ]

    /// Why a tenant may not set the field; nil when they may. `name` is in lower case.
    static func refusal(ofName name: String) -> String? {
        if name.hasPrefix("x-ses-") {
            return "X-SES-* headers steer Amazon SES and cannot be set by a message"
        }
        guard !reserved.contains(name), !reservedPrefixes.contains(where: name.hasPrefix) else {
            return "this header is written by the gateway or by Amazon SES and cannot be set"
        }
        return nil
    }

    /// Whether the field may appear only once. `name` is in lower case.
    static func isSingle(_ name: String) -> Bool {
        single.contains(name)
    }

    /// Whether the field's value must stay ASCII. `name` is in lower case.
    static func isStructured(_ name: String) -> Bool {
        structured.contains(name)
    }
}
