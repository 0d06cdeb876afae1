/// A `SendEmail` or `SendBulkEmail` call as it was read: one submission, or one per bulk entry.
struct SendRequest: Sendable {
    /// The API operations that are simulated, in the words of a faults document.
    enum Operation: String, CaseIterable, Sendable {
        case send
        case bulk
        case account
    }

    var operation: Operation
    var submissions: [Submission]
    /// Why the call as a whole is refused; nil where it is valid.
    var refusal: ServiceFailure?

    /// A call whose body could not be read.
    init(operation: Operation, unreadable: ServiceFailure) {
        self.operation = operation
        submissions = []
        refusal = unreadable
    }

    init(operation: Operation, submissions: [Submission] = [], refusal: ServiceFailure? = nil) {
        self.operation = operation
        self.submissions = submissions
        self.refusal = refusal
    }

    /// Reads the body of `operation`; what cannot be read becomes the call's refusal.
    static func parse(_ body: [UInt8], operation: Operation) -> SendRequest {
        do throws(ServiceFailure) {
            var reader = try JSONReader(body)
            switch operation {
            case .send: return try SendEmailReading.read(&reader)
            case .bulk: return try SendBulkEmailReading.read(&reader)
            case .account: return SendRequest(operation: .account)
            }
        } catch {
            return SendRequest(operation: operation, unreadable: error)
        }
    }

    /// Whether any recipient contains `text`.
    func hasRecipient(containing text: String) -> Bool {
        submissions.contains { submission in
            submission.recipients.contains { $0.contains(text) }
        }
    }
}
