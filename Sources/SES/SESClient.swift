public import AWS
public import Outbound

/// SES (API v2) for one account in one region.
public struct SESClient: Sendable {
    private static let sendPath = "/v2/email/outbound-emails"
    private static let bulkPath = "/v2/email/outbound-bulk-emails"
    private static let accountPath = "/v2/email/account"

    let aws: AWSClient
    private let configurationSet: String?
    private let timeouts: Timeouts

    /// - Parameters:
    ///   - aws: signs for SES (`AWSService.ses`) in the account's region.
    ///   - configurationSet: for calls that name none.
    ///   - timeouts: of a send. They should leave room for the largest message at the slowest link.
    public init(
        aws: AWSClient,
        configurationSet: String? = nil,
        timeouts: Timeouts = Timeouts(connect: .seconds(5), response: .seconds(30), total: .seconds(120))
    ) {
        self.aws = aws
        self.configurationSet = configurationSet
        self.timeouts = timeouts
    }

    /// Sends one message to the recipients of its envelope. It does not fail: whatever happens has an outcome.
    public func send(_ call: SendCall) async -> SendResult {
        let body = call.body(defaultConfigurationSet: configurationSet)
        do throws(AWSError) {
            return SendResult(try await post(body, to: Self.sendPath, deadline: call.deadline))
        } catch {
            return SendResult(error)
        }
    }

    /// Sends every entry. It does not fail: each has an outcome, whatever happens.
    public func send(_ call: BulkCall) async -> BulkResult {
        let body = call.body(configurationSet: configurationSet)
        do throws(AWSError) {
            let reply = try await post(body, to: Self.bulkPath, deadline: call.deadline)
            return BulkResult(reply, entries: call.entries.count)
        } catch {
            return BulkResult(error, entries: call.entries.count)
        }
    }

    private func post(_ body: [UInt8], to path: String, deadline: SendDeadline?) async throws(AWSError) -> AWSReply {
        var request = AWSCall(method: .post, path: path, body: body)
        request.timeouts = timeouts
        request.deadline = deadline
        return try await aws.send(request)
    }

    /// The account's quotas and standing. SES answers about one such call a second: ask rarely.
    ///
    /// - Throws: the failure, of the kinds of a send; `temporary` where a send would be ambiguous.
    public func account() async throws(SendFailure) -> AccountStatus {
        let body = try await ask(AWSCall(method: .get, path: Self.accountPath))
        guard let status = AccountStatus(body) else {
            throw SendFailure(.temporary, message: "the answer to GetAccount has no quotas")
        }
        return status
    }

    /// A call that may be repeated whatever became of it; returns the answer's body.
    func ask(_ call: AWSCall) async throws(SendFailure) -> [UInt8] {
        var request = call
        request.timeouts = Timeouts(connect: .seconds(5), response: .seconds(10), total: .seconds(20))
        let reply: AWSReply
        do throws(AWSError) {
            reply = try await aws.send(request)
        } catch {
            throw SendFailure(error).repeatable
        }
        if let error = reply.serviceError { throw Refusal(error: error).failure.repeatable }
        return reply.body
    }
}

extension SendFailure {
    /// The failure of a call that may be repeated whatever became of it.
    fileprivate var repeatable: SendFailure {
        kind == .ambiguous ? SendFailure(.temporary, code: code, message: message) : self
    }
}
