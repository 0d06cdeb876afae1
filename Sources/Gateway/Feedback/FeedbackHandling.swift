/// What SNS, or somebody who says so, posted for an account.
public struct FeedbackDelivery: Sendable {
    /// As it stands in the path; it may name no account.
    public let account: String
    /// By name in lower case; of a repeated field, the values with commas between them.
    public let headers: [String: String]
    public let body: [UInt8]

    public init(account: String, headers: [String: String], body: [UInt8]) {
        self.account = account
        self.headers = headers
        self.body = body
    }
}

/// How a delivery is answered.
public enum FeedbackAnswer: Sendable {
    /// Durable, known already, or kept for the operator: it need not come again.
    case accepted
    /// It can never be accepted. The status is 400, 403, 404 or 413; the code is a stable word.
    case refused(status: Int, code: String, detail: String)
    /// It is to come again.
    case busy(retryAfter: Int)
}

/// What the SNS route does. Returns once what it answers holds.
public typealias FeedbackHandling = @Sendable (FeedbackDelivery) async -> FeedbackAnswer
