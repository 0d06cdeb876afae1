public import AWS
public import Directory
public import Logging
public import Outbound
public import Postgres
public import ServiceLifecycle
import Synchronization

/// Reads the queues of all accounts that have one, and follows the directory as it changes.
public final class SQSPoller: Service {
    /// What a running reader cannot change.
    private struct Key: Hashable {
        let accountID: Int32
        let queue: String
        let region: String
        let credentials: String

        init?(_ account: Account) {
            guard let queue = account.sqsQueueURL else { return nil }
            accountID = account.id
            self.queue = queue
            region = account.awsRegion
            credentials = "\(String(describing: account.credentials))"
        }
    }

    private struct State {
        var reading: Set<Key> = []
        var isStopping = false
    }

    private static let interval = Duration.milliseconds(500)

    private let directory: @Sendable () -> DirectorySnapshot?
    private let taker: any NotificationTaking
    private let records: any IntakeRecording
    private let isReady: @Sendable () async -> Bool
    private let http: HTTPClient
    private let credentials: @Sendable (Account) -> CredentialProvider
    private let logger: Logger
    private let state = Mutex(State())

    /// - Parameter credentials: an account's.
    public convenience init(
        directory: @escaping @Sendable () -> DirectorySnapshot?,
        taker: any NotificationTaking,
        pool: PostgresPool,
        health: SourceHealth,
        http: HTTPClient,
        credentials: @escaping @Sendable (Account) -> CredentialProvider,
        logger: Logger
    ) {
        self.init(
            directory: directory,
            taker: taker,
            records: IntakeRecords(pool: pool, health: health, logger: logger),
            isReady: { (try? await pool.query("SELECT 1", timeout: .seconds(2))) != nil },
            http: http,
            credentials: credentials,
            logger: logger
        )
    }

    init(
        directory: @escaping @Sendable () -> DirectorySnapshot?,
        taker: any NotificationTaking,
        records: any IntakeRecording,
        isReady: @escaping @Sendable () async -> Bool,
        http: HTTPClient,
        credentials: @escaping @Sendable (Account) -> CredentialProvider,
        logger: Logger
    ) {
        self.directory = directory
        self.taker = taker
        self.records = records
        self.isReady = isReady
        self.http = http
        self.credentials = credentials
        self.logger = logger
    }

    /// Returns after a graceful shutdown when what was received is handled.
    public func run() async throws {
        await withGracefulShutdownHandler {
            await withDiscardingTaskGroup { group in
                while !isStopping, !Task.isCancelled {
                    for account in accounts {
                        guard let key = Key(account), begin(key) else { continue }
                        group.addTask {
                            await self.read(account, key)
                            self.end(key)
                        }
                    }
                    try? await Task.sleep(for: Self.interval)
                }
            }
        } onGracefulShutdown: {
            self.state.withLock { $0.isStopping = true }
        }
    }

    private var accounts: [Account] { directory()?.accounts.values.sorted { $0.id < $1.id } ?? [] }
    private var isStopping: Bool { state.withLock { $0.isStopping } }
    private func begin(_ key: Key) -> Bool { state.withLock { $0.reading.insert(key).inserted } }
    private func end(_ key: Key) { state.withLock { _ = $0.reading.remove(key) } }

    private func isCurrent(_ key: Key) -> Bool {
        !isStopping && directory()?.accounts[key.accountID].flatMap(Key.init) == key
    }

    private func read(_ account: Account, _ key: Key) async {
        do {
            guard let queue = QueueURL(key.queue) else {
                throw FeedbackError("sqs_queue_url is not the URL of a queue")
            }
            let client = try SQSClient(
                queue: queue,
                account: account,
                credentials: credentials(account),
                http: http,
                logger: logger
            )
            await QueueReader(
                account: account,
                client: client,
                taker: taker,
                records: records,
                topics: { [directory] in directory()?.accounts[account.id]?.snsTopics },
                isCurrent: { self.isCurrent(key) },
                isReady: isReady,
                logger: logger
            ).run()
        } catch {
            logger.error(
                "feedback queue cannot be read until the account is changed",
                metadata: ["account": "\(account.name)", "error": "\(error)"]
            )
            while isCurrent(key), !Task.isCancelled { try? await Task.sleep(for: Self.interval) }
        }
    }
}
