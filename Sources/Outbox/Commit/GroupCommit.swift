import ServiceLifecycle
import Synchronization

/// Gathers what waits for a commit: what arrives while the flushes are running forms the next one.
///
/// No timer: a lone item waits for nothing, and under load one commit carries hundreds. Bounded by count and bytes, with
/// a part for each party, so that nobody's flood takes all the room; and parties take turns, so that nobody waits behind it.
package final class GroupCommit<Item: Sendable, Answer: Sendable>: Sendable {
    package struct Limits: Sendable {
        /// Units that may wait, and their bytes.
        let waiting: Int
        let waitingBytes: Int
        /// The part of both that one party may have; more is taken only from a party of which nothing waits.
        let part: Double
        /// Units of one flush, and their bytes; a larger item has a flush of its own.
        let flush: Int
        let flushBytes: Int
        let flushesAtOnce: Int
        /// Units with which a flush starts beside another one. With fewer it is cheaper to wait for that one's end: a commit costs
        /// the same for many.
        let leastBeside: Int

        package init(
            waiting: Int,
            waitingBytes: Int,
            part: Double = 1,
            flush: Int,
            flushBytes: Int,
            flushesAtOnce: Int,
            leastBeside: Int = 1
        ) {
            self.waiting = waiting
            self.waitingBytes = waitingBytes
            self.part = part
            self.flush = flush
            self.flushBytes = flushBytes
            self.flushesAtOnce = flushesAtOnce
            self.leastBeside = leastBeside
        }
    }

    package enum Refusal: Error, Sendable {
        /// All the room is taken; some is free after so many seconds.
        case full(retryAfter: Int)
        /// The party's part is taken.
        case partFull(retryAfter: Int)
        case stopping
    }

    private struct Waiter {
        let item: Item
        let units: Int
        let bytes: Int
        let party: Int32?
        let continuation: CheckedContinuation<Result<Answer, Refusal>, Never>
    }

    private struct Load {
        var units = 0
        var bytes = 0
    }

    private struct State {
        var queue = FairQueue<Waiter>()
        var all = Load()
        var parties: [Int32: Load] = [:]
        var flushes = 0
        var isStopped = false
        var meter = DrainMeter()
    }

    private let limits: Limits
    private let state = Mutex(State())
    private let signals: AsyncStream<Void>
    private let signal: AsyncStream<Void>.Continuation

    package init(_ limits: Limits) {
        self.limits = limits
        (signals, signal) = AsyncStream.makeStream(bufferingPolicy: .bufferingNewest(1))
    }

    /// Units that wait for a flush.
    package var waiting: Int { state.withLock { $0.all.units } }

    /// Their bytes.
    package var waitingBytes: Int { state.withLock { $0.all.bytes } }

    /// Returns what the item's flush answers for it. Not cancellable: who goes away leaves the item on its way.
    ///
    /// - Parameters:
    ///   - units: what counts for the limits; at least one.
    ///   - party: whose item it is; nil: nobody's in particular.
    package func submit(_ item: Item, units: Int, bytes: Int, party: Int32?) async throws(Refusal) -> Answer {
        let result: Result<Answer, Refusal> = await withCheckedContinuation { continuation in
            let waiter = Waiter(
                item: item,
                units: max(1, units),
                bytes: bytes,
                party: party,
                continuation: continuation
            )
            let now = ContinuousClock.now
            if let refusal = state.withLock({ enter(waiter, &$0, now: now) }) {
                continuation.resume(returning: .failure(refusal))
            } else {
                signal.yield()
            }
        }
        return try result.get()
    }

    private func enter(_ waiter: Waiter, _ state: inout State, now: ContinuousClock.Instant) -> Refusal? {
        if state.isStopped { return .stopping }
        let all = state.all
        guard fits(waiter, beside: all, part: 1) else {
            return .full(retryAfter: state.meter.seconds(for: all.units, now: now))
        }
        if let party = waiter.party, let own = state.parties[party], !fits(waiter, beside: own, part: limits.part) {
            return .partFull(retryAfter: state.meter.seconds(for: all.units, now: now))
        }
        if all.units == 0, state.flushes == 0 { state.meter.begin(now: now) }
        state.queue.append(waiter, units: waiter.units, party: waiter.party)
        state.all.units += waiter.units
        state.all.bytes += waiter.bytes
        if let party = waiter.party {
            state.parties[party, default: Load()].units += waiter.units
            state.parties[party, default: Load()].bytes += waiter.bytes
        }
        return nil
    }

    private func fits(_ waiter: Waiter, beside load: Load, part: Double) -> Bool {
        Double(load.units + waiter.units) <= Double(limits.waiting) * part
            && Double(load.bytes + waiter.bytes) <= Double(limits.waitingBytes) * part
    }

    /// Flushes until the graceful shutdown; what waits by then is still flushed.
    ///
    /// - Parameters:
    ///   - hasLeft: whether an item with this answer has left for good. Those that come again do not drain the queue.
    ///   - flush: answers for each item, in order.
    package func run(
        hasLeft: @escaping @Sendable (Answer) -> Bool,
        _ flush: @escaping @Sendable ([Item]) async -> [Answer]
    ) async {
        await withGracefulShutdownHandler {
            await withDiscardingTaskGroup { group in
                for await _ in signals {
                    while let batch = takeBatch() {
                        group.addTask {
                            let answers = await flush(batch.map(\.item))
                            self.finish(left: zip(batch, answers).reduce(0) { $0 + (hasLeft($1.1) ? $1.0.units : 0) })
                            for (waiter, answer) in zip(batch, answers) {
                                waiter.continuation.resume(returning: .success(answer))
                            }
                        }
                    }
                    if state.withLock({ $0.isStopped && $0.queue.isEmpty }) { break }
                }
            }
        } onGracefulShutdown: {
            self.state.withLock { $0.isStopped = true }
            self.signal.yield()
        }
        let left = state.withLock { state in
            state.isStopped = true
            return state.queue.take { _ in true }
        }
        for waiter in left { waiter.continuation.resume(returning: .failure(.stopping)) }
    }

    private func takeBatch() -> [Waiter]? {
        state.withLock { state in
            guard state.flushes < limits.flushesAtOnce, !state.queue.isEmpty else { return nil }
            guard state.flushes == 0 || state.all.units >= limits.leastBeside else { return nil }
            var load = Load()
            var isFirst = true
            let batch = state.queue.take { waiter in
                let isTooMuch =
                    load.units + waiter.units > limits.flush || load.bytes + waiter.bytes > limits.flushBytes
                if !isFirst, isTooMuch { return false }
                isFirst = false
                load.units += waiter.units
                load.bytes += waiter.bytes
                return true
            }
            state.all.units -= load.units
            state.all.bytes -= load.bytes
            for waiter in batch {
                guard let party = waiter.party, var own = state.parties[party] else { continue }
                own.units -= waiter.units
                own.bytes -= waiter.bytes
                state.parties[party] = own.units > 0 ? own : nil
            }
            state.flushes += 1
            return batch
        }
    }

    /// - Parameter units: how many left for good.
    private func finish(left units: Int) {
        let now = ContinuousClock.now
        state.withLock { state in
            state.flushes -= 1
            state.meter.drained(units, now: now)
            if state.flushes == 0, state.queue.isEmpty { state.meter.end(now: now) }
        }
        signal.yield()
    }
}
