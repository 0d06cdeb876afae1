/// Plans events, says them when their time has come, and follows each to the receiver. Pure: no I/O and no clock of its
/// own; every `now` is in nanoseconds of CLOCK_BOOTTIME, every `wall` in milliseconds since 1970.
struct EventStage {
    private enum Due {
        case step(EventMail, Timeline.Step, delayedFault: EventFault?, isDelayed: Bool)
        case notification(Notification)
    }

    /// An event that notifications are on their way for.
    private struct Open {
        var rest: Int
        var isTaken = false
        var isDoubtful = false
    }

    let options: EventOptions
    private(set) var ledger: EventLedger
    private(set) var overflowed = 0
    private(set) var retried = 0
    private let names: AmazonNames
    private let seed: UInt64
    private let salt: UInt64
    private var faults: FaultSchedule
    private var generator: SplitMix64
    private var due = TimedHeap<Due>()
    private var queues = Destination.allCases.map { _ in Ring<Notification>() }
    private var open: [Int: Open] = [:]
    private var numbers = 0
    private var ids: UInt64 = 0
    private(set) var isConfirmed = false

    init(_ options: EventOptions, names: AmazonNames, faults: FaultRules, seed: UInt64, salt: UInt64, at now: Int64) {
        self.options = options
        self.names = names
        self.seed = seed
        self.salt = salt
        ledger = EventLedger(capacity: options.historyCapacity)
        self.faults = FaultSchedule(faults, installedAt: now)
        generator = SplitMix64(seed: seed &+ 1)
    }

    mutating func install(_ rules: FaultRules, at now: Int64) {
        faults = FaultSchedule(rules, installedAt: now)
    }

    /// Events and notifications that wait for their time or their turn.
    var waiting: Int { due.count + queues.reduce(0) { $0 + $1.count } }

    /// Whether nothing waits and nothing is on its way.
    var isIdle: Bool { waiting == 0 && open.isEmpty }

    /// Plans what is said about a message.
    mutating func accept(_ send: AcceptedSend, at now: Int64) {
        let written = send.submission.recipients
        let bare = written.map(EmailAddress.bare)
        let fates = Fate.together(
            zip(written, bare).map { written, bare in
                send.suppressed.contains(written)
                    ? Fate(.bounced(.suppressedByAccount))
                    : Fate(of: bare, outboxID: send.submission.outboxID, seed: seed, shares: options.shares)
            }
        )
        // From the message's own seed, so that delays do not depend on what else is sent.
        var draws = SplitMix64(seed: Fate.hash(seed, send.submission.outboxID ?? send.messageID, bare.first ?? ""))
        var timeline = Timeline(fates, delay: options.delay, bundles: options.bundles, using: &draws)
        if faults.reorders(recipients: bare, at: now, using: &generator) { timeline.reverse() }
        var pending = [Int](repeating: 0, count: bare.count)
        for step in timeline.steps { for place in step.recipients { pending[place] += 1 } }
        let records = ledger.add(send, recipients: bare, last: fates.map(\.last), pending: pending)
        let mail = EventMail(
            send,
            names: names,
            recipients: bare,
            records: records,
            generation: ledger.generation
        )
        for step in timeline.steps {
            guard waiting < options.pendingCapacity else {
                lose(step, of: mail)
                continue
            }
            due.push(.step(mail, step, delayedFault: nil, isDelayed: false), due: now + step.after)
        }
    }

    /// Says what is due and queues its notifications.
    mutating func advance(to now: Int64, wall: Int64) {
        while let item = due.pop(by: now) {
            switch item {
            case .notification(let notification): queues[notification.destination.rawValue].append(notification)
            case .step(let mail, let step, let fault, true): say(step, of: mail, fault: fault, at: now, wall: wall)
            case .step(let mail, let step, _, false):
                let recipients = step.recipients.map { mail.recipients[$0] }
                let (fault, delay) = faults.event(step.kind, recipients: recipients, at: now, using: &generator)
                if delay > 0 {
                    due.push(.step(mail, step, delayedFault: fault, isDelayed: true), due: now + delay)
                } else {
                    say(step, of: mail, fault: fault, at: now, wall: wall)
                }
            }
        }
    }

    /// The next notification for a destination; none for a topic that nobody has confirmed yet.
    mutating func next(for destination: Destination) -> Notification? {
        guard destination == .queue || isConfirmed else { return nil }
        return queues[destination.rawValue].popFirst()
    }

    func count(for destination: Destination) -> Int {
        destination == .queue || isConfirmed ? queues[destination.rawValue].count : 0
    }

    /// Notes how an attempt ended, and plans the next where there is one.
    mutating func end(_ notification: Notification, _ attempt: Attempt, at now: Int64) {
        var notification = notification
        notification.attempts += 1
        if case .failed(let mayHaveArrived) = attempt {
            notification.isDoubtful = notification.isDoubtful || mayHaveArrived
            if notification.attempts <= options.retries {
                retried += 1
                due.push(.notification(notification), due: now + options.backoff.wholeNanoseconds)
                return
            }
        }
        guard case .event(let event, _) = notification.content, var open = open[event.number] else { return }
        open.rest -= 1
        open.isTaken = open.isTaken || attempt == .taken
        open.isDoubtful = open.isDoubtful || (attempt != .taken && notification.isDoubtful)
        self.open[event.number] = open.rest == 0 ? nil : open
        if open.rest == 0 { conclude(event, open.isTaken ? .delivered : open.isDoubtful ? .doubtful : .lost) }
    }

    /// Lets a topic's notifications go; the first is the notice that SES publishes when a topic is set up.
    mutating func confirm(wall: Int64) {
        guard !isConfirmed else { return }
        isConfirmed = true
        var queue = Ring<Notification>()
        queue.append(Notification(content: .setUp, destination: .topic, id: nextID(), at: wall))
        while let notification = queues[Destination.topic.rawValue].popFirst() { queue.append(notification) }
        queues[Destination.topic.rawValue] = queue
    }

    /// Forgets what was said; what is under way goes on, unrecorded.
    mutating func clear() {
        ledger.clear()
    }

    /// A UUID that no other notification has.
    mutating func nextID() -> String {
        ids &+= 1
        return MessageID.uuid(high: SplitMix64.mix(salt &+ ids), low: SplitMix64.mix(ids ^ (salt << 1 | 1)))
    }

    private mutating func say(
        _ step: Timeline.Step,
        of mail: EventMail,
        fault: EventFault?,
        at now: Int64,
        wall: Int64
    ) {
        numbers += 1
        let isRecorded = mail.records != nil && mail.generation == ledger.generation
        let text = EventText(mail: mail, kind: step.kind, recipients: step.recipients, reason: step.reason, at: wall)
        var event = SaidEvent(number: numbers, text: text, fault: fault, entries: nil)
        if isRecorded {
            let entries = ledger.say(step.kind, about: event.records, at: now)
            event = SaidEvent(number: numbers, text: text, fault: fault, entries: entries)
        }
        let notifications = fault == .drop ? [] : notifications(for: event, wall: wall)
        guard !notifications.isEmpty, waiting + notifications.count <= options.pendingCapacity else {
            if fault != .drop, !notifications.isEmpty { overflowed += 1 }
            // Without a receiver, saying it is all.
            conclude(event, fault == .drop || !notifications.isEmpty ? .lost : .delivered)
            return
        }
        open[event.number] = Open(rest: notifications.count)
        for notification in notifications { queues[notification.destination.rawValue].append(notification) }
    }

    private mutating func notifications(for event: SaidEvent, wall: Int64) -> [Notification] {
        var formats = options.format.all
        if !event.text.kind.isFeedback { formats.removeAll { $0 == .notification } }
        var notifications: [Notification] = []
        for destination in Destination.allCases where options.publishes(to: destination) {
            for format in formats {
                var id = nextID()
                var times = 1
                var sameID = true
                if case .duplicate(let more, let isSame) = event.fault { (times, sameID) = (1 + more, isSame) }
                for _ in 0..<times {
                    let content = Notification.Content.event(event, format)
                    notifications.append(Notification(content: content, destination: destination, id: id, at: wall))
                    if !sameID { id = nextID() }
                }
            }
        }
        return notifications
    }

    private mutating func conclude(_ event: SaidEvent, _ state: EventRecord.State) {
        let mail = event.text.mail
        guard mail.records != nil, mail.generation == ledger.generation else { return }
        ledger.end(
            event.text.kind,
            event.fault?.losesEvent == true ? .lost : state,
            about: event.records,
            entries: event.entries,
            proves: event.text.reason != .outOfOffice
        )
    }

    /// Gives up an event for which there is no room.
    private mutating func lose(_ step: Timeline.Step, of mail: EventMail) {
        overflowed += 1
        guard let first = mail.records?.lowerBound else { return }
        ledger.end(step.kind, .lost, about: step.recipients.map { first + $0 }, entries: nil)
    }
}
