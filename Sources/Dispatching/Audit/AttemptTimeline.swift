import Capacity
import Foundation
import Outbox
import Postgres

/// Puts logged attempts on the database's clock, share by share.
struct AttemptTimeline {
    struct ShareLog {
        var attempts: [AuditedAttempt] = []
        var waits: [GuaranteeAudit.Wait] = []
        var answered = 0
        var callTime: Nanoseconds = 0
    }

    /// SES counts a call at most this long after its connection was reset.
    private static let margin: Nanoseconds = 500 * .millisecond

    private struct Life: Hashable {
        let node: String
        let epoch: Int64
    }

    private let maps: [Life: (number: Int32, clock: ClockMap)]
    private let period: Range<Nanoseconds>
    private let countsFrom: Nanoseconds
    /// Whether the window is held at our own socket, where a send is the start of its call.
    private let isEgress: Bool
    private(set) var shares: [Int32: ShareLog] = [:]
    private(set) var attempts = 0
    private(set) var recipients = 0
    private(set) var notVerifiable = 0
    private(set) var clockError: Nanoseconds = 0

    /// - Parameter countsFrom: recipients whose calls began before are not counted.
    init(
        samples: [(node: String, epoch: Int64, sample: ClockMap.Sample)],
        period: Range<Nanoseconds>,
        countsFrom: Nanoseconds,
        isEgress: Bool
    ) {
        let lives = Dictionary(grouping: samples) { Life(node: $0.node, epoch: $0.epoch) }
        var maps: [Life: (number: Int32, clock: ClockMap)] = [:]
        for (life, samples) in lives { maps[life] = (Int32(maps.count), ClockMap(samples.map(\.sample))) }
        self.maps = maps
        self.period = period
        self.countsFrom = countsFrom
        self.isEgress = isEgress
    }

    mutating func add(_ logged: LoggedAttempt) {
        guard let life = maps[Life(node: logged.node, epoch: logged.epoch)],
            let start = life.clock.map(logged.startedAt),
            let end = life.clock.map(logged.answeredAt)
        else {
            attempts += 1
            notVerifiable += 1
            return
        }
        let duration = max(0, logged.answeredAt - logged.startedAt)
        let latest = isEgress ? start.at : start.at + duration + (logged.isUnknown ? Self.margin : 0)
        let error = max(start.error, end.error)
        guard period.contains(start.at) || period.contains(latest) else { return }
        attempts += 1
        // Of what began before the period, its end is in it.
        if start.at >= countsFrom || countsFrom <= period.lowerBound { recipients += logged.recipients }
        clockError = max(clockError, error)
        shares[logged.shareID, default: ShareLog()].add(
            AuditedAttempt(
                earliest: start.at,
                latest: latest,
                error: error,
                recipients: Int32(clamping: logged.recipients),
                life: life.number,
                isCertain: logged.isSent
            ),
            waitedSince: max(period.lowerBound, min(logged.waitedSince ?? start.at, start.at)),
            callTime: logged.isSent ? duration : nil
        )
    }

    /// Mail of a share that still waits.
    mutating func add(waitingSince since: Nanoseconds, of share: Int32) {
        guard since < period.upperBound else { return }
        shares[share, default: ShareLog()].waits.append(
            GuaranteeAudit.Wait(since: max(since, period.lowerBound), until: period.upperBound, recipients: 0)
        )
    }
}

extension AttemptTimeline.ShareLog {
    fileprivate mutating func add(_ attempt: AuditedAttempt, waitedSince since: Nanoseconds, callTime: Nanoseconds?) {
        attempts.append(attempt)
        waits.append(GuaranteeAudit.Wait(since: since, until: attempt.earliest, recipients: attempt.recipients))
        if let callTime {
            answered += 1
            self.callTime += callTime
        }
    }

    var meanCall: Nanoseconds { answered == 0 ? 0 : callTime / Nanoseconds(answered) }
}
