public import Directory
import FoundationEssentials
public import Logging
public import Outbound
public import Postgres
public import Signing
import Synchronization

/// Takes what SNS posts: knows the sender before anything else counts, and answers once what it says is durable.
///
/// SNS repeats what is answered with 5xx and gives up what is answered with 4xx. So whatever is transient here, overload
/// included, is `busy`, and `refused` is what can never be accepted.
public final class SNSIntake: Sendable {
    static let longestBody = 512 << 10
    static let mostAtOnce = 256
    private static let retryAfter = 5

    private let directory: @Sendable () -> DirectorySnapshot?
    private let taker: any NotificationTaking
    private let verifier: SNSVerifier
    private let confirmer: SubscriptionConfirmer
    private let records: any IntakeRecording
    private let now: @Sendable () -> Date
    private let databaseNow: @Sendable () async -> Date?
    private let logger: Logger
    private let clockPace = LogPace()
    private let certificatePace = LogPace()
    private let handled = Mutex(0)

    /// - Parameters:
    ///   - trusted: what ``TrustedCertificates`` loaded.
    ///   - http: for SNS's certificates and confirmations.
    public convenience init(
        directory: @escaping @Sendable () -> DirectorySnapshot?,
        taker: any NotificationTaking,
        trusted: [X509Certificate],
        pool: PostgresPool,
        health: SourceHealth,
        http: HTTPClient,
        logger: Logger
    ) {
        let fetch = CertificateFetch(http: http)
        let clock = DatabaseClock(pool: pool)
        self.init(
            directory: directory,
            taker: taker,
            verifier: SNSVerifier(
                trusted: trusted,
                certificates: SigningCertificates(policy: CertificatePolicy(roots: .system())) {
                    (url) async throws(SigningCertificates.Failure) in try await fetch(url)
                }
            ),
            records: IntakeRecords(pool: pool, health: health, logger: logger),
            http: http,
            databaseNow: { await clock.now() },
            logger: logger
        )
    }

    init(
        directory: @escaping @Sendable () -> DirectorySnapshot?,
        taker: any NotificationTaking,
        verifier: SNSVerifier,
        records: any IntakeRecording,
        http: HTTPClient,
        now: @escaping @Sendable () -> Date = { Date() },
        databaseNow: @escaping @Sendable () async -> Date?,
        logger: Logger
    ) {
        self.directory = directory
        self.taker = taker
        self.verifier = verifier
        self.records = records
        confirmer = SubscriptionConfirmer(http: http)
        self.now = now
        self.databaseNow = databaseNow
        self.logger = logger
    }

    /// Handles one request to `/feedback/sns/{account}`.
    public func handle(account name: String, headers: [(String, String)], body: [UInt8]) async -> IntakeAnswer {
        let mayStart = handled.withLock { handled in
            guard handled < Self.mostAtOnce else { return false }
            handled += 1
            return true
        }
        guard mayStart else { return busy }
        defer { handled.withLock { $0 -= 1 } }
        guard let directory = directory() else { return busy }
        guard let account = directory.account(named: name) else {
            let refusal = Refusal(status: 404, code: "unknown_account", detail: "there is no account of that name")
            return await refuse(refusal, accountID: nil, source: "", body: body)
        }
        return await handle(account, headers: headers, body: body)
    }

    private var busy: IntakeAnswer { .busy(retryAfter: Self.retryAfter) }

    private func handle(_ account: Account, headers: [(String, String)], body: [UInt8]) async -> IntakeAnswer {
        let envelope: SNSEnvelope
        do throws(Refusal) {
            envelope = try Self.envelope(headers: headers, body: body)
        } catch {
            return await refuse(error, accountID: account.id, source: "", body: body)
        }
        if let refusal = Self.topicRefusal(envelope, account) {
            return await refuse(refusal, accountID: account.id, source: envelope.topic, body: body)
        }
        let now = now()
        switch await verifier.verdict(on: envelope, now: now) {
        case .authentic: break
        case .forged(let detail):
            let refusal = Refusal(status: 403, code: "bad_signature", detail: detail)
            return await refuse(refusal, accountID: account.id, source: envelope.topic, body: body)
        case .unknown(let detail):
            warn(certificatePace, "feedback not verified", detail, account)
            return busy
        }
        switch await age(of: envelope, now: now) {
        case .current: break
        case .doubtful(let detail):
            warn(clockPace, "feedback put off: look at the clocks of this node and of the database", detail, account)
            return busy
        case .stale(let detail):
            // Authentic, but a copy in whosever hands.
            let refusal = Refusal(status: 403, code: "stale", detail: detail)
            return await refuse(refusal, accountID: account.id, source: envelope.topic, body: body)
        }
        switch envelope.kind {
        case .notification: return await take(envelope, account, receivedAt: now, body: body)
        case .subscription: return await confirm(envelope, account, body: body)
        case .unsubscription: return await end(envelope, account)
        }
    }

    /// By our clock, or by the database's where ours objects: a wrong clock of ours must not lose what is authentic.
    private func age(of envelope: SNSEnvelope, now: Date) async -> EnvelopeAge {
        let ours = EnvelopeAge(of: envelope, now: now)
        guard ours != .current, envelope.sentAt != nil else { return ours }
        guard let time = await databaseNow() else { return .doubtful("the database's clock cannot be asked") }
        let age = EnvelopeAge(of: envelope, now: time)
        if age == .current, let times = clockPace.next() {
            logger.error(
                "this node's clock is wrong: run NTP",
                metadata: ["ahead_of_database_s": "\(Int(now.timeIntervalSince(time)))", "times": "\(times)"]
            )
        }
        return age
    }

    private func warn(_ pace: LogPace, _ message: Logger.Message, _ detail: String, _ account: Account) {
        guard let times = pace.next() else { return }
        logger.warning(
            message,
            metadata: ["account": "\(account.name)", "error": "\(detail)", "times": "\(times)"]
        )
    }

    private static func envelope(headers: [(String, String)], body: [UInt8]) throws(Refusal) -> SNSEnvelope {
        let isRaw = headers.contains { $0.0.lowercased() == "x-amz-sns-rawdelivery" && $0.1.lowercased() == "true" }
        guard !isRaw else {
            throw Refusal(
                status: 400,
                code: "raw_delivery",
                detail: "raw delivery carries no signature: turn RawMessageDelivery off for this subscription"
            )
        }
        guard body.count <= longestBody else {
            throw Refusal(status: 413, code: "too_large", detail: "the body is longer than \(longestBody) bytes")
        }
        do throws(SNSEnvelope.Fault) {
            return try SNSEnvelope(body)
        } catch {
            throw Refusal(
                status: 400,
                code: "not_an_envelope",
                detail:
                    "this is not what SNS sends (\(error.detail)); if the subscription has raw delivery, turn it off"
            )
        }
    }

    private static func topicRefusal(_ envelope: SNSEnvelope, _ account: Account) -> Refusal? {
        guard !account.snsTopics.contains(where: { $0.utf8.elementsEqual(envelope.topic.utf8) }) else { return nil }
        return Refusal(
            status: 403,
            code: "topic_not_allowed",
            reason: "unlisted_topic",
            detail: "the topic is not among the account's sns_topics"
        )
    }

    // MARK: What is authentic

    private func take(
        _ envelope: SNSEnvelope,
        _ account: Account,
        receivedAt: Date,
        body: [UInt8]
    ) async -> IntakeAnswer {
        let notification = Notification(
            accountID: account.id,
            source: envelope.topic,
            id: envelope.messageID,
            receivedAt: receivedAt,
            message: Array(envelope.message.utf8)
        )
        let result = await taker.take(notification)
        IntakeMetrics.took(result, account: account.name, way: "sns")
        switch result {
        case .busy: return busy
        case .done, .notOurs:
            records.note(accountID: account.id, source: envelope.topic, isEvent: result == .done)
            return .accepted
        case .kept(let reason, let detail):
            let kept = KeptNotification(
                accountID: account.id,
                source: envelope.topic,
                reason: reason,
                detail: detail,
                body: body
            )
            guard await records.keep(kept, isKnown: true) else { return busy }
            records.note(accountID: account.id, source: envelope.topic, isEvent: false)
            return .accepted
        }
    }

    private func confirm(_ envelope: SNSEnvelope, _ account: Account, body: [UInt8]) async -> IntakeAnswer {
        let metadata: Logger.Metadata = ["account": "\(account.name)", "topic": "\(envelope.topic)"]
        guard let url = envelope.subscribeURL,
            SubscriptionConfirmer.mayAsk(url, topic: envelope.topic, account: account)
        else {
            let refusal = Refusal(
                status: 403,
                code: "bad_subscribe_url",
                detail: "SubscribeURL is neither SNS's in the topic's region nor at the account's endpoint"
            )
            return await refuse(refusal, accountID: account.id, source: envelope.topic, body: body)
        }
        if let objection = await confirmer.confirm(url) {
            logger.warning(
                "subscription not confirmed, SNS will ask again",
                metadata: metadata.merging(["error": "\(objection)"]) { $1 }
            )
            return busy
        }
        do {
            try await records.confirmed(envelope.topic, accountID: account.id)
        } catch {
            logger.warning("confirmation not recorded", metadata: metadata.merging(["error": "\(error)"]) { $1 })
            return busy
        }
        logger.info("subscription confirmed", metadata: metadata)
        return .accepted
    }

    private func end(_ envelope: SNSEnvelope, _ account: Account) async -> IntakeAnswer {
        let metadata: Logger.Metadata = ["account": "\(account.name)", "topic": "\(envelope.topic)"]
        do {
            try await records.ended(envelope.topic, accountID: account.id)
        } catch {
            logger.warning(
                "end of a subscription not recorded",
                metadata: metadata.merging(["error": "\(error)"]) { $1 }
            )
            return busy
        }
        logger.warning(
            "the subscription to a topic was ended, so its events come no more: subscribe again if that was not meant",
            metadata: metadata
        )
        return .accepted
    }

    // MARK: What is not

    private struct Refusal: Error {
        let status: Int
        let code: String
        var reason: String?
        let detail: String
    }

    private func refuse(_ refusal: Refusal, accountID: Int32?, source: String, body: [UInt8]) async -> IntakeAnswer {
        IntakeMetrics.refused(refusal.code)
        let kept = KeptNotification(
            accountID: accountID,
            source: source,
            reason: refusal.reason ?? refusal.code,
            detail: refusal.detail,
            body: body
        )
        if await records.keep(kept, isKnown: false) {
            logger.warning("feedback refused", metadata: ["reason": "\(refusal.code)", "detail": "\(refusal.detail)"])
        }
        return .refused(status: refusal.status, code: refusal.code, detail: refusal.detail)
    }
}
