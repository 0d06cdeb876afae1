public import Signing

/// What the simulator says of the messages it took, and to whom.
public struct EventOptions: Sendable {
    /// The HTTP subscription of an SNS topic.
    public struct Topic: Sendable {
        /// Where notifications are posted.
        public var url: String
        /// Signs them; its certificate is served by the simulator.
        public var key: SigningKey
        /// 1 (SHA-1) or 2 (SHA-256).
        public var signatureVersion: Int

        public init(url: String, key: SigningKey, signatureVersion: Int = 2) {
            self.url = url
            self.key = key
            self.signatureVersion = signatureVersion
        }
    }

    /// An SQS queue.
    public struct Queue: Sendable {
        /// How an event lies in a message's body.
        public enum Format: String, Sendable, CaseIterable {
            /// As an SNS topic forwards it.
            case sns
            /// As an SNS topic with raw delivery forwards it: SES's JSON alone.
            case raw
            /// As a rule of EventBridge forwards it.
            case eventbridge
        }

        public var url: String
        public var format: Format
        /// The environment in which credentials are looked for, as AWS's SDKs do.
        public var environment: [String: String]

        public init(url: String, format: Format = .sns, environment: [String: String]) {
            self.url = url
            self.format = format
            self.environment = environment
        }
    }

    /// Which of SES's mechanisms are set up.
    public enum Format: String, Sendable, CaseIterable {
        /// A configuration set's event destination (`eventType`).
        case events
        /// An identity's feedback topic (`notificationType`): bounces, complaints and deliveries, without tags.
        case notifications
        /// Both, so that these come twice.
        case both

        var all: [NotificationFormat] {
            switch self {
            case .events: [.event]
            case .notifications: [.notification]
            case .both: [.event, .notification]
            }
        }
    }

    public static let defaultTopic = "arn:aws:sns:eu-central-1:123456789012:sluice-feedback"

    public var topicARN: String
    public var topic: Topic?
    public var queue: Queue?
    public var format = Format.events
    public var shares = FateShares()
    /// How long each stage of a message's way takes, from the instant at which the send was counted.
    public var delay: LatencyRange
    /// Whether recipients of one message are reported together.
    public var bundles = false
    /// How often a notification is tried again, and how long after a failure.
    public var retries = 3
    public var backoff = Duration.seconds(20)
    /// How long a receiver may take to answer.
    public var timeout = Duration.seconds(15)
    /// Requests at once.
    public var concurrency = 64
    /// Events and notifications that may wait at once; more are lost.
    public var pendingCapacity = 100_000
    /// Recipients whose events the ledger keeps, at about 100 bytes.
    public var historyCapacity = 1_000_000

    /// Without `topic` and `queue` events are only written down.
    public init(topicARN: String = Self.defaultTopic, topic: Topic? = nil, queue: Queue? = nil) {
        self.topicARN = topicARN
        self.topic = topic
        self.queue = queue
        delay = LatencyRange(from: .milliseconds(50), to: .milliseconds(500))
    }

    func publishes(to destination: Destination) -> Bool {
        switch destination {
        case .topic: topic != nil
        case .queue: queue != nil
        }
    }

    func validate() throws(SimulatorError) {
        try shares.validate()
        _ = try AmazonNames(topic: topicARN)
        if let topic {
            guard topic.url.hasPrefix("http://") || topic.url.hasPrefix("https://") else {
                throw SimulatorError(.invalidOption, "notify is \"\(topic.url)\"; expected an http or https URL")
            }
            guard topic.signatureVersion == 1 || topic.signatureVersion == 2 else {
                throw SimulatorError(.invalidOption, "signature-version is \(topic.signatureVersion); expected 1 or 2")
            }
        }
        if let queue {
            guard QueueAddress(queue.url) != nil else {
                throw SimulatorError(.invalidOption, "notify-queue is \"\(queue.url)\"; expected the URL of a queue")
            }
            guard queue.format != .eventbridge || format == .events else {
                throw SimulatorError(.invalidOption, "queue-format eventbridge has --format events only")
            }
        }
        guard retries >= 0, backoff >= .zero, timeout > .zero, concurrency > 0, pendingCapacity > 0,
            historyCapacity >= 0
        else {
            throw SimulatorError(.invalidOption, "a number of the events' options is out of its range")
        }
    }
}
