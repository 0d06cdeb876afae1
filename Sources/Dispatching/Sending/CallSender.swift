import Capacity
import Directory
import Mail
import Outbox
import SES

/// Sends one claimed call and says how it ended: to the engine for the credits, to the settler for the outbox.
struct CallSender: Sendable {
    let account: Account
    let lease: HeldLease
    let ses: SESClient
    let engine: AccountEngine
    let settler: Settler
    let links: UnsubscribeLinks
    let metrics: SendMetrics
    let margin: Duration
    let unknownGrace: Duration
    let origin: ContinuousClock.Instant
    /// Nil: no traces are recorded.
    var tracing: CallTracing?

    /// A call with what was decided about it.
    struct Slot: Sendable {
        let call: ClaimedCall
        let reservation: Reservation
        /// When it may go, as things were when it was claimed.
        let startsAt: ContinuousClock.Instant
        let isProbe: Bool
        let kind: Kind
        /// What SES is told besides the message.
        var terms = SenderTerms.standard

        enum Kind: Equatable, Sendable {
            /// Its credits are reserved.
            case funded
            /// It needs more credits than its share ever holds. None are reserved.
            case oversized(capacity: Int)
            /// Claimed in the place of an oversized one that is gone. None are reserved.
            case unfunded
        }

        var shareID: Int32 { reservation.share }
    }

    func send(_ slot: Slot, content: LoadedContent?) async {
        let call = slot.call
        if let ending = Self.endingWithoutSend(slot, content: content) {
            if slot.kind == .funded {
                engine.release(slot.reservation, isProbe: slot.isProbe)
            } else if slot.isProbe {
                engine.probeFoundNothing()
            }
            settle(slot, ending)
            return
        }
        guard let content else { return }
        await wait(until: slot.startsAt)
        guard let message = content.message(for: call) else {
            engine.release(slot.reservation, isProbe: slot.isProbe)
            settle(slot, .failed(detail: "the message's content is gone"))
            return
        }
        guard let startsAt = await start([slot]) else { return }
        await put(slot, content: message, late: .now - startsAt)
    }

    func wait(until time: ContinuousClock.Instant) async {
        if time > .now { try? await Task.sleep(until: time, tolerance: .zero, clock: .continuous) }
    }

    /// Puts calls that go together on the wire when their turns have come, and returns when these were; or gives the calls
    /// back, and returns nil.
    func start(_ slots: [Slot]) async -> ContinuousClock.Instant? {
        let isProbe = slots.contains(where: \.isProbe)
        var startsAt = slots.map(\.startsAt).max() ?? .now
        while lease.isTrusted, !Task.isCancelled {
            switch engine.start(slots.map(\.reservation), isProbe: isProbe) {
            case .goes: return startsAt
            case .waits(let later):
                startsAt = later
                await wait(until: later)
            case .isRefused:
                for slot in slots { settle(slot, .returned) }
                return nil
            }
        }
        for slot in slots {
            engine.release(slot.reservation, isProbe: slot.isProbe)
            settle(slot, .returned)
        }
        return nil
    }

    /// How a call ends that is not to be sent, or nil.
    private static func endingWithoutSend(_ slot: Slot, content: LoadedContent?) -> Outcome.Result? {
        if slot.call.isSuppressed { return .suppressed }
        switch slot.kind {
        // It may fit without those who turned out to be suppressed.
        case .oversized(let capacity) where slot.call.rows.count <= capacity: return .returned
        case .oversized: return .failed(detail: "more recipients in one call than the share's rate allows")
        case .unfunded: return .returned
        case .funded: break
        }
        if slot.call.isSuperseded { return .superseded }
        if slot.call.isExpired { return .expired }
        guard let content else { return .failed(detail: "the message's content is gone") }
        guard content.isForeign else { return nil }
        return .postponed(
            delay: .seconds(30),
            detail: "the message waits for a node that can read it: of the version, and with the key, that accepted it"
        )
    }

    private func put(_ slot: Slot, content: MessageContent, late: Duration) async {
        let call = slot.call
        let startedAt = ContinuousClock.now
        metrics.started(late: late)
        let answer = await ses.send(request(for: call, terms: slot.terms, content: content))
        var random = SystemRandomNumberGenerator()
        let verdict = Verdict(
            of: answer.outcome,
            attempt: Int(call.rows.first?.attempt ?? 0) + 1,
            unknownGrace: unknownGrace,
            terms: slot.terms,
            using: &random
        )
        engine.ended(
            share: slot.shareID,
            credits: call.rows.count,
            startedAt: startedAt,
            usedAt: usedAt(answer.endedAt, bodySentAt: answer.bodySentAt, isAnswered: answer.isAnswered),
            effect: verdict.effect,
            isProbe: slot.isProbe
        )
        metrics.ended(
            answer.outcome,
            share: slot.shareID,
            recipients: call.rows.count,
            after: answer.endedAt - startedAt
        )
        tracing?.ended([call], outcomes: [answer.outcome], from: startedAt, to: answer.endedAt)
        settle(
            slot,
            verdict.result,
            attempt: attempt(slot, from: startedAt, to: answer.endedAt)
        )
    }

    /// What the send log says of a call.
    func attempt(
        _ slot: Slot,
        from startedAt: ContinuousClock.Instant,
        to endedAt: ContinuousClock.Instant
    ) -> AttemptRecord {
        AttemptRecord(
            accountID: account.id,
            shareID: slot.shareID,
            node: lease.life.node,
            epoch: lease.life.epoch,
            startedAt: nanoseconds(startedAt),
            answeredAt: nanoseconds(endedAt)
        )
    }

    /// By which SES's events name the attempt.
    static func tags(of call: ClaimedCall) -> [SESTag] {
        [SESTag.outboxID(call.entry.text), SESTag.attempt(Int(call.rows.first?.attempt ?? 0) + 1)]
    }

    private func request(for call: ClaimedCall, terms: SenderTerms, content: MessageContent) -> SendCall {
        func addresses(_ kind: RecipientKind) -> [String] { call.rows.filter { $0.kind == kind }.map(\.email) }
        let isAlone = call.rows.count == 1
        return SendCall(
            from: call.sender,
            // A single recipient is the envelope, whatever header it stands in.
            to: isAlone ? call.rows.map(\.email) : addresses(.to),
            cc: isAlone ? [] : addresses(.cc),
            bcc: isAlone ? [] : addresses(.bcc),
            content: links.header(of: call)?.added(to: content) ?? content,
            tags: Self.tags(of: call),
            configurationSet: terms.configurationSet,
            identityARN: terms.identityARN,
            feedbackAddress: terms.feedbackAddress,
            feedbackIdentityARN: terms.feedbackIdentityARN,
            deadline: lease.deadline
        )
    }

    /// The last instant at which SES may have counted a call.
    func usedAt(
        _ endedAt: ContinuousClock.Instant,
        bodySentAt: ContinuousClock.Instant?,
        isAnswered: Bool
    ) -> ContinuousClock.Instant {
        guard isAnswered else { return endedAt + margin }
        switch account.window {
        case .response: return endedAt
        case .egress: return bodySentAt ?? endedAt
        }
    }

    func settle(_ slot: Slot, _ result: Outcome.Result, attempt: AttemptRecord? = nil) {
        settler.settle(Outcome(call: slot.call, result: result, attempt: attempt))
    }

    private func nanoseconds(_ instant: ContinuousClock.Instant) -> Int64 {
        MonotonicTime(instant, since: origin).nanoseconds
    }
}
