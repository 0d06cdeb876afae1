import Logging
import Outbound

/// Says events when they are due and hands their notifications over, many at once and in no order, as SNS does. Ends when
/// its task is cancelled; what waits is lost, as the simulator's other memory is.
struct EventPublisher: Sendable {
    private static let tick = Duration.milliseconds(5)
    private static let repeatedAfter = Duration.seconds(3)
    private static let patience = 5

    private let desk: EventDesk
    private let base: String
    private let topic: TopicPublisher?
    private let queue: QueuePublisher?
    private let logger: Logger

    /// `base`: where the simulator answers.
    init(desk: EventDesk, base: String, client: HTTPClient, logger: Logger) throws {
        self.desk = desk
        self.base = base
        self.logger = logger
        let options = desk.options
        let envelope = Envelope(base: base, topicARN: options.topicARN, topic: options.topic)
        let text = NotificationText(
            envelope: envelope,
            names: desk.names,
            queueFormat: options.queue?.format ?? .sns
        )
        topic = options.topic.map { topic in
            TopicPublisher(topic: topic, envelope: envelope, text: text, timeout: options.timeout, client: client)
        }
        queue = try options.queue.map { queue in
            try QueuePublisher(queue: queue, text: text, names: desk.names, timeout: options.timeout, client: client)
        }
    }

    func run() async {
        let working = Working()
        await withDiscardingTaskGroup { group in
            if let topic { group.addTask { await subscribe(topic) } }
            var bells = desk.bells.makeAsyncIterator()
            while !Task.isCancelled {
                let (counts, isIdle) = desk.withStage { stage, now, wall in
                    stage.advance(to: now, wall: wall)
                    return (Destination.allCases.map { stage.count(for: $0) }, stage.isIdle)
                }
                start(counts, working, &group)
                if isIdle {
                    guard await bells.next() != nil else { return }
                } else {
                    try? await Task.sleep(for: Self.tick)
                }
            }
        }
    }

    /// Starts as many workers as the waiting notifications are worth; each goes on while there are some.
    private func start(_ counts: [Int], _ working: Working, _ group: inout DiscardingTaskGroup) {
        if let topic {
            for _ in 0..<working.start(counts[Destination.topic.rawValue], .topic, most: desk.options.concurrency) {
                group.addTask { await work(topic, working) }
            }
        }
        if let queue {
            let batches = (counts[Destination.queue.rawValue] + QueuePublisher.batch - 1) / QueuePublisher.batch
            for _ in 0..<working.start(batches, .queue, most: QueuePublisher.concurrency) {
                group.addTask { await work(queue, working) }
            }
        }
    }

    private func work(_ topic: TopicPublisher, _ working: Working) async {
        while !Task.isCancelled, let notification = desk.withStage({ stage, _, _ in stage.next(for: .topic) }) {
            let attempt = await topic.send(notification)
            desk.withStage { stage, now, _ in stage.end(notification, attempt, at: now) }
        }
        working.end(.topic)
    }

    private func work(_ queue: QueuePublisher, _ working: Working) async {
        while !Task.isCancelled {
            let batch = desk.withStage { stage, _, _ in
                (0..<QueuePublisher.batch).compactMap { _ in stage.next(for: .queue) }
            }
            guard !batch.isEmpty else { break }
            let attempts = await queue.send(batch)
            desk.withStage { stage, now, _ in
                for (notification, attempt) in zip(batch, attempts) { stage.end(notification, attempt, at: now) }
            }
        }
        working.end(.queue)
    }

    /// Asks for the subscription to be confirmed until it is.
    private func subscribe(_ topic: TopicPublisher) async {
        var tries = 0
        while !Task.isCancelled, !desk.withStage({ stage, _, _ in stage.isConfirmed }) {
            let (id, wall) = desk.withStage { stage, _, wall in (stage.nextID(), wall) }
            let refusal = await topic.subscribe(id: id, token: desk.token, at: wall)
            tries += 1
            // The first ones may come before the subscriber has started.
            if tries == Self.patience {
                logger.warning(
                    "nobody has confirmed the topic's subscription: is the subscriber there, and does it trust the certificate?",
                    metadata: ["reason": "\(refusal ?? "asked, but not confirmed")"]
                )
            }
            try? await Task.sleep(for: Self.repeatedAfter)
        }
    }
}
