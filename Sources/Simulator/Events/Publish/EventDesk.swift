import Synchronization

/// The stage shared by connections and publisher, behind one lock, and the bell that wakes the publisher.
final class EventDesk: Sendable {
    let options: EventOptions
    let names: AmazonNames
    /// What a subscriber has to know to confirm.
    let token: String
    private let stage: Mutex<EventStage>
    private let clock = BootClock()
    private let bell: AsyncStream<Void>.Continuation
    /// Rings when there may be something to do; for one listener.
    let bells: AsyncStream<Void>

    init(_ options: EventOptions, faults: FaultRules, seed: UInt64, salt: UInt64) throws(SimulatorError) {
        self.options = options
        names = try AmazonNames(topic: options.topicARN)
        (bells, bell) = AsyncStream.makeStream(bufferingPolicy: .bufferingNewest(1))
        var stage = EventStage(options, names: names, faults: faults, seed: seed, salt: salt, at: clock.now())
        token = stage.nextID() + stage.nextID()
        self.stage = Mutex(stage)
    }

    /// Runs `body` on the stage at the present instant (boot clock) and time (milliseconds since 1970).
    func withStage<Value: Sendable>(_ body: (inout sending EventStage, Int64, Int64) -> sending Value) -> Value {
        let wall = clock.milliseconds()
        return stage.withLock { body(&$0, clock.now(), wall) }
    }

    /// Plans what is said about messages that were just taken.
    func accept(_ sends: [AcceptedSend]) {
        guard !sends.isEmpty else { return }
        withStage { stage, now, _ in
            for send in sends { stage.accept(send, at: now) }
        }
        bell.yield()
    }

    /// Takes a subscription's token; false where it is another's.
    func confirm(token: String) -> Bool {
        guard token == self.token else { return false }
        withStage { stage, _, wall in stage.confirm(wall: wall) }
        bell.yield()
        return true
    }

    func ring() {
        bell.yield()
    }
}
