import Mail
import Outbox
import SES

/// Sends a group of calls as one `SendBulkEmail`. Each keeps its own credit, its own outcome and its own line in the send log:
/// only the request is shared.
struct BulkSender: Sendable {
    let calls: CallSender

    private struct Filled {
        let ride: BulkRide
        let content: TemplateSource
    }

    /// The group starts when the last of its credits is due.
    func send(_ rides: [BulkRide]) async {
        guard let startsAt = rides.map(\.slot.startsAt).max() else { return }
        try? await Task.sleep(until: startsAt, tolerance: .zero, clock: .continuous)
        guard calls.lease.isTrusted, !Task.isCancelled else {
            for ride in rides { giveBack(ride, as: .returned) }
            return
        }
        for part in Self.parts(rides.compactMap(filled)) {
            if part.count == 1 {
                await calls.send(part[0].ride.slot, content: part[0].ride.content)
            } else {
                await put(part)
            }
        }
    }

    private func filled(_ ride: BulkRide) -> Filled? {
        guard let row = ride.slot.call.rows.first, let content = ride.content.filled(for: row) else {
            giveBack(ride, as: .failed(detail: "the message's content is gone"))
            return nil
        }
        return Filled(ride: ride, content: content)
    }

    /// Splits what was filled so that each request is small enough for SES, and all of it has the same parts.
    private static func parts(_ filled: [Filled]) -> [[Filled]] {
        var parts: [[Filled]] = []
        var bytes = 0
        for item in filled {
            // What is the same for all goes along once; where even that is too much, each goes alone.
            let whole = BulkCall.size(of: item.content)
            let size = item.ride.content.isFixed && !parts.isEmpty && whole < BulkCall.sharedBytes ? 512 : whole
            let isAlike = parts.last.map { $0[0].content.hasPartsOf(item.content) } ?? false
            if !isAlike || bytes + size > BulkCall.maximumBytes {
                parts.append([])
                bytes = 0
            }
            parts[parts.count - 1].append(item)
            bytes += size
        }
        return parts
    }

    private func giveBack(_ ride: BulkRide, as result: Outcome.Result) {
        calls.engine.release(share: ride.slot.shareID, credits: 1, isProbe: false)
        calls.settle(ride.slot, result)
    }

    private func put(_ group: [Filled]) async {
        let started = group.filter { item in
            let isStarted = calls.engine.start(share: item.ride.slot.shareID, credits: 1, isProbe: false)
            if !isStarted { calls.settle(item.ride.slot, .returned) }
            return isStarted
        }
        guard let first = started.first, let frame = first.ride.content.frame else { return }
        let startedAt = ContinuousClock.now
        for item in started { calls.metrics.started(late: max(.zero, startedAt - item.ride.slot.startsAt)) }
        let answer = await calls.ses.send(request(frame, started))
        var effects: [Int32: (credits: Int, effect: AccountEffect)] = [:]
        for (item, outcome) in zip(started, answer.outcomes) {
            let slot = item.ride.slot
            var random = SystemRandomNumberGenerator()
            let verdict = Verdict(
                of: outcome,
                attempt: Int(slot.call.rows.first?.attempt ?? 0) + 1,
                unknownGrace: calls.unknownGrace,
                using: &random
            )
            let before = effects[slot.shareID] ?? (0, .none)
            effects[slot.shareID] = (before.credits + 1, before.effect.combined(with: verdict.effect))
            calls.metrics.ended(outcome, after: answer.endedAt - startedAt)
            calls.settle(slot, verdict.result, attempt: calls.attempt(slot, from: startedAt, to: answer.endedAt))
        }
        let usedAt = calls.usedAt(answer.endedAt, bodySentAt: answer.bodySentAt, isAnswered: answer.isAnswered)
        for (share, end) in effects {
            calls.engine.ended(share: share, credits: end.credits, usedAt: usedAt, effect: end.effect, isProbe: false)
        }
    }

    private func request(_ frame: TemplatedContent.Frame, _ group: [Filled]) -> BulkCall {
        var shared = TemplateSource(subject: "", text: nil, html: nil)
        var isShared = false
        if case .fixed(let parts) = frame.source {
            (shared, isShared) = (parts, true)
        } else if let first = group.first?.content {
            shared.text = first.text.map { _ in "" }
            shared.html = first.html.map { _ in "" }
        }
        return BulkCall(
            from: frame.from,
            replyTo: frame.replyTo,
            headers: frame.headers,
            shared: shared,
            entries: group.map { item in
                BulkCall.Entry(
                    to: item.ride.slot.call.rows.first?.email ?? "",
                    content: isShared ? nil : item.content,
                    tags: CallSender.tags(of: item.ride.slot.call)
                )
            },
            deadline: calls.lease.deadline
        )
    }
}

extension TemplateSource {
    fileprivate func hasPartsOf(_ other: TemplateSource) -> Bool {
        (text == nil) == (other.text == nil) && (html == nil) == (other.html == nil)
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
