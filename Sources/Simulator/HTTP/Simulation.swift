import Synchronization

/// The simulated account shared by all connections, behind one lock that is held for a few microseconds.
final class Simulation: Sendable {
    private let ses: Mutex<SimulatedSES>
    private let clock = BootClock()
    private let requests = Atomic<UInt64>(0)
    private let salt: UInt64
    /// Tells what becomes of messages; nil where nobody wants to know.
    let events: EventDesk?

    init(_ options: SimulatorOptions) throws(SimulatorError) {
        var generator = SystemRandomNumberGenerator()
        salt = generator.next()
        if let events = options.events {
            self.events = try EventDesk(events, faults: options.faults, seed: options.seed, salt: SplitMix64.mix(salt))
        } else {
            events = nil
        }
        ses = Mutex(SimulatedSES(options, salt: salt, at: clock.now()))
    }

    /// Runs `body` on the account at the present instant, which is read under the lock, so that instants never fall.
    func withSES<Value: Sendable>(_ body: (inout sending SimulatedSES, Int64) -> sending Value) -> Value {
        ses.withLock { body(&$0, clock.now()) }
    }

    func early(_ operation: SendRequest.Operation) -> FaultRule.Fault? {
        ses.withLock { $0.early(operation, at: clock.now()) }
    }

    func plan(_ request: SendRequest) -> Plan {
        ses.withLock { $0.plan(request, at: clock.now()) }
    }

    func count(_ request: SendRequest, fault: FaultRule.Fault?) -> Reply {
        let milliseconds = clock.milliseconds()
        guard let events else {
            return ses.withLock { $0.count(request, fault: fault, at: clock.now(), milliseconds: milliseconds) }
        }
        let (reply, accepted) = ses.withLock { ses in
            (ses.count(request, fault: fault, at: clock.now(), milliseconds: milliseconds), ses.takeAccepted())
        }
        events.accept(accepted)
        return reply
    }

    /// Puts fault rules in force, those for events too.
    func install(_ rules: FaultRules) {
        ses.withLock { $0.install(rules, at: clock.now()) }
        events?.withStage { stage, now, _ in stage.install(rules, at: now) }
    }

    /// A value for `x-amzn-requestid`, different for each request.
    func requestID() -> String {
        let number = requests.wrappingAdd(1, ordering: .relaxed).newValue
        return String(SplitMix64.mix(number ^ salt), radix: 16)
    }

    /// Goes over the whole ledger as it is now, page by page without holding the lock in between.
    func summary() -> SimulatorSummary {
        let (ledger, window, sent) = ses.withLock { ses in
            (ses.ledger.snapshot, ses.rate.length, ses.quota.used(at: clock.now()))
        }
        var audit = LedgerAudit(window: window)
        var position = 0
        while let page = page(from: position, of: ledger), !page.isEmpty {
            audit.add(page)
            position += page.count
        }
        return SimulatorSummary(ledger, audit: audit, sentLast24Hours: sent, events: events?.summary())
    }

    /// The next entries of the ledger as it was; nil when it was cleared since.
    func page(from position: Int, of snapshot: Ledger.Snapshot) -> [LedgerEntry]? {
        ses.withLock { ses in
            guard ses.ledger.generation == snapshot.generation else { return nil }
            return ses.ledger.page(from: position, limit: min(8192, snapshot.count - position))
        }
    }

    /// The texts of the ids that `entries` do not hold themselves.
    func texts(of entries: [LedgerEntry]) -> [OutboxReference: String] {
        let aside = entries.map(\.reference).filter { $0.kind == .aside }
        guard !aside.isEmpty else { return [:] }
        return ses.withLock { ses in
            var texts: [OutboxReference: String] = [:]
            for reference in aside { texts[reference] = ses.ledger.text(of: reference) }
            return texts
        }
    }
}
