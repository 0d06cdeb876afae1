import Directory
import Logging
import Mail
import Outbox
import SES

/// Sends a group of calls as one `SendBulkEmail`. Each keeps its own credit, its own outcome and its own line in the send log:
/// only the request is shared.
struct BulkSender: Sendable {
    let calls: CallSender
    let logger: Logger

    private typealias Item = BulkParts.Item

    /// The group starts when the last of its credits is due. What does not fit into one request goes as several at once, for
    /// the credits of all are waiting.
    func send(_ rides: [BulkRide]) async {
        guard let startsAt = rides.map(\.slot.startsAt).max() else { return }
        await calls.wait(until: startsAt)
        let requests = BulkParts(rides.compactMap(filled)).requests
        guard requests.count > 1 else {
            if let request = requests.first { await send(request) }
            return
        }
        await withDiscardingTaskGroup { group in
            for request in requests { group.addTask { await send(request) } }
        }
    }

    private func send(_ request: [Item]) async {
        if request.count == 1 {
            await calls.send(request[0].ride.slot, content: request[0].ride.content)
        } else {
            await put(request)
        }
    }

    private func filled(_ ride: BulkRide) -> Item? {
        guard let row = ride.slot.call.rows.first, let content = ride.content.filled(for: row) else {
            calls.engine.release(ride.slot.reservation, isProbe: false)
            calls.settle(ride.slot, .failed(detail: "the message's content is gone"))
            return nil
        }
        return Item(ride: ride, content: content)
    }

    private func put(_ group: [Item]) async {
        guard let frame = group.first?.ride.content.frame, let startsAt = await calls.start(group.map(\.ride.slot))
        else {
            return
        }
        let startedAt = ContinuousClock.now
        for _ in group { calls.metrics.started(late: startedAt - startsAt) }
        let answer = await calls.ses.send(request(frame, group))
        let isLesson = learn(from: answer, group)
        calls.tracing?.ended(
            group.map(\.ride.slot.call),
            outcomes: answer.outcomes,
            from: startedAt,
            to: answer.endedAt
        )
        var effects: [Int32: (credits: Int, effect: AccountEffect)] = [:]
        for (item, outcome) in zip(group, answer.outcomes) {
            let slot = item.ride.slot
            var random = SystemRandomNumberGenerator()
            let verdict =
                isLesson
                ? Verdict.unharmed
                : Verdict(
                    of: outcome,
                    attempt: Int(slot.call.rows.first?.attempt ?? 0) + 1,
                    unknownGrace: calls.unknownGrace,
                    terms: slot.terms,
                    using: &random
                )
            let before = effects[slot.shareID] ?? (0, .none)
            effects[slot.shareID] = (before.credits + 1, before.effect.combined(with: verdict.effect))
            calls.metrics.ended(outcome, share: slot.shareID, recipients: 1, after: answer.endedAt - startedAt)
            calls.settle(slot, verdict.result, attempt: calls.attempt(slot, from: startedAt, to: answer.endedAt))
        }
        let usedAt = calls.usedAt(answer.endedAt, bodySentAt: answer.bodySentAt, isAnswered: answer.isAnswered)
        for (share, end) in effects {
            calls.engine.ended(
                share: share,
                credits: end.credits,
                startedAt: startedAt,
                usedAt: usedAt,
                effect: end.effect,
                isProbe: false
            )
        }
    }

    /// Draws the lesson of a request that was refused as a whole; false where there is none, and every entry ends so.
    private func learn(from answer: BulkResult, _ group: [Item]) -> Bool {
        guard let refusal = answer.refusal else { return false }
        let sharing = calls.engine.sharing
        let terms = group.first?.ride.slot.terms ?? .standard
        switch refusal.isSendersOwn(terms) ? .entriesAlone : BulkSharing.lesson(of: refusal) {
        case .none: return false
        case .entriesAlone: sharing.exclude(group.map(\.ride.slot.call.entry))
        case .off:
            if sharing.switchOff() {
                logger.warning(
                    "SES refuses bulk calls; mail goes in single calls for minutes. Does the policy allow ses:SendBulkEmail?",
                    metadata: ["account": "\(calls.account.name)", "error": "\(refusal.message)"]
                )
            }
        }
        return true
    }

    private func request(_ frame: TemplatedContent.Frame, _ group: [Item]) -> BulkCall {
        var shared = TemplateSource(subject: "", text: nil, html: nil)
        var isShared = false
        if case .fixed(let parts) = frame.source {
            (shared, isShared) = (parts, true)
        } else if let first = group.first?.content.source {
            shared.text = first.text.map { _ in "" }
            shared.html = first.html.map { _ in "" }
        }
        let terms = group.first?.ride.slot.terms ?? .standard
        return BulkCall(
            from: frame.from,
            replyTo: frame.replyTo,
            headers: frame.headers,
            shared: shared,
            entries: group.map { item in
                BulkCall.Entry(
                    to: item.ride.slot.call.rows.first?.email ?? "",
                    content: isShared ? nil : item.content.source,
                    tags: CallSender.tags(of: item.ride.slot.call),
                    headers: calls.links.header(of: item.ride.slot.call)?.fields(beside: frame.headers) ?? []
                )
            },
            configurationSet: terms.configurationSet,
            identityARN: terms.identityARN,
            feedbackAddress: terms.feedbackAddress,
            feedbackIdentityARN: terms.feedbackIdentityARN,
            deadline: calls.lease.deadline
        )
    }
}

extension AccountEffect {
    /// What several ends of one call say together: trouble before success.
    func combined(with other: AccountEffect) -> AccountEffect {
        switch (self, other) {
        case (.park, _), (.throttled, .none), (.throttled, .healthy), (.throttled, .throttled), (.healthy, .none),
            (.healthy, .healthy):
            self
        default: other
        }
    }
}
