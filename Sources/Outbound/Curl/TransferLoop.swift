import CCurl
import Logging
import Synchronization

/// The thread's work: takes calls from the inbox, lets libcurl act, watches time, and resolves each call once.
final class TransferLoop {
    private typealias Waiting = (call: Call, continuation: Transfer.Continuation)

    private let inbox: Inbox
    private let configuration: HTTPClient.Configuration
    private let logger: Logger
    private let maxTransfers: Int
    private let multi: CurlMulti

    private var transfers: [ObjectIdentifier: Transfer] = [:]
    /// Transfers whose request the socket has not wholly taken.
    private var unsent: [Transfer] = []
    /// Those of them whose end libcurl holds, so that the next write may complete them.
    private var flushing: [Transfer] = []
    /// Calls that wait for a free transfer, oldest first from `firstWaiting` on.
    private var waiting: [Waiting] = []
    private var firstWaiting = 0
    private var idleHandles: [CurlEasy] = []
    /// No timeout is due before this instant; an early look does no harm.
    private var nextExpiry: ContinuousClock.Instant?
    private var isStopped = false

    init(_ inbox: Inbox, _ configuration: HTTPClient.Configuration, _ logger: Logger, _ multi: CurlMulti) {
        self.inbox = inbox
        self.configuration = configuration
        self.logger = logger
        maxTransfers = max(1, configuration.maxConcurrentTransfers)
        self.multi = multi
    }

    /// Returns after a `stop` command, when every call that came before it is resolved.
    func run() {
        while true {
            for command in inbox.take() { obey(command) }
            guard !isStopped else { return }
            endOverdue(now: .now)
            let limit = [nextExpiry, nextDeadline].compactMap(\.self).min()
            multi.turn(until: limit) { abortOverdueFlushing() }
            settle()
        }
    }

    private func obey(_ command: Inbox.Command) {
        switch command {
        case .start(let call, let continuation):
            if isStopped {
                continuation.resume(returning: .failure(.shutDown()))
            } else {
                admit(call, continuation)
            }
        case .cancel(let call): cancel(call)
        case .resetAll(let reason):
            logger.notice(
                "Resetting all HTTP calls",
                metadata: ["calls": "\(transfers.count + waiting.count - firstWaiting)", "reason": "\(reason)"]
            )
            endAll(.resetByClient, reason)
        case .stop:
            isStopped = true
            endAll(.shutDown, "the HTTP client was shut down")
            idleHandles = []
        }
    }
}

/// Starting.
extension TransferLoop {
    private func admit(_ call: Call, _ continuation: Transfer.Continuation) {
        guard !call.isCancelled.load(ordering: .acquiring) else {
            continuation.resume(returning: .failure(.neverStarted(.cancelled, "the task was cancelled")))
            return
        }
        if transfers.count < maxTransfers {
            start(call, continuation)
        } else {
            waiting.append((call, continuation))
            watch(call.acceptedAt + call.request.timeouts.total)
        }
    }

    private func start(_ call: Call, _ continuation: Transfer.Continuation) {
        guard let easy = idleHandles.popLast() ?? CurlEasy() else {
            continuation.resume(returning: .failure(.neverStarted(.other, "libcurl has no memory for a transfer")))
            return
        }
        let transfer = Transfer(call, continuation, easy: easy)
        guard transfer.prepare(configuration), multi.add(easy) == CURLM_OK else {
            let refusal = easy.refusal.map(CurlEasy.generalMessage) ?? "no memory"
            transfer.resolve(.failure(transfer.failure(.other, "libcurl refused the request: \(refusal)")))
            return
        }
        transfers[ObjectIdentifier(call)] = transfer
        unsent.append(transfer)
        watch(transfer.expiry.at)
    }

    private func startWaiting() {
        while firstWaiting < waiting.count, transfers.count < maxTransfers {
            let (call, continuation) = waiting[firstWaiting]
            firstWaiting += 1
            start(call, continuation)
        }
        if firstWaiting == waiting.count || firstWaiting > 64 {
            waiting.removeFirst(firstWaiting)
            firstWaiting = 0
        }
    }

    private func watch(_ expiry: ContinuousClock.Instant) {
        nextExpiry = min(nextExpiry ?? expiry, expiry)
    }
}

/// What libcurl did.
extension TransferLoop {
    /// Notes which requests have left and resolves the transfers that ended.
    private func settle() {
        // After libcurl's writes, hence never before the instant at which a request left.
        let now = ContinuousClock.now
        if !unsent.isEmpty {
            unsent.removeAll { $0.isSent && noteSent($0, now) }
            flushing = unsent.filter { $0.isTaken && $0.request.deadline != nil }
        }
        while let (context, code) = unsafe multi.nextFinished() {
            // Safe: `transfers` holds the transfer that was set as the handle's context.
            let transfer = unsafe Unmanaged<Transfer>.fromOpaque(context).takeUnretainedValue()
            let outcome = transfer.outcome(code, now: now)
            retire(transfer)
            transfer.resolve(outcome)
        }
        startWaiting()
    }

    private func noteSent(_ transfer: Transfer, _ now: ContinuousClock.Instant) -> Bool {
        transfer.answer.bodySentAt = now
        watch(transfer.expiry.at)
        return true
    }

    /// Takes the transfer out of libcurl, which closes its connection if it has not ended.
    private func retire(_ transfer: Transfer) {
        multi.remove(transfer.easy)
        transfers[ObjectIdentifier(transfer.call)] = nil
        if transfer.answer.bodySentAt == nil {
            unsent.removeAll { $0 === transfer }
            flushing.removeAll { $0 === transfer }
        }
        if idleHandles.count < 64 {
            transfer.easy.reset()
            idleHandles.append(transfer.easy)
        }
    }
}

/// Ending calls before libcurl does.
extension TransferLoop {
    private func end(_ transfer: Transfer, _ code: OutboundError.Code, _ text: String) {
        retire(transfer)
        transfer.resolve(.failure(transfer.failure(code, text)))
    }

    private func endAll(_ code: OutboundError.Code, _ text: String) {
        for transfer in transfers.values { end(transfer, code, text) }
        for (_, continuation) in waiting[firstWaiting...] {
            continuation.resume(returning: .failure(.neverStarted(code, text)))
        }
        waiting = []
        firstWaiting = 0
    }

    private func cancel(_ call: Call) {
        if let transfer = transfers[ObjectIdentifier(call)] {
            end(transfer, .cancelled, "the task was cancelled")
        } else if let index = waiting[firstWaiting...].firstIndex(where: { $0.call === call }) {
            let (_, continuation) = waiting.remove(at: index)
            continuation.resume(returning: .failure(.neverStarted(.cancelled, "the task was cancelled")))
        }
    }

    /// The earliest instant at which an unsent request's deadline passes, as the deadlines stand.
    private var nextDeadline: ContinuousClock.Instant? {
        unsent.lazy.compactMap { $0.request.deadline?.instant }.min()
    }

    /// Ends calls whose time is up, and unsent ones whose deadline for sending has passed.
    private func endOverdue(now: ContinuousClock.Instant) {
        for transfer in unsent where transfer.request.deadline?.hasPassed(at: now) == true {
            end(transfer, .deadlinePassed, "the deadline for sending has passed")
        }
        guard let nextExpiry, nextExpiry <= now else { return }
        self.nextExpiry = nil
        for transfer in transfers.values {
            let (phase, instant) = transfer.expiry
            if instant <= now {
                end(transfer, .timedOut(phase), "the time for \(phase.rawValue) is up")
            } else {
                watch(instant)
            }
        }
        endOverdueWaiting(now: now)
    }

    private func endOverdueWaiting(now: ContinuousClock.Instant) {
        let calls = waiting[firstWaiting...]
        waiting = []
        firstWaiting = 0
        for (call, continuation) in calls {
            let end = call.acceptedAt + call.request.timeouts.total
            if end <= now {
                continuation.resume(returning: .failure(.neverStarted(.timedOut(.total), "no free transfer in time")))
            } else {
                waiting.append((call, continuation))
                watch(end)
            }
        }
        startWaiting()
    }

    /// The end of these requests is in libcurl's buffer, where the body callback no longer sees it.
    private func abortOverdueFlushing() {
        guard !flushing.isEmpty else { return }
        let now = ContinuousClock.now
        for transfer in flushing where transfer.request.deadline?.hasPassed(at: now) == true && !transfer.isSent {
            end(transfer, .deadlinePassed, "the deadline for sending has passed")
        }
    }
}
