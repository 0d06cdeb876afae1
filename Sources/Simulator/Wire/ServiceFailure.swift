/// An error in SES's words: HTTP status, error code and message, and the status it has inside a bulk answer.
struct ServiceFailure: Error, Sendable, Equatable {
    var status: Int
    var code: String
    var message: String
    var bulkStatus = "FAILED"

    static let throttled = ServiceFailure(
        status: 429,
        code: "TooManyRequestsException",
        message: "Maximum sending rate exceeded.",
        bulkStatus: "ACCOUNT_THROTTLED"
    )

    static let dailyQuota = ServiceFailure(
        status: 429,
        code: "TooManyRequestsException",
        message: "Daily message quota exceeded.",
        bulkStatus: "ACCOUNT_DAILY_QUOTA_EXCEEDED"
    )

    static let paused = ServiceFailure(
        status: 400,
        code: "SendingPausedException",
        message: "Sending paused for this account. For more information, please check the inbox of the email address "
            + "associated with your AWS account.",
        bulkStatus: "ACCOUNT_SENDING_PAUSED"
    )

    static let expiredToken = ServiceFailure(
        status: 403,
        code: "ExpiredTokenException",
        message: "The security token included in the request is expired"
    )

    static let unauthenticated = ServiceFailure(
        status: 403,
        code: "MissingAuthenticationTokenException",
        message: "Missing Authentication Token"
    )

    static let tooLarge = ServiceFailure(
        status: 413,
        code: "RequestEntityTooLargeException",
        message: "Request entity too large"
    )

    static let limitExceeded = ServiceFailure(
        status: 400,
        code: "LimitExceededException",
        message: "The simulator's suppression list is full"
    )

    static func unknownOperation(_ method: String, _ path: String) -> ServiceFailure {
        ServiceFailure(status: 404, code: "UnknownOperationException", message: "\(method) \(path) is not simulated")
    }

    static func badRequest(_ message: String) -> ServiceFailure {
        ServiceFailure(status: 400, code: "BadRequestException", message: message, bulkStatus: "INVALID_PARAMETER")
    }

    static func serialization(_ message: String) -> ServiceFailure {
        ServiceFailure(status: 400, code: "SerializationException", message: message)
    }
}
