import AWS

/// What a refusal by SES means: code and message together decide, the status where they are silent.
struct Refusal {
    private static let throttles: Set<String> = [
        "Throttling", "ThrottlingException", "ThrottledException", "RequestThrottledException", "RequestThrottled",
        "TooManyRequestsException", "ProvisionedThroughputExceededException", "TransactionInProgressException",
        "RequestLimitExceeded", "BandwidthLimitExceeded", "LimitExceededException", "SlowDown",
        "PriorRequestNotComplete",
        "EC2ThrottledException",
    ]

    private static let pauses: Set<String> = [
        "SendingPausedException", "AccountSuspendedException", "AccountSendingPausedException",
        "ConfigurationSetSendingPausedException",
    ]

    private static let credentials: Set<String> = [
        "InvalidSignatureException", "SignatureDoesNotMatch", "IncompleteSignature", "IncompleteSignatureException",
        "UnrecognizedClientException", "InvalidClientTokenId", "MissingAuthenticationToken",
        "MissingAuthenticationTokenException", "ExpiredToken", "ExpiredTokenException", "AccessDenied",
        "AccessDeniedException", "NotAuthorized", "OptInRequired", "RequestExpired",
    ]

    let error: ServiceError

    /// Whether the refusal says for certain that nothing was sent.
    ///
    /// A 5xx without a throttling code does not: the fault may have come after SES took the message.
    var isCertain: Bool { error.status < 500 || isThrottle }

    var kind: SendFailure.Kind {
        guard isCertain else { return .ambiguous }
        if contains("daily message quota exceeded") { return .dailyQuota }
        if isThrottle { return .throttled }
        guard let code = error.code else { return kindByStatus }
        if Self.pauses.contains(code) { return .accountPaused }
        if Self.credentials.contains(code) { return .credentials }
        switch code {
        case "MessageRejected", "MessageRejectedException":
            // The pause of an account was seen under this code.
            if contains("sending paused") { return .accountPaused }
            return contains("not verified") ? .identityUnverified : .rejected
        case "FromEmailAddressNotVerified", "FromEmailAddressNotVerifiedException": return .identityUnverified
        case "MailFromDomainNotVerified", "MailFromDomainNotVerifiedException", "NotFoundException",
            "ConfigurationSetDoesNotExist", "ConfigurationSetDoesNotExistException":
            return .configuration
        case "RequestTimeout", "RequestTimeoutException", "ConflictException": return .temporary
        default: return kindByStatus
        }
    }

    /// The failure, in SES's words.
    var failure: SendFailure {
        let words = error.message.map(FailureText.clean) ?? ""
        let code = error.code.map { FailureText.clean($0) }
        let place = code.map { "\($0), status \(error.status)" } ?? "status \(error.status)"
        let verb = isCertain ? "refused" : "failed after the request was sent"
        return SendFailure(
            kind,
            code: code,
            message: words.isEmpty ? "SES \(verb) (\(place))" : "SES \(verb): \(words) (\(place))"
        )
    }

    private var isThrottle: Bool {
        error.status == 429 || error.code.map(Self.throttles.contains) ?? false
    }

    private func contains(_ text: String) -> Bool {
        error.message?.lowercased().contains(text) ?? false
    }

    /// For an answer without a code that we know, which may come from something in front of SES.
    private var kindByStatus: SendFailure.Kind {
        switch error.status {
        case 401, 403: .credentials
        case 408, 409, 425: .temporary
        case 300..<400, 404, 405, 407, 410, 421, 426: .configuration
        default: .rejected
        }
    }
}
