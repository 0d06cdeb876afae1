import AWS
import Foundation
import Logging
import Signing
import Synchronization

@testable import Directory
@testable import Feedback

/// A notification taker that answers as it is told, and remembers.
final class TestTaker: NotificationTaking {
    private let answer: @Sendable (Feedback.Notification) async -> NotificationResult
    private let notifications = Mutex<[Feedback.Notification]>([])

    init(_ answer: @escaping @Sendable (Feedback.Notification) async -> NotificationResult = { _ in .done }) {
        self.answer = answer
    }

    var taken: [Feedback.Notification] { notifications.withLock { $0 } }

    func take(_ notification: Feedback.Notification) async -> NotificationResult {
        notifications.withLock { $0.append(notification) }
        return await answer(notification)
    }
}

/// Records in memory. Everything fails while `isDown`.
final class TestRecords: IntakeRecording {
    struct Down: Error {}

    private struct State {
        var kept: [(item: KeptNotification, isKnown: Bool)] = []
        var notes: [(source: String, isEvent: Bool)] = []
        var confirmed: [String] = []
        var ended: [String] = []
        var isDown = false
    }

    private let state = Mutex(State())

    var reasons: [String] { state.withLock { $0.kept.map(\.item.reason) } }
    var kept: [KeptNotification] { state.withLock { $0.kept.map(\.item) } }
    var isKnown: [Bool] { state.withLock { $0.kept.map(\.isKnown) } }
    var events: Int { state.withLock { $0.notes.count { $0.isEvent } } }
    var notes: Int { state.withLock { $0.notes.count } }
    var confirmed: [String] { state.withLock { $0.confirmed } }
    var ended: [String] { state.withLock { $0.ended } }

    func setDown(_ isDown: Bool) { state.withLock { $0.isDown = isDown } }

    func keep(_ kept: KeptNotification, isKnown: Bool) async -> Bool {
        state.withLock { state in
            guard !state.isDown else { return false }
            state.kept.append((kept, isKnown))
            return true
        }
    }

    func note(accountID: Int32, source: String, isEvent: Bool) {
        state.withLock { $0.notes.append((source, isEvent)) }
    }

    func confirmed(_ source: String, accountID: Int32) async throws {
        try state.withLock { state in
            if state.isDown { throw Down() }
            state.confirmed.append(source)
        }
    }

    func ended(_ source: String, accountID: Int32) async throws {
        try state.withLock { state in
            if state.isDown { throw Down() }
            state.ended.append(source)
        }
    }
}

/// An account `main` with number 7.
enum TestAccount {
    static let credentials = CredentialProvider(
        fixed: AWSCredentials(keys: .init(accessKeyID: "test", secretAccessKey: "test"), source: "test")
    )

    static func make(
        endpoint: String? = nil,
        topics: [String] = [TestEnvelope.topic],
        queue: String? = nil,
        configurationSet: String? = nil,
        region: String = "eu-central-1"
    ) -> Account {
        Account(
            id: 7,
            name: "main",
            awsRegion: region,
            endpoint: endpoint,
            quota: .auto,
            window: .response,
            configurationSet: configurationSet,
            credentials: nil,
            snsTopics: topics,
            sqsQueueURL: queue,
            isPaused: false,
            shares: [],
            shareIDs: [:]
        )
    }

    static func directory(_ account: Account) -> DirectorySnapshot {
        DirectorySnapshot(version: 1, accounts: [account], tenants: [], lanes: [], keys: [])
    }
}

/// An intake that trusts ``TestKeys/trusted`` and fetches nothing.
struct IntakeBench {
    let taker: TestTaker
    let records = TestRecords()
    let intake: SNSIntake

    init(
        account: Account? = TestAccount.make(),
        taker: TestTaker = TestTaker(),
        trusted: [X509Certificate] = TestKeys.trusted.certificates,
        now: @escaping @Sendable () -> Date = { Date() },
        databaseNow: @escaping @Sendable () async -> Date? = { Date() },
        logger: Logger = TestHTTP.quiet
    ) {
        self.taker = taker
        intake = SNSIntake(
            directory: { account.map(TestAccount.directory) },
            taker: taker,
            verifier: SNSVerifier(
                trusted: trusted,
                certificates: SigningCertificates(policy: CertificatePolicy(roots: TrustStore(roots: []))) {
                    (_) async throws(SigningCertificates.Failure) in throw .unavailable("no network")
                }
            ),
            records: records,
            http: TestHTTP.client,
            now: now,
            databaseNow: databaseNow,
            logger: logger
        )
    }

    func post(
        _ body: [UInt8],
        to account: String = "main",
        headers: [(String, String)] = []
    ) async -> IntakeAnswer {
        await intake.handle(account: account, headers: headers, body: body)
    }

    func post(_ envelope: TestEnvelope) async -> IntakeAnswer {
        await post(envelope.signed(by: TestKeys.trusted).body)
    }
}

extension IntakeAnswer {
    /// The status and code of a refusal.
    var refusal: String? {
        if case .refused(let status, let code, _) = self { "\(status) \(code)" } else { nil }
    }

    var isBusy: Bool {
        if case .busy = self { true } else { false }
    }
}
