import AWS

/// Why a call to SQS came to nothing.
struct SQSError: Error, Sendable, CustomStringConvertible {
    /// A code of SQS's, or how the call failed.
    let code: String
    let message: String

    init(code: String, message: String) {
        self.code = code
        self.message = message
    }

    init(_ error: AWSError) {
        self.init(code: "\(error.code)", message: error.message)
    }

    init(_ error: ServiceError) {
        self.init(code: error.code ?? "status \(error.status)", message: error.message ?? "no message")
    }

    /// The queue's address leads to none.
    var isMissingQueue: Bool { code == "QueueDoesNotExist" || code.hasSuffix("NonExistentQueue") }

    var description: String {
        isMissingQueue ? "\(code): \(message) (check sqs_queue_url)" : "\(code): \(message)"
    }
}
