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
    let metrics: SendMetrics
    let margin: Duration
    let unknownGrace: Duration
    let origin: ContinuousClock.Instant

    /// A call with what was decided about it.
    struct Slot: Sendable {
        let call: ClaimedCall
        let shareID: Int32
        let startsAt: ContinuousClock.Instant
        let isProbe: Bool
        /// It needs more credits than its share will ever hold.
        let isOversized: Bool
    }

    func send(_ slot: Slot, content: LoadedContent?) async {
        if slot.isOversized {
            settle(slot, .failed(detail: "more recipients in one call than the share's rate allows"))
            return
        }
        let call = slot.call
        let credits = call.rows.count
        guard let content else {
            engine.release(share: slot.shareID, credits: credits)
            settle(slot, .failed(detail: "the message's content is gone"))
            return
        }
        if call.isExpired {
            engine.release(share: slot.shareID, credits: credits)
            settle(slot, .expired)
            return
        }
        try? await Task.sleep(until: slot.startsAt, tolerance: .zero, clock: .continuous)
        guard lease.isTrusted, !Task.isCancelled else {
            engine.release(share: slot.shareID, credits: credits)
            settle(slot, .returned)
            return
        }
        guard engine.start(share: slot.shareID, credits: credits, isProbe: slot.isProbe) else {
            settle(slot, .returned)
            return
        }
        await put(slot, content: content)
    }

    private func put(_ slot: Slot, content: LoadedContent) async {
        let call = slot.call
        let startedAt = ContinuousClock.now
        let answer = await ses.send(request(for: call, content: content.content))
        var random = SystemRandomNumberGenerator()
        let verdict = Verdict(
            of: answer.outcome,
            attempt: Int(call.rows.first?.attempt ?? 0) + 1,
            unknownGrace: unknownGrace,
            using: &random
        )
        engine.ended(
            share: slot.shareID,
            credits: call.rows.count,
            usedAt: usedAt(answer),
            effect: verdict.effect
        )
        metrics.ended(answer.outcome, after: answer.endedAt - startedAt)
        settle(
            slot,
            verdict.result,
            attempt: AttemptRecord(
                accountID: account.id,
                shareID: slot.shareID,
                startedAt: nanoseconds(startedAt),
                answeredAt: nanoseconds(answer.endedAt)
            )
        )
    }

    private func request(for call: ClaimedCall, content: MessageContent) -> SendCall {
        func addresses(_ kind: RecipientKind) -> [String] { call.rows.filter { $0.kind == kind }.map(\.email) }
        let isAlone = call.rows.count == 1
        return SendCall(
            from: call.sender,
            // A single recipient is the envelope, whatever header it stands in.
            to: isAlone ? call.rows.map(\.email) : addresses(.to),
            cc: isAlone ? [] : addresses(.cc),
            bcc: isAlone ? [] : addresses(.bcc),
            content: content,
            tags: [
                SESTag.outboxID(call.entry.text),
                SESTag.attempt(Int(call.rows.first?.attempt ?? 0) + 1),
            ],
            deadline: lease.deadline
        )
    }

    /// The last instant at which SES may have counted the call.
    private func usedAt(_ answer: SendResult) -> ContinuousClock.Instant {
        guard answer.isAnswered else { return answer.endedAt + margin }
        switch account.window {
        case .response: return answer.endedAt
        case .egress: return answer.bodySentAt ?? answer.endedAt
        }
    }

    private func settle(_ slot: Slot, _ result: Outcome.Result, attempt: AttemptRecord? = nil) {
        settler.settle(Outcome(call: slot.call, result: result, attempt: attempt))
    }

    private func nanoseconds(_ instant: ContinuousClock.Instant) -> Int64 {
        let span = (instant - origin).components
        return span.seconds * 1_000_000_000 + span.attoseconds / 1_000_000_000
    }
}
