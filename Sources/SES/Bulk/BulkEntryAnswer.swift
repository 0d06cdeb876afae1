import AWS

/// What SES says of one entry of a `SendBulkEmail`.
struct BulkEntryAnswer: Decodable {
    // SES's names.
    private enum CodingKeys: String, CodingKey {
        case status = "Status"
        case error = "Error"
        case messageID = "MessageId"
    }

    let status: String
    let error: String?
    let messageID: String?

    /// What cannot be read of one entry says nothing of the others: it is then without a status that we know.
    init(from decoder: any Decoder) throws {
        let members = try? decoder.container(keyedBy: CodingKeys.self)
        func text(_ key: CodingKeys) -> String? { try? members?.decodeIfPresent(String.self, forKey: key) }
        status = text(.status) ?? ""
        error = text(.error)
        messageID = text(.messageID)
    }

    var outcome: SendOutcome {
        if status == "SUCCESS" {
            guard let messageID, !messageID.isEmpty else {
                return .unknown(SendFailure(.ambiguous, message: "SES took the entry, but gave it no message id"))
            }
            return .sent(messageID: messageID)
        }
        guard let kind else {
            let word = FailureText.clean(status)
            return .unknown(SendFailure(.ambiguous, code: word, message: "SES says '\(word)', which we do not know"))
        }
        let words = error.map(FailureText.clean) ?? ""
        let verb = kind == .temporary ? "failed" : "refused"
        return .notSent(
            SendFailure(
                kind,
                code: status,
                message: words.isEmpty ? "SES \(verb) (\(status))" : "SES \(verb): \(words) (\(status))"
            )
        )
    }

    /// Nil for a status that is not SES's. The model of the API and its prose spell some of them differently.
    private var kind: SendFailure.Kind? {
        switch status {
        // The same words as of a single send, whose meaning hangs on the text.
        case "MESSAGE_REJECTED":
            Refusal(error: ServiceError(status: 400, code: "MessageRejected", message: error)).kind
        case "ACCOUNT_THROTTLED":
            Refusal(error: ServiceError(status: 429, code: "TooManyRequestsException", message: error)).kind
        case "ACCOUNT_DAILY_QUOTA_EXCEEDED": .dailyQuota
        case "ACCOUNT_SUSPENDED", "ACCOUNT_SENDING_PAUSED", "CONFIGURATION_SET_SENDING_PAUSED": .accountPaused
        case "MAIL_FROM_DOMAIN_NOT_VERIFIED", "CONFIGURATION_SET_NOT_FOUND", "CONFIGURATION_SET_DOES_NOT_EXIST",
            "TEMPLATE_NOT_FOUND", "TEMPLATE_DOES_NOT_EXIST", "INVALID_SENDING_POOL_NAME":
            .configuration
        case "INVALID_PARAMETER", "INVALID_PARAMETER_VALUE": .rejected
        case "TRANSIENT_FAILURE", "FAILED": .temporary
        default: nil
        }
    }
}
