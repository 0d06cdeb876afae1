import Directory
import FoundationEssentials
import Logging
import ServiceLifecycle
import Synchronization

/// Reads one account's queue: receives, hands on, and deletes what is durable. While the queue is deep, up to four read at
/// once.
///
/// A queue counts receipts, and a dead-letter queue takes what has too many. So while nothing can be taken, nothing is
/// received: the database is asked first, and then one message is tried.
final class QueueReader: Sendable {
    /// How one look at the queue ended.
    enum Round: Equatable {
        /// So many messages were there, and at least one of them, if any, was taken.
        case took(Int)
        /// Messages were there, and none could be taken just now.
        case busy
        case failed
    }

    static let mostReaders = 4
    private static let longWait = 20
    private static let shortWait = 1
    private static let visibility = 60

    private let account: Account
    private let client: SQSClient
    private let taker: any NotificationTaking
    private let records: any IntakeRecording
    private let topics: @Sendable () -> [String]?
    private let isCurrent: @Sendable () -> Bool
    private let isReady: @Sendable () async -> Bool
    private let now: @Sendable () -> Date
    private let streak: FailureStreak
    private let helpers = Mutex(0)
    /// Nothing could be taken the last time.
    private let isProbing = Mutex(false)

    /// - Parameters:
    ///   - topics: the account's `sns_topics` as they are now; nil when the account is gone.
    ///   - isCurrent: whether the queue is still to be read.
    ///   - isReady: whether the database answers.
    init(
        account: Account,
        client: SQSClient,
        taker: any NotificationTaking,
        records: any IntakeRecording,
        topics: @escaping @Sendable () -> [String]?,
        isCurrent: @escaping @Sendable () -> Bool,
        isReady: @escaping @Sendable () async -> Bool,
        now: @escaping @Sendable () -> Date = { Date() },
        logger: Logger
    ) {
        self.account = account
        self.client = client
        self.taker = taker
        self.records = records
        self.topics = topics
        self.isCurrent = isCurrent
        self.isReady = isReady
        self.now = now
        streak = FailureStreak(account: account.name, logger: logger)
    }

    /// Reads while the queue is current. At a graceful shutdown a wait ends at once and what was received is still handled.
    func run() async {
        let (deep, signal) = AsyncStream<Void>.makeStream(bufferingPolicy: .bufferingNewest(1))
        await withDiscardingTaskGroup { group in
            group.addTask {
                await self.read(signal)
                signal.finish()
            }
            for await _ in deep where addHelper() {
                group.addTask { await self.help(signal) }
            }
        }
    }

    private func read(_ deep: AsyncStream<Void>.Continuation) async {
        var pause = PollPause()
        while isCurrent(), !Task.isCancelled {
            if isProbing.withLock({ $0 }), !(await isReady()) {
                await sleep(pause.next(jitter: Double.random(in: 0..<1)))
                continue
            }
            switch await round(wait: Self.longWait, deep: deep) {
            case .took: pause.reset()
            case .busy, .failed: await sleep(pause.next(jitter: Double.random(in: 0..<1)))
            }
        }
    }

    private func addHelper() -> Bool {
        guard !isProbing.withLock({ $0 }) else { return false }
        return helpers.withLock { helpers in
            guard helpers + 1 < Self.mostReaders else { return false }
            helpers += 1
            return true
        }
    }

    /// Reads beside the first while most of a batch is there each time.
    private func help(_ deep: AsyncStream<Void>.Continuation) async {
        while isCurrent(), !Task.isCancelled, !isProbing.withLock({ $0 }),
            case .took(let count) = await round(wait: Self.shortWait, deep: deep), count * 2 >= SQSClient.batch
        {}
        helpers.withLock { $0 -= 1 }
    }

    private func sleep(_ duration: Duration) async {
        await cancelWhenGracefulShutdown { try? await Task.sleep(for: duration) }
    }

    /// Looks at the queue once and handles what is there.
    ///
    /// - Parameter deep: told of a full batch before that is handled.
    func round(wait: Int, deep: AsyncStream<Void>.Continuation? = nil) async -> Round {
        let messages: [QueueMessage]
        let most = isProbing.withLock { $0 } ? 1 : SQSClient.batch
        do {
            messages = try await cancelWhenGracefulShutdown { [client] in
                try await client.receive(most: most, wait: wait, visibility: Self.visibility)
            }
        } catch {
            guard isCurrent(), !Task.isCancelled else { return .took(0) }
            IntakeMetrics.queueFailed(account: account.name)
            streak.failed("feedback queue not read", error: "\(error)")
            return .failed
        }
        streak.worked("feedback queue read again")
        guard !messages.isEmpty else { return .took(0) }
        if messages.count >= SQSClient.batch { deep?.yield() }
        let isDone = await handle(messages)
        let done = zip(messages, isDone).filter(\.1).map(\.0)
        let left = zip(messages, isDone).filter { !$0.1 }.map(\.0)
        isProbing.withLock { $0 = done.isEmpty }
        await finish(done, left)
        return done.isEmpty ? .busy : .took(messages.count)
    }

    private func handle(_ messages: [QueueMessage]) async -> [Bool] {
        await withTaskGroup(of: (Int, Bool).self) { group in
            for (index, message) in messages.enumerated() {
                group.addTask { (index, await self.handle(message)) }
            }
            return await group.reduce(into: [Bool](repeating: false, count: messages.count)) { $0[$1.0] = $1.1 }
        }
    }

    /// Whether the message is durable somewhere and may go.
    private func handle(_ message: QueueMessage) async -> Bool {
        guard let topics = topics() else { return false }
        let queue = client.queue.text
        let content = QueueBody.read(
            message,
            queue: queue,
            accountID: account.id,
            topics: topics,
            receivedAt: now()
        )
        let result: NotificationResult
        switch content {
        case .notification(let notification):
            result = await taker.take(notification)
        case .unfit(let reason, let detail):
            FeedbackMetrics.kept(reason)
            result = .kept(reason: reason, detail: detail)
        }
        IntakeMetrics.took(result, account: account.name, way: "sqs")
        switch result {
        case .done, .notOurs:
            records.note(accountID: account.id, source: queue, isEvent: result == .done)
            return true
        case .busy: return false
        case .kept(let reason, let detail):
            let kept = KeptNotification(
                accountID: account.id,
                source: queue,
                reason: reason,
                detail: detail,
                body: message.body
            )
            guard await records.keep(kept, isKnown: true) else { return false }
            records.note(accountID: account.id, source: queue, isEvent: false)
            return true
        }
    }

    /// Deletes what is done and lets the rest come back soon. What fails here comes again and is known then.
    private func finish(_ done: [QueueMessage], _ left: [QueueMessage]) async {
        do throws(SQSError) {
            var failed = try await client.delete(done)
            failed += try await client.show(
                left.map { (message: $0, after: PollPause.visibility(receives: $0.receives)) }
            )
            if failed > 0 { streak.failed("feedback queue kept messages", error: "\(failed) receipts were refused") }
        } catch {
            IntakeMetrics.queueFailed(account: account.name)
            streak.failed("feedback queue not told what is done", error: "\(error)")
        }
    }
}
